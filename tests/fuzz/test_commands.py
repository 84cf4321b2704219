"""Hunts in what the commands are called with: files, options and variables. Whatever it is, one line says what is wrong.

1. Each command is the real one, called in this process: its code, and what it writes.
2. What would begin a flood, a server or a benchmark is not hunted: there, one part of what is given is always wrong.
"""

import contextlib
import io
import itertools
import re
import shlex
import sys

import pytest
from hypothesis import strategies as st

import edge.cli
from bench import compare, cost, growth, regress, scheduling, share, steps
from bench.generators import __main__ as generators
from bench.pages import report
from docs import make, shots
from docs.figures import __main__ as figures
from edge.commands.examples import EXAMPLES
from loadtest import byhand, command, door, tracecommand
from tests import ROOT, torture
from tests.fuzz.corpus import TOML
from tests.fuzz.hunt import hunt
from tests.fuzz.test_config import EXAMPLE, SCENARIOS, edited
from tools import compile as compile_
from tools import plans

ODD = [
    "", " ", "-", "--", "-x", "--help=", "nan", "inf", "-inf", "1e999", "-1", "0", "99999999999999999999", "0x10", "１",
    "a\nb", "a\x1b[31mb", "é", "\udcff", "\u202e", "/dev/null", "/dev/full", "/", "..", "x" * 5_000, "%s", "{}", "~",
]  # fmt: skip
REPR = re.compile(
    r"<class |<[A-Za-z_.]+ object|object at 0x|<[A-Z]\w+\.|\b(PosixPath|Fraction|Decimal|Micros|Millis|Span)\(|"
    r" b'| \['| \{'| \('|Error\("
)
TRACE = re.compile(r"Traceback|File \"|Exception ignored")


@pytest.fixture(autouse=True)
def _begins_nothing(tmp_path):
    """After each hunt: no ledger and no report where it was made, nor in the tree beyond what was there (`make run` leaves its own)."""
    before = _made(ROOT)
    yield
    assert [] == _made(tmp_path)
    assert before == _made(ROOT)


