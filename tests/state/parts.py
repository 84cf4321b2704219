"""What the tests of a machine's state share."""

from pathlib import Path


def names(folder: Path) -> list[str]:
    """Return what is in a folder."""
    return sorted(path.name for path in folder.iterdir())
