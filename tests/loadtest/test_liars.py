"""The whole harness, Locust included, against workers that lie: each is caught, and by the right line."""

import pytest

from tests.loadtest.liars import (
    AnswersAForgedMessage,
    AnswersEverything,
    ChargesARetryTwice,
    ClaimsASmallerBill,
    Honest,
    OverspendsByACent,
    RepliesInTwoSegments,
    Stalls,
)
from tests.loadtest.locusts import flood


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
        (ClaimsASmallerBill, "broken: the worker's books agree with what was seen: replies: "),
    ],
)
def test_a_liar_is_caught(liar, line, tmp_path):
    """Exit 3, and the line says what the lie was."""
    with liar() as worker:
        ended = flood(worker, tmp_path)

    assert 3 == ended.returncode, ended.stdout + ended.stderr
    assert line in ended.stdout
