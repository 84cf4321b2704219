"""The wheel, as it is built from this tree: what whoever installs it gets."""

import shutil
import sysconfig
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.tags import Tag, sys_tags

from tests.needs import need

ROOT = Path(__file__).parent.parent


def built(folder):
    """Return the wheel of this tree."""
    [wheel] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(wheel)


def contents(wheel):
    """Return the names of all that is in a wheel but what describes it, and the lines that say what it is for."""
    with zipfile.ZipFile(wheel) as archive:
        [about] = [name for name in archive.namelist() if name.endswith(".dist-info/WHEEL")]
        return {name for name in archive.namelist() if ".dist-info/" not in name}, archive.read(about).decode().split(
            "\n"
        )


def test_whatever_lies_in_the_packages_is_in_the_wheel(tmp_path, monkeypatch):
    """Modules, the marker that they are typed, pages, scripts and scenarios; and the example as the demo looks for it."""
    monkeypatch.setenv("ANTIRELOU_COMPILE", "no")
    files = {
        str(path.relative_to(ROOT))
        for package in ("edge", "loadtest")
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
    }

    wheel = built(tmp_path)
    packed, about = contents(wheel)

    assert files | {"edge/example.toml"} == packed
    assert {"edge/py.typed", "loadtest/py.typed"} <= packed
    assert wheel.name.endswith("-py3-none-any.whl")
    assert "Tag: py3-none-any" in about


def test_a_compiled_wheel_is_for_this_kind_of_machine_and_every_python(tmp_path, monkeypatch):
    """It holds what was compiled for it, and pip takes it from Python 3.11 on, where it can be loaded."""
    need("a C compiler")
    monkeypatch.setenv("ANTIRELOU_COMPILE", "yes")
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")

    wheel = built(tmp_path)
    packed, about = contents(wheel)

    assert {"edge/compiled/onepass.abi3.so", "edge/compiled/rows.abi3.so"} <= packed
    assert wheel.name.endswith(f"-cp311-abi3-{platform}.whl")
    assert {f"Tag: cp311-abi3-{platform}", "Root-Is-Purelib: false"} <= set(about)
    assert Tag("cp311", "abi3", platform) in set(sys_tags())


def test_a_wheel_that_has_to_be_compiled_and_cannot_be_is_none(tmp_path, monkeypatch, capsys):
    """The build ends with a line that says why."""
    monkeypatch.setenv("ANTIRELOU_COMPILE", "yes")
    monkeypatch.setenv("CC", "no-such-compiler")

    with pytest.raises(SystemExit):
        built(tmp_path)

    assert "nothing can be compiled: CC=no-such-compiler is no program" in capsys.readouterr().err


def test_an_editable_install_compiles_into_the_tree(tmp_path, monkeypatch):
    """What `make` installs for whoever works here is compiled where it is read."""
    need("a C compiler")
    monkeypatch.setenv("ANTIRELOU_COMPILE", "yes")
    for name in ("edge", "loadtest", "tools", "LICENSE", "README.md", "pyproject.toml", "edge.toml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    compiled = tmp_path / "edge" / "compiled" / "onepass.abi3.so"
    compiled.unlink(missing_ok=True)

    [wheel] = WheelBuilder(str(tmp_path)).build(directory=str(tmp_path / "dist"), versions=["editable"])

    assert compiled.exists()
    assert wheel.endswith("-py3-none-any.whl")
