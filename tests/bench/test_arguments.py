"""Facts about what a benchmark's command is called with: it begins nothing that nobody asked for."""

import importlib

import pytest


@pytest.mark.parametrize("module", ["bench.__main__", "bench.generators.__main__", "bench.pages.history"])
def test_a_word_that_means_nothing_is_refused_before_anything_is_measured(module, capsys):
    """Exit 2 and one line, as `--help` is help: the whole suite takes an hour."""
    main = importlib.import_module(module).main
    for arguments, code in (["1.0", "--nosuch"], 2), (["--help"], 0):
        with pytest.raises(SystemExit) as ended:
            main(arguments)

        assert code == ended.value.code
    assert 1 == len(capsys.readouterr().err.splitlines())
