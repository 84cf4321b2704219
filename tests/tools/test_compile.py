"""What compiles the C of the worker: with a compiler and without, as it is told."""

import os
import subprocess
import sys

import pytest

from tests import ROOT
from tests.needs import need
from tools.compile import main

COMPILED = {"onepass.abi3.so", "rows.abi3.so"}


def leave_behind(folder):
    """Make files as an earlier run does."""
    for name in COMPILED:
        (folder / name).touch()


@pytest.fixture
def run(tmp_path):
    """Return what compiles into an empty folder: its exit code, both outputs, and whether something lies there then."""

    def run(**variables):
        environ = {name: value for name, value in os.environ.items() if name not in {"CC", "ANTIRELOU_COMPILE"}}
        done = subprocess.run(
            [sys.executable, ROOT / "tools" / "compile.py", tmp_path],
            env=environ | variables, capture_output=True, text=True, check=False,
        )  # fmt: skip
        found = {path.name for path in tmp_path.iterdir()}
        assert found in (COMPILED, set())
        return done.returncode, done.stdout, done.stderr, bool(found)

    return run


def test_it_compiles_where_it_can(run, tmp_path):
    """What it makes can be loaded by this Python."""
    need("a C compiler")

    assert (0, "forms and tables are read by what was compiled\n", "", True) == run()
    loaded = "from onepass import read; from rows import see; print(read(b'a=%31', (b'a',)), see(bytearray(64), bytes(7) + b'2'))"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "(b'a1', (b'1',)) False\n" == done.stdout


def test_where_it_cannot_it_says_so_and_nothing_is_amiss(run, tmp_path):
    """Without a compiler there is one line; what was compiled before, of another source, is gone."""
    leave_behind(tmp_path)

    assert (0, "forms and tables are read in Python: CC=no-such-compiler is no program\n", "", False) == run(
        CC="no-such-compiler"
    )


def test_a_compiler_that_fails_is_told_by_what_it_says(run, tmp_path):
    """The line holds the compiler's first complaint."""
    need("a C compiler")
    compiler = tmp_path.parent / f"{tmp_path.name}-cc"
    compiler.write_text("#!/bin/sh\necho 'a note' >&2; echo 'x.c:1: error: too bad' >&2; exit 1\n")
    compiler.chmod(0o755)

    line = f"forms and tables are read in Python: {compiler} failed: x.c:1: error: too bad\n"
    assert (0, line, "", False) == run(CC=str(compiler))


def test_it_does_not_try_if_it_is_told_not_to(run, tmp_path):
    """`no` leaves it out, with a compiler or without."""
    leave_behind(tmp_path)

    line = "forms and tables are read in Python: ANTIRELOU_COMPILE is no\n"
    assert (0, line, "", False) == run(ANTIRELOU_COMPILE="no")


def test_it_fails_where_it_has_to_compile_and_cannot(run):
    """`yes` makes a failure of what would be left out."""
    line = "ANTIRELOU_COMPILE is yes, but nothing can be compiled: CC=no-such-compiler is no program\n"

    assert (1, "", line, False) == run(ANTIRELOU_COMPILE="yes", CC="no-such-compiler")


def test_it_takes_no_other_word(run):
    """One line says what would be right."""
    line = "ANTIRELOU_COMPILE: 'maybe' is neither yes nor no; leave it out to compile where it is possible\n"

    assert (1, "", line, False) == run(ANTIRELOU_COMPILE="maybe")


@pytest.mark.parametrize("arguments", [["--nonsense"], ["nowhere"], [".", "."], ["x" * 5_000], [""]])
def test_a_folder_that_is_none_is_said(arguments, capsys):
    """Before anything is compiled, on one line, with exit 2."""
    assert 2 == main(arguments)
    assert capsys.readouterr().err.endswith("write a folder that is there, or nothing\n")
