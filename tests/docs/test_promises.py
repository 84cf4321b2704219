"""Facts about docs/reference/promises.md: every promise has a test that shows it, and the page names the tests that there are."""

import re

import pytest

from tests import torture
from tests.torture import PAGE, PROMISES, Book, declared, examples, rounds

TEXT = PAGE.read_text(encoding="utf-8")


def test_every_promise_is_shown():
    """No promise of the design is without a test that says so."""
    assert set(PROMISES) == set().union(*declared().values())


def test_the_page_names_the_tests_that_show_something():
    """Every test in the table exists and shows what the table says; every test that shows something is in the table."""
    rows = re.findall(r"^\| `(tests/[\w/.:]+)` \| ([P\d ]+) \|", TEXT, re.MULTILINE)

    assert declared() == {test: set(shown.split()) for test, shown in rows}


def test_the_page_lists_the_promises_and_what_came_of_them():
    """Each promise has a row, and was kept when the page was written."""
    rows = dict(re.findall(r"^\| (P\d+) \| .* \| ([^|]+) \|$", TEXT, re.MULTILINE))

    assert list(PROMISES) == list(rows)
    assert {"kept"} == {result.partition(";")[0] for result in rows.values()}


def test_what_did_not_run_is_not_kept():
    """A promise one of whose tests has not run, or has failed, is not called kept."""
    book = Book()
    one, *_ = (test for test, promises in book.declared.items() if "P5" in promises)
    unseen = book.of("P5").cells
    book.entries[one].failed = True

    assert unseen.endswith("**not run**")
    assert book.of("P5").cells.endswith("**broken**")


def test_torture_means_more_rounds(monkeypatch):
    """A few rounds in the tests, many when tortured."""
    monkeypatch.delenv("TORTURE", raising=False)
    few = rounds(1, many=9)
    monkeypatch.setenv("TORTURE", "1")

    assert (1, 9) == (few, rounds(1, many=9))


def test_a_state_machine_runs_as_many_examples_as_are_asked_for(monkeypatch):
    """A few in the tests; a thousand when tortured, or what EXAMPLES says."""
    monkeypatch.delenv("TORTURE", raising=False)
    monkeypatch.delenv("EXAMPLES", raising=False)
    few = examples(1)
    monkeypatch.setenv("TORTURE", "1")
    many = examples(1)
    monkeypatch.setenv("EXAMPLES", "10000")

    assert (1, 1_000, 10_000) == (few, many, examples(1))


@pytest.mark.parametrize("wrong", ["", "0", "-1", "ten", "1e4", "12345678"])
def test_no_number_of_examples_is_said(wrong, monkeypatch, capsys):
    """One line says what is wrong and what would be right, and nothing is run."""
    monkeypatch.setenv("TORTURE", "")  # main sets it; what it was comes back
    monkeypatch.setenv("EXAMPLES", wrong)

    assert (2, 1) == (torture.main(), capsys.readouterr().err.count("EXAMPLES: found"))
