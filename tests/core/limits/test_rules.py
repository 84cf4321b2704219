"""Facts about what a reply must pass to be paid, for the memory and for the ledger alike."""

import pytest

from edge.core.limits.bucket import Bucket, clear_at, count_limit, money_limit
from edge.core.limits.limit import Limit
from edge.core.limits.refusal import first_refusal
from edge.core.limits.rules import Cost, Rules
from edge.core.wire.reason import Reason

RULES = Rules(
    sender=count_limit(burst=1, count=1, period_ms=1_000),
    block=count_limit(burst=5, count=5, period_ms=1_000),
    kitty_micros=2_000_000,
)
PRICE = Cost(76_300, money_limit(price=76_300, burst=500_000, amount=1_000_000, period_ms=1_000))
NOW_MS = 10_000
EMPTY = {
    name: clear_at(limit, Bucket(limit.capacity, NOW_MS))
    for name, limit in (("sender", RULES.sender), ("block", RULES.block), ("pace", PRICE.pace))
}
"""The states of buckets whose limit is used up."""


def refusal(price=PRICE, **states):
    """Return the refusal where all is as at the very start, but for what is given."""
    given = {"sender": 0, "block": 0, "pace": 0, "spent_micros": 0, "now_ms": NOW_MS} | states
    return first_refusal(RULES, price, **given)


def test_the_first_reply_of_all_may_be_paid():
    """Where nothing was ever taken, nothing is in the way."""
    assert refusal() is None


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("sender", Reason.SENDER_LIMIT),
        ("block", Reason.BLOCK_LIMIT),
        ("pace", Reason.PACE_LIMIT),
    ],
)
def test_one_empty_bucket_is_enough_to_refuse(state, reason):
    """Each of the three buckets refuses on its own, and says that it was the one."""
    assert reason is refusal(**{state: EMPTY[state]})


@pytest.mark.parametrize(
    ("spent_micros", "expected"),
    [(2_000_000 - 76_300, None), (2_000_000 - 76_299, Reason.KITTY_SPENT), (3_000_000, Reason.KITTY_SPENT)],
)
def test_the_kitty_pays_down_to_the_last_millionth(spent_micros, expected):
    """A reply is paid if exactly its price is left, and not if a millionth is missing."""
    assert expected is refusal(spent_micros=spent_micros)


def test_the_refusal_is_the_first_in_the_order_of_the_reasons():
    """With all in the way the sender's own limit is named, and so on down the enum as one after the other gives way."""
    states = dict(EMPTY, spent_micros=2_000_000)
    named = []
    for state in ("sender", "block", "pace", "spent_micros"):
        named.append(refusal(**states))
        states[state] = 0

    assert [reason for reason in Reason if reason in named] == named
    assert refusal(**states) is None


def test_what_a_reply_takes_from_the_pace_is_its_own_price():
    """A bucket of money that pays a cheap reply may still refuse a dear one."""
    dear = Cost(500_001, Limit(500_001, 500_000, 1_000, 1))

    assert None is refusal(PRICE)
    assert Reason.PACE_LIMIT is refusal(dear)
