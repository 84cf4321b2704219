"""The door of the worker's commands: standard output that takes nothing, an interruption at any time, no command at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import edge.cli
from edge.__main__ import main
from tests import ROOT
from tests.fuzz.test_commands import called

FULL = "standard output cannot be written: No space left on device\n"
ENVIRON = os.environ | {"PYTHONPATH": str(ROOT)}


def ended(module, *arguments):
    """Return exit code and complaint of a command whose standard output is full."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT, env=ENVIRON, timeout=60,
        )  # fmt: skip
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("module", "name", "arguments"),
    [
        ("edge", "antirelou", ["check", "edge.toml"]),
        ("edge", "antirelou", ["--help"]),
        ("loadtest", "loadtest", ["--help"]),
        ("loadtest.byhand", "loadtest.byhand", ["--help"]),
    ],
)
def test_a_full_standard_output_is_said_on_one_line(module, name, arguments):
    """Exit 2, and nothing of the interpreter's own."""
    assert (2, f"{name}: {FULL}") == ended(module, *arguments)


@pytest.mark.parametrize("module", ["edge", "loadtest"])
def test_a_reader_that_goes_is_no_promise_that_does_not_hold(module):
    """`| head -1` is met with silence, and not with the exit code of a check that failed."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "w") as gone:
        done = subprocess.run(
            [sys.executable, "-m", module, "--help"],
            stdout=gone, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT, env=ENVIRON, timeout=60,
        )  # fmt: skip

    assert (2, "") == (done.returncode, done.stderr)


def test_without_a_command_the_commands_are_named():
    """On one line, as any other mistake."""
    code, _, said = called(edge.cli.main, [])

    assert (2, True, 1) == (code, said.startswith("antirelou: write a command: init, check, "), len(said.splitlines()))


@pytest.mark.parametrize("module", ["edge", "loadtest"])
def test_an_interruption_before_the_command_is_there_is_said_on_one_line(module):
    """Loading it takes a moment; exit 2."""
    code = f"import os, runpy, signal, sys; sys.argv = ['x', '-h']; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "class Stop:\n    def find_spec(self, name, *_):\n        if name == 'click': os.kill(os.getpid(), signal.SIGINT)\n"
    code += f"sys.meta_path.insert(0, Stop()); runpy.run_module({module!r}, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRON, timeout=60
    )

    assert (2, "stopped\n") == (done.returncode, done.stderr.partition(": ")[2])


def test_the_program_is_its_commands(monkeypatch):
    """What is installed and what `python -m edge` runs are one, and an interruption of it is said."""

    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr(edge.cli, "main", interrupted)

    assert (2, "", "antirelou: stopped\n") == called(main, [])


def test_a_file_without_end_is_not_read_to_its_end():
    """A device that never ends is no static file."""
    code, _, said = called(edge.cli.main, ["check", "/dev/zero"])

    assert (2, True) == (code, "/dev/zero: cannot be read: longer than 1,000,000 bytes" in said)