def _made(folder):
    """Return the ledgers and the reports in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.suffix in {".db", ".key", ".html", ".csv"})


def called(run, arguments):
    """Return a command's exit code, and what it wrote to standard output and standard error."""
    out, err, code = io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape"), io.StringIO(), 0
    argv, sys.argv = sys.argv, ["command", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            run()
    except SystemExit as error:
        code = error.code or 0
    finally:
        sys.argv = argv
    out.flush()
    return code, out.buffer.getvalue().decode("utf-8", "replace"), err.getvalue()


def complains_well(run, arguments, codes):
    """Call a command: its exit code is documented, and what it complains of is one readable line."""
    code, _, err = called(run, arguments)
    lines = err.splitlines()

    assert code in codes, (arguments, code, err)
    assert not TRACE.search(err), err
    assert "standard output" not in err, (arguments, err)
    if not re.search(r"['\"(\[{]", "".join(arguments)):  # which may look like anything
        assert code == 0 or REPR.search(err) is None, err
    if code == 2:
        assert 1 == len(lines), (arguments, err)
        assert lines[0].isprintable(), repr(lines[0])
    return code, lines


def example(word, file):
    """Return the example that a command's help ends with, of a file: so a command has one, or is missing here."""
    return [str(file) if part == "edge.toml" else part for part in shlex.split(EXAMPLES[word])[1:]]


def antirelou():
    """Run the worker's commands."""
    edge.cli.main()


def trace():
    """Run the command that writes a flood as a trace."""
    door.run(tracecommand.main, "loadtest trace")


def flood():
    """Run the harness's command."""
    door.run(command.main, "loadtest")


def by_hand():
    """Run what serves by hand."""
    door.run(byhand.main, "loadtest.byhand")


def options_of(*commands):
    """Return what some commands of click's call their options."""
    return sorted({name for each in commands for parameter in each.params for name in parameter.opts if name[0] == "-"})


COMMANDS = sorted(set(edge.cli.cli.commands) - {"demo"})
"""All but the one that needs no file, and would begin a worker."""
BEGIN = {"serve", "create-ledger", "doctor"}
"""Those that, where a file holds, begin a worker or a ledger, or go out."""
WORDS = [
    *COMMANDS,
    *options_of(*(edge.cli.cli.commands[name] for name in COMMANDS)),
    *("--version", "-h", "+33639980001", "detach", "2026-11-01", "1h", "nowhere.toml"),
    *ODD,
]
OPTIONS = [
    *options_of(command.main, tracecommand.main, byhand.main),
    "-u",
    "--users",
    "--host",
    "--help",
    "raid",
    "riad",
]
WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
"""What a shell can pass on."""
WRONG = ["--config-file", "nowhere.toml"]


def test_the_workers_commands_complain_on_one_line(tmp_path, monkeypatch):
    """Words in any order: exit 0, 1 or 2."""
    monkeypatch.chdir(tmp_path)
    words = st.lists(st.sampled_from(WORDS) | WORD, max_size=5)

    def check(arguments):
        complains_well(antirelou, arguments, {0, 1, 2})

    assert len(WORDS) < hunt(
        check,
        words,
        [[word] for word in WORDS] + [[command, word] for command in ("check", "simulate") for word in WORDS],
    )


def test_the_harness_complains_on_one_line(tmp_path, monkeypatch):
    """Options in any order, with a file that is not there: exit 0 (help) or 2."""
    monkeypatch.chdir(tmp_path)
    words = st.lists(st.sampled_from(OPTIONS + ODD) | WORD, max_size=6)
    pairs = [[option, odd] for option, odd in itertools.product(OPTIONS, ODD)]

    def check(arguments):
        complains_well(flood, [*arguments, *WRONG], {0, 2})
        complains_well(by_hand, arguments, {0, 2})
        complains_well(trace, [*arguments, *WRONG], {0, 2})

    assert len(pairs) < hunt(check, words, pairs)


@pytest.mark.parametrize(
    "module",
    [
        share,
        compare,
        cost,
        growth,
        scheduling,
        steps,
        regress,
        generators,
        report,
        make,
        shots,
        figures,
        plans,
        compile_,
        torture,
    ],
    ids=lambda module: module.__name__,
)
def test_what_measures_and_makes_complains_on_one_line(module, tmp_path, monkeypatch):
    """Options that are none: exit 0 (help) or 2."""
    monkeypatch.chdir(tmp_path)
    words = st.lists(st.sampled_from(["--rounds", "--seconds", "--out", "--base", "-h", *ODD]) | WORD, max_size=4)

    def check(arguments):
        complains_well(lambda: sys.exit(module.main([*arguments, "--no-such-option"])), arguments, {0, 2})

    assert len(ODD) < hunt(check, words, [[odd] for odd in ODD])


@pytest.mark.parametrize("place", ["file", "scenario"])
def test_what_stands_in_a_file_is_complained_of_on_one_line(place, tmp_path, monkeypatch):
    """Any static file under the worker's commands and the harness's, any scenario: a line that begins with what to look at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    file = tmp_path / f"{place}.toml"
    files = edited([EXAMPLE] if place == "file" else SCENARIOS) | st.binary(max_size=40)

    def check(content):
        file.write_bytes(content)
        if place == "file":
            for word in sorted(set(COMMANDS) - BEGIN):
                complains_well(antirelou, example(word, file), {0, 1, 2})
            complains_well(flood, ["riad", "--config-file", str(file)], {2})
        else:
            _, lines = complains_well(flood, [str(file), *WRONG], {2})
            assert lines[0].startswith(("loadtest: scenario: ", "loadtest: nowhere.toml: ", f"loadtest: {file}: ")), (
                lines
            )

    assert len(TOML) < hunt(check, files, TOML)


def test_variables_are_complained_of_on_one_line(tmp_path, monkeypatch):
    """Whatever stands in the variable that a file names, and in those that the commands might read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edge.toml").write_text(EXAMPLE)
    odd = [value for value in ODD if "\0" not in value and "\udcff" not in value]

    def check(value):
        for name in ("TWILIO_AUTH_TOKEN", "COLUMNS", "LANG", "LOCUST_HOST", "NO_COLOR", "PYTHONIOENCODING"):
            monkeypatch.setenv(name, value)
        for arguments in (["check", "edge.toml"], ["status", "edge.toml"]):
            complains_well(antirelou, arguments, {0, 1, 2})
        complains_well(flood, ["riad"], {2})

    assert len(odd) < hunt(check, st.sampled_from(odd), odd)
