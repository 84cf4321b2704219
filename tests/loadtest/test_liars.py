"""The whole harness, Locust included, against workers that lie: each is caught, and by the right line."""

import json

import pytest

from tests.loadtest.liars import (
    AnswersAForgedMessage,
    AnswersEverything,
    AnswersLate,
    AnswersTheWrongSender,
    AnswersTwiceOnAnotherMachine,
    ChargesARetryTwice,
    ClaimsAFullKitty,
    ClaimsASmallerBill,
    FallsSilent,
    ForgetsAMessage,
    FrozenStatus,
    Honest,
    OverspendsByACent,
    PaysFromTheOtherShare,
    RepliesInTwoSegments,
    Resets,
    Stalls,
    TwoNumbers,
)
from tests.loadtest.locusts import TROLLS, flood


def test_an_honest_worker_is_believed(tmp_path):
    """Exit 0, and every promise is kept."""
    with Honest() as worker:
        ended = flood(worker, tmp_path)

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert "verdict: kept (exit 0)" in ended.stdout


@pytest.mark.parametrize(
    ("liar", "line"),
    [
        (AnswersEverything, "broken: no sender gets more than its limit: "),
        (OverspendsByACent, "broken: the kitty is never overdrawn: replies of 0.11 were seen, the kitty held 0.10"),
        (ChargesARetryTwice, "broken: the worker's books agree with what was seen: replies: "),
        (AnswersAForgedMessage, "broken: only what the provider sent is answered: message "),
        (RepliesInTwoSegments, "has 2 segments instead of 1"),
        (Stalls, "broken: corrected.p99_ms = "),
        (Resets, "broken: messages.unknown = "),
        (FallsSilent, "broken: messages.unknown = "),
        (AnswersLate, "broken: corrected.p99_ms = "),
        (AnswersTheWrongSender, "broken: no sender gets more than its limit: "),
        (AnswersTwiceOnAnotherMachine, "broken: no sender gets more than its limit: "),
        (FrozenStatus, "broken: the worker's books agree with what was seen: replies: "),
        (ClaimsAFullKitty, "broken: the worker's books agree with what was seen: the kitty's rest: "),
        (ForgetsAMessage, "broken: the worker's books agree with what was seen: messages: "),
        (ClaimsASmallerBill, "broken: the worker's books agree with what was seen: replies: "),
    ],
)
def test_a_liar_is_caught(liar, line, tmp_path):
    """Exit 3, and the line says what the lie was."""
    with liar() as worker:
        ended = flood(worker, tmp_path)

    assert 3 == ended.returncode, ended.stdout + ended.stderr
    assert line in ended.stdout


def test_who_is_not_answered_is_no_quick_answer(tmp_path):
    """A worker that breaks every connection in no time is not praised for it: the figures say how long nobody was answered."""
    with Resets() as worker:
        flood(worker, tmp_path, "--verdict-json", str(tmp_path / "v.json"))
    figures = json.loads((tmp_path / "v.json").read_text())["figures"]

    assert 15_000 <= figures["corrected.p90_ms"]
    assert 15_000 <= figures["service.p90_ms"]


KNOWS_ONE = "numbers = { count = 2, known = 1 }\n" + TROLLS


def test_one_with_two_numbers_that_keeps_to_their_shares_is_believed(tmp_path):
    """The flood knows one, whose share pays ten of thirty; whoever writes to the other is answered."""
    with TwoNumbers() as worker:
        ended = flood(worker, tmp_path, "--verdict-json", str(tmp_path / "v.json"), scenario=KNOWS_ONE)
    first, second = json.loads((tmp_path / "v.json").read_text())["numbers"]

    assert 0 == ended.returncode, ended.stdout + ended.stderr
    assert (10, second["genuine"]) == (first["replies"], second["answered"])


def test_one_that_pays_a_flood_out_of_anothers_share_is_caught(tmp_path):
    """Though all that it pays is within the pace, and its books say so."""
    with PaysFromTheOtherShare() as worker:
        ended = flood(worker, tmp_path, scenario=KNOWS_ONE)

    assert 3 == ended.returncode, ended.stdout + ended.stderr
    assert (
        "broken: no number costs more than its share of the pace allows: number[0]: in some interval by 0."
        in ended.stdout
    )
    assert "ok      no interval costs more than the pace allows\n" in ended.stdout
