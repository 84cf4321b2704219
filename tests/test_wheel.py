"""The wheel, as it is built from this tree: what whoever installs it gets."""

import zipfile
from pathlib import Path

from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).parent.parent


def test_whatever_lies_in_the_packages_is_in_the_wheel(tmp_path):
    """Modules, the marker that they are typed, pages, scripts and scenarios; and the example as the demo looks for it."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    files = {
        str(path.relative_to(ROOT))
        for package in ("edge", "loadtest")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert files | {"edge/example.toml"} == packed
    assert {"edge/py.typed", "loadtest/py.typed"} <= packed
