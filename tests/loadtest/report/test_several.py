"""Facts about the verdict on several seeds: there is one, whoever shows it."""

import json
from xml.etree import ElementTree as ET

import pytest

from loadtest.report.markdown import trial_summary
from loadtest.report.page import trial_page
from loadtest.report.several import trial_json, trial_junit, trial_table
from tests.loadtest.report.test_page import read
from tests.loadtest.trials import shares, trial_of

ASKED = [("0.7", "kept", 0), ("0.84", "inconclusive", 4), ("0.99", "broken", 3)]


@pytest.mark.parametrize(("bound", "state", "code"), ASKED)
def test_there_is_one_verdict(bound, state, code):
    """Table, JSON, JUnit, Markdown and page say the same."""
    trial = trial_of(shares("0.8", "0.9", "0.85"), f"genuine.answered_share >= {bound}")
    told, suite = json.loads(trial_json(trial)), ET.fromstring(trial_junit(trial))

    assert (state, code) == (trial.verdict.state.name.lower(), trial.verdict.state.value)
    assert f"verdict: {state} (exit {code})" == trial_table(trial).splitlines()[-1]
    assert (state, code) == (told["verdict"], told["exit"])
    assert (state == "broken", state == "inconclusive") == (suite.get("failures") == "1", suite.get("errors") == "1")
    assert f'<span class="badge {state}">{state}</span>' in trial_page(trial)
    assert trial_summary(trial).startswith(f"### raid: {state}\n")


def test_a_program_gets_every_figure_as_simulate_gives_it():
    """A mean, how far from it the true one may lie, and each seed's own."""
    told = json.loads(trial_json(trial_of(shares("0.8", "0.9"), "genuine.answered_share >= 0.1")))

    assert {"mean": 0.85, "plus_minus": 0.6353} == told["figures"]["genuine.answered_share"]
    assert [(1, 0.8), (2, 0.9)] == [(f["seed"], f["figures"]["genuine.answered_share"]) for f in told["floods"]]
    assert (0.85, 0.6353) == (told["limits"][0]["value"], told["limits"][0]["plus_minus"])


def test_a_page_is_one_sound_document():
    """Its figures stand there with their intervals, and nothing is fetched."""
    document = read(trial_page(trial_of(shares("0.8", "0.9", "0.85"))))

    assert set() == document.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert "0.85 ±0.1242" in document.text


def test_one_seed_is_shown_without_an_interval():
    """And says that it tells nothing about chance."""
    table = trial_table(trial_of(shares("0.8")))

    assert ("raid, seed 1, rate 1: 100 requests in 2 s by 1 process", True, False) == (
        table.splitlines()[0],
        "of one seed, which tells nothing about chance" in table,
        "±" in table,
    )
