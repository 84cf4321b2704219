"""Facts about the Makefile's first step, from a clone to an environment that works: tried on a made-up project, without a network.

Its lock has the trap of pip before 23.3: `user` asks for `base[extra]`, `base` is locked, and the index has a newer one.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests import ROOT

BACKEND = """
import zipfile

def build_editable(folder, config_settings=None, metadata_directory=None):
    with zipfile.ZipFile(f"{folder}/made_up-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("made_up-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: made-up\\nVersion: 1\\nRequires-Dist: user\\n")
        wheel.writestr("made_up-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: tests\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("made_up-1.dist-info/RECORD", "")
    return "made_up-1-py3-none-any.whl"
"""
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "made-up"
version = "1"
"""


def wheel(folder, name, version, *metadata):
    """Write an empty package, and return its line in a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    files = {
        "METADATA": "\n".join(["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]),
        "WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name}-{version}.dist-info/RECORD,,"]
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            inside = f"{name}-{version}.dist-info/{file}"
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            archive.writestr(inside, text)
            record.append(f"{inside},sha256={digest},{len(text)}")
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "\n".join([*record, ""]))
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class Clone:
    """The made-up project, with this repository's Makefile."""

    def __init__(self, folder):
        self.folder, self.venv = folder, folder / ".venv"
        self.index = folder / "index"
        for path in (self.index, folder / "requirements"):
            path.mkdir()
        shutil.copy(ROOT / "Makefile", folder)
        (folder / "pyproject.toml").write_text(PROJECT)
        (folder / "backend.py").write_text(BACKEND)
        base = wheel(self.index, "base", "1", "Provides-Extra: extra")
        wheel(self.index, "base", "2", "Provides-Extra: extra")
        user = wheel(self.index, "user", "1", "Requires-Dist: base[extra]")
        (folder / "requirements" / "dev.txt").write_text(base + user)

    def make(self, **environ):
        """Make the environment, and return how that ended."""
        made = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "MAKE", "COVERAGE"))}
        return subprocess.run(
            ["make", f"PYTHON={sys.executable}", ".venv/dev"],
            cwd=self.folder, capture_output=True, text=True, check=False,
            env=made | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index), "PIP_CONFIG_FILE": os.devnull} | environ,
        )  # fmt: skip

    def installed(self):
        """Return what is in the environment beside pip and what comes with it."""
        listed = subprocess.run(
            [self.venv / "bin" / "python", "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        return [line for line in listed.splitlines() if not line.startswith(("pip=", "setuptools=", "-e ", "made-up="))]


@pytest.fixture
def clone(tmp_path):
    """Return a fresh clone."""
    return Clone(tmp_path)


def test_a_lock_that_is_not_complete_is_refused(clone):
    """A package that another one needs and the lock has not is said by name; with a whole lock all is made anew."""
    lock = clone.folder / "requirements" / "dev.txt"
    whole = lock.read_text()
    lock.write_text("".join(line for line in whole.splitlines(keepends=True) if line.startswith("user")))
    refused = clone.make()
    (clone.venv / "left-over").touch()
    lock.write_text(whole)
    made = clone.make()

    assert 2 == refused.returncode
    assert "user 1 requires base, which is not installed" in refused.stdout + refused.stderr
    assert (0, ["base==1", "user==1"]) == (made.returncode, clone.installed()), made.stderr
    assert not (clone.venv / "left-over").exists()


def without_pip(venv):
    """As ensurepip leaves it where it is missing."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)


def with_a_python_that_is_gone(venv):
    """As an upgrade of the system leaves it."""
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to("/usr/bin/python3.0")


@pytest.mark.parametrize("half_made", [without_pip, with_a_python_that_is_gone])
def test_a_half_made_environment_is_made_anew(clone, half_made):
    """What was there goes; with the pip that comes with this Python, what is locked is installed, and nothing newer."""
    half_made(clone.venv)
    (clone.venv / "left-over").touch()
    made = clone.make()

    assert 0 == made.returncode, made.stdout + made.stderr
    assert ["base==1", "user==1"] == clone.installed()
    assert not (clone.venv / "left-over").exists()


def test_without_what_makes_environments_nothing_is_begun(clone):
    """Debian's Python without python3-venv: one line says what to install, and nothing is left."""
    (clone.folder / "ensurepip.py").write_text('raise ModuleNotFoundError("as on Debian")\n')
    made = clone.make(PYTHONPATH=str(clone.folder))

    assert f"make: {sys.executable} cannot make a virtual environment; install python3-venv " in made.stderr
    assert "Traceback" not in made.stderr
    assert not clone.venv.exists()


@pytest.mark.parametrize(("extra", "file"), [("valkey", "run"), ("demo", "demo"), ("dev", "dev")])
def test_each_lock_has_what_is_asked_for(extra, file):
    """Every package that pyproject.toml asks for stands in the lock, and every one of the lock has hashes."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    def asked(names):
        for name in names:
            package, inside = re.fullmatch(r"([\w-]+)(?:\[([\w,]+)\])?.*", name).groups()
            if package == "antirelou":
                yield from (found for inner in inside.split(",") for found in asked(extras[inner]))
            else:
                yield package.lower()

    lock = (ROOT / "requirements" / f"{file}.txt").read_text()
    locked = set(re.findall(r"^([\w.-]+)==", lock, re.MULTILINE))

    assert set() == set(asked([*project["dependencies"], *extras[extra]])) - locked
    assert len(locked) <= len(re.findall(r"==[^\n]*\\\n\s+--hash=", lock))


def test_a_lock_takes_no_release_that_is_younger_than_a_week():
    """One that was taken over is mostly found out sooner (`make -n` prints what would be run)."""
    commands = subprocess.run(["make", "-n", "lock"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert 3 == commands.count("uv pip compile ") == commands.count('--exclude-newer "7 days"')


@pytest.mark.parametrize(("target", "counts"), [("test", False), ("coverage", True)])
def test_one_file_of_tests_can_be_green_alone(target, counts):
    """Lines are counted where everything runs, and nowhere else."""
    dry = subprocess.run(
        ["make", "-n", target, "TEST=tests/test_units.py"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]["addopts"]

    assert (True, counts) == ("pytest tests/test_units.py" in dry, "--cov" in dry)
    assert "--cov" not in options


@pytest.fixture(name="make")
def _make(tmp_path):
    """Return what runs make in a folder where the environment was made, and has no program."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("requirements/dev.txt", "pyproject.toml", ".venv/dev"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    def make(*arguments):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        done = subprocess.run(
            ["make", *arguments], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    return make


@pytest.mark.parametrize("target", ["test", "coverage"])
@pytest.mark.parametrize("jobs", ["x", "-1", "3x", ""])
def test_a_number_of_jobs_that_is_none_is_said(make, target, jobs):
    """By the name that was written, and before pytest would name its own."""
    code, said = make(target, f"JOBS={jobs}")

    assert 2 == code
    assert said.startswith(f"make: JOBS: found '{jobs}'; write how many tests run at once, such as 3, or auto\n")


@pytest.mark.parametrize("seconds", ["x", "-1", "nan", ""])
def test_seconds_that_are_none_are_said(make, seconds):
    """Before a hunt is begun."""
    code, said = make("fuzz", f"FUZZ_SECONDS={seconds}")

    assert 2 == code
    assert said.startswith(f"make: FUZZ_SECONDS: found '{seconds}'; write how many seconds each target is hunted")


@pytest.mark.parametrize("jobs", ["3", "0", "auto"])
def test_a_number_of_jobs_is_passed_on(make, jobs):
    """To pytest, which is not there."""
    assert "JOBS" not in make("test", f"JOBS={jobs}")[1]


def test_a_clean_tree_has_what_nobody_can_build(make, tmp_path):
    """All that was built and measured is gone; a ledger, its key, its sums and the C are there."""
    built = ["edge/compiled/onepass.abi3.so", "edge/compiled/__pycache__/x.pyc", ".import_linter_cache/x", "var/flood-raid.html", "dist/x.whl", ".coverage.1"]  # fmt: skip
    kept = ["edge/compiled/onepass.c", "antirelou.db", "antirelou.db.key", "antirelou-01234567-sums-1"]
    for name in (*built, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()

    assert (0, "") == make("clean")
    assert {*kept, "Makefile", "pyproject.toml", "requirements/dev.txt"} == {
        str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()
    }
