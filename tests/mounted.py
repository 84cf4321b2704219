"""File systems of a test's own: small ones that are full soon, and ones that are turned read-only."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.needs import AS_ROOT, need


@contextmanager
def small(folder: Path, *, kib: int) -> Iterator[Path]:
    """Mount a file system of so many KiB on a folder, which is made. Skips the test where that is not allowed."""
    need("mount")
    folder.mkdir()
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", f"size={kib}k", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*AS_ROOT, "umount", folder], check=True)


def turn_read_only(folder: Path) -> None:
    """Let nothing more be written to a mounted file system."""
    subprocess.run([*AS_ROOT, "mount", "-o", "remount,ro", folder], check=True)


def fill(folder: Path, *, but_kib: int = 0) -> Path:
    """Fill a file system but for so many KiB, and return the file that does."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            file.truncate(max(0, file.tell() - but_kib * 1024))
    return ballast
