"""One flood at a time against one worker."""

import pytest

from loadtest.engine.target import find
from loadtest.run.claim import Claim
from loadtest.run.probe import SetupError

HERE, THERE = find("127.0.0.1:8901"), find("127.0.0.1:8902")


def test_a_second_flood_is_refused_until_the_first_has_ended():
    """Another worker may be flooded meanwhile."""
    first, second = Claim(), Claim()
    first.take(HERE)
    with pytest.raises(SetupError, match=r"^another flood is played against 127\.0\.0\.1:8901: "):
        second.take(HERE)
    second.take(THERE)
    first.release()
    second.take(HERE)
    second.release()


def test_a_claim_is_taken_anew_for_each_flood():
    """Its own is in nobody's way."""
    claim = Claim()
    claim.take(HERE)
    claim.take(HERE)
    claim.release()
