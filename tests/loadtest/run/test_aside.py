"""Watching a flood costs it nothing: pages are made beside it."""

import os
import time

import gevent
import pytest

from loadtest.run.aside import aside
from loadtest.run.livepage import LivePage
from tests.loadtest.floods import config_of, judged, people
from tests.loadtest.paperworker import PaperWorker

LONG = "é" * 1_000_000


def test_what_is_worked_out_comes_back():
    """Of any length and in any letters."""
    assert [LONG, "", "x"] == [aside(lambda text=text: text) for text in (LONG, "", "x")]


def test_it_is_another_process_and_changes_nothing_here():
    """Only the text comes back."""
    changed = []
    pid = aside(lambda: changed.append(1) or str(os.getpid()))

    assert [] == changed
    assert os.getpid() != int(pid)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_fails_comes_back_empty():
    """And ends there."""
    assert "" == aside(lambda: str(1 / 0))


def test_others_go_on_meanwhile():
    """However long it takes: a greenlet beside it is not held up."""
    turns = 0

    def turn():
        nonlocal turns
        while True:
            turns += 1
            gevent.sleep(0.001)

    def work():
        until_s = time.process_time() + 0.3
        while time.process_time() < until_s:
            pass
        return "done"

    beside = gevent.spawn(turn)
    assert "done" == aside(work)
    beside.kill()
    assert turns > 20


@pytest.mark.parametrize("playing", [True, False])
def test_a_page_is_made_beside_a_flood_that_plays(playing):
    """Not in the process that plays it; once it has ended, here."""
    judgement, here = judged(PaperWorker(config_of()), people(5)), []
    live = LivePage(lambda: here.append(1) or judgement, lambda: playing, lambda: "")

    text = live().get_data(as_text=True)

    assert ([] if playing else [1], True) == (here, "flood-report" in text)
