"""Facts about what a benchmark's command is called with: it begins nothing that nobody asked for."""

import argparse
import importlib

import pytest

from bench.arguments import at_least_one, seconds


@pytest.mark.parametrize("module", ["bench.__main__", "bench.generators.__main__", "bench.pages.history"])
def test_a_word_that_means_nothing_is_refused_before_anything_is_measured(module, capsys):
    """Exit 2 and one line, as `--help` is help: the whole suite takes an hour."""
    main = importlib.import_module(module).main
    for arguments, code in (["1.0", "--nosuch"], 2), (["--help"], 0):
        with pytest.raises(SystemExit) as ended:
            main(arguments)

        assert code == ended.value.code
    assert 1 == len(capsys.readouterr().err.splitlines())


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "nan", "", "\uff11", "9" * 5_000])
def test_a_count_is_a_whole_number_from_1_on(value):
    """Nothing would be measured, or for ever."""
    with pytest.raises(argparse.ArgumentTypeError, match="write a whole number from 1 on"):
        at_least_one(value)
    assert (1, 200_000) == (at_least_one("1"), at_least_one("200000"))


@pytest.mark.parametrize("module", ["share", "compare", "cost", "growth", "scheduling", "regress"])
def test_no_seconds_are_refused_before_anything_is_measured(module, capsys):
    """In one line."""
    with pytest.raises(SystemExit):
        importlib.import_module(f"bench.{module}").main(["--seconds=0", "--no-such-option"])

    assert "argument --seconds: found '0'; write a whole number from 1 on\n" in capsys.readouterr().err


@pytest.mark.parametrize("module", ["share", "compare", "cost", "growth", "steps"])
def test_where_a_result_cannot_go_is_said_before_anything_is_measured(module, tmp_path, capsys):
    """An hour of measuring would be lost. What can be written is left as it was."""
    main = importlib.import_module(f"bench.{module}").main
    kept = tmp_path / "kept.json"
    kept.write_text("{}")
    for out, said in {
        kept / "x.json": "cannot be written: ",
        tmp_path: "cannot be written: Is a directory",
        "a\0b": "cannot be written: embedded null byte",
        kept: "unrecognized arguments",
        tmp_path / "new.json": "unrecognized arguments",
    }.items():
        with pytest.raises(SystemExit):
            main([f"--out={out}", "--no-such-option"])
        assert said in capsys.readouterr().err

    assert (["kept.json"], "{}") == ([path.name for path in tmp_path.iterdir()], kept.read_text())


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "1e3", "", ".", "\uff11"])
def test_a_step_takes_some_time(value):
    """Part of a second will do."""
    with pytest.raises(argparse.ArgumentTypeError, match=r"write seconds above zero, such as 0\.5"):
        seconds(value)
    assert (0.05, 2.0) == (seconds("0.05"), seconds("2"))


def test_an_unknown_workload_is_refused(capsys):
    """With those that there are."""
    with pytest.raises(SystemExit):
        importlib.import_module("bench.compare").main(["--workloads", "refused", "nonsense"])

    assert "--workloads: write one or more of refused" in capsys.readouterr().err
