"""The oracle: holds what the worker promises against what was seen. Each breach is one line that says what happened.

1. Nothing here trusts the worker: prices, segments, limits and sums are the harness's own.
2. A promise is broken only by what no clock, no delay and no rounding can explain.
3. Where an answer never came, the money may be gone or not: the worker's books decide, and must lie between the two. Without
   books, a promise that hangs on it is undecided.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from edge.config import Limit
from edge.core.wire.reason import Reason
from loadtest.judge.evidence import Evidence
from loadtest.judge.model import BlockLimits, Spending, count_bucket, excess
from loadtest.judge.promise import Promise
from loadtest.judge.reconcile import reconcile
from loadtest.judge.seen import Reply
from loadtest.provider.money import show_money
from loadtest.provider.prices import as_sent
from loadtest.provider.reading import Outcome
from loadtest.provider.segments import segments

_Wrong = TypeVar("_Wrong")
_EXAMPLES_MAX = 3
_NEWS_US = 2_000_000
"""One worker may take this long to hear what another one charged."""


def promises(evidence: Evidence) -> list[Promise]:
    """Return every promise with what breaks it."""
    return [
        Promise("only what the provider sent is answered", _unsolicited(evidence)),
        Promise("only people with a price are answered", _unserved(evidence)),
        Promise("the reply is the configured text", _other_texts(evidence)),
        Promise("a reply has as many segments as counted here", _more_segments(evidence)),
        Promise("a message delivered again gets the same answer", _other_answers(evidence)),
        Promise("no sender gets more than its limit", _over_sender_limit(evidence)),
        Promise("no block gets more than its limit", _over_block_limit(evidence)),
        _pace(evidence),
        *([_shares(evidence)] if len(evidence.run.prices) > 1 else []),
        _kitty(evidence),
        _count(evidence),
        Promise("whatever the provider sends gets a 200", _errors(evidence)),
        _reconciled(evidence),
    ]


def overspent(evidence: Evidence) -> list[str]:
    """Return what breaks the promises about money; fast enough to ask every second."""
    return [line for promise in (_pace_in_all(evidence), _kitty(evidence)) for line in promise.broken]


def _unsolicited(evidence: Evidence) -> tuple[str, ...]:
    wrong = [reply for reply in evidence.tally.replies if not reply.kind.is_message]
    return _lines(wrong, lambda reply: f"message {reply.index} ({reply.kind.value}) from {reply.sender} was answered")


def _unserved(evidence: Evidence) -> tuple[str, ...]:
    prices = evidence.run.prices
    wrong = [
        reply
        for reply in evidence.tally.replies
        if reply.kind.is_message and not prices[reply.number].serves(reply.sender)
    ]
    return _lines(wrong, lambda reply: f"message {reply.index} from {reply.sender!r}, who has no price, was answered")


def _other_texts(evidence: Evidence) -> tuple[str, ...]:
    prices = evidence.run.prices
    wrong = [
        reply for reply in evidence.tally.replies if as_sent(reply.text) != prices[reply.number].text(reply.sender)
    ]
    return _lines(wrong, lambda reply: f"message {reply.index} from {reply.sender} was answered {reply.text[:60]!r}")


def _more_segments(evidence: Evidence) -> tuple[str, ...]:
    prices = evidence.run.prices

    def expected(reply: Reply) -> int:
        return segments(prices[reply.number].text(reply.sender))

    wrong = [reply for reply in evidence.tally.replies if reply.segments > expected(reply)]
    return _lines(
        wrong,
        lambda reply: f"the reply to message {reply.index} has {reply.segments} segments instead of {expected(reply)}",
    )


def _other_answers(evidence: Evidence) -> tuple[str, ...]:
    paid, booked = evidence.account.paid, evidence.booked
    texts = [reply for reply in evidence.account.again if reply.text != paid[reply.key].text]
    lines = _lines(texts, lambda reply: f"message {reply.message_id} was answered again, with another text")
    if booked is not None and booked.of(Reason.LEDGER_DOWN):
        return lines
    grace_us = 2 * evidence.clock_us + (_NEWS_US if evidence.run.config.server.workers > 1 else 0)
    silent = [
        repeat
        for repeat in sorted(evidence.tally.silent_repeats)
        if repeat.key in paid and paid[repeat.key].done_us + grace_us < repeat.sent_us
    ]
    return lines + _lines(
        silent, lambda repeat: f"message {repeat.message_id} was answered, but not when it was {repeat.kind.value}"
    )


def _over_sender_limit(evidence: Evidence) -> tuple[str, ...]:
    limit = evidence.run.config.limit.sender
    return _over_limit(evidence, lambda reply: (reply.sender, limit))


def _over_block_limit(evidence: Evidence) -> tuple[str, ...]:
    limits, prices = BlockLimits(evidence.run.config), evidence.run.prices
    return _over_limit(
        evidence,
        lambda reply: (
            (limits.block(reply.sender), limits.limit(reply.sender))
            if prices[reply.number].serves(reply.sender)
            else None
        ),
    )


def _over_limit(evidence: Evidence, of: Callable[[Reply], tuple[str, Limit] | None]) -> tuple[str, ...]:
    """Return who got more than their limit; a reply of which there is none is another promise's."""
    groups: dict[tuple[str, Limit], list[Spending]] = {}
    for reply in evidence.account.replies():
        found = of(reply)
        if found is not None:
            groups.setdefault(found, []).append(evidence.spending(reply, 1))
    wrong = [
        (who, limit, spendings)
        for (who, limit), spendings in groups.items()
        if len(spendings) > limit.burst and excess(count_bucket(limit), spendings) > 0
    ]
    return _lines(
        wrong,
        lambda found: (
            f"{found[0]} got {len(found[2])} replies within {_seconds(found[2])} s, "
            f"where {found[1].burst} at once and {found[1].count} every {found[1].period / 1000:g} s are allowed"
        ),
    )


def _seconds(spendings: Sequence[Spending]) -> str:
    return f"{(spendings[-1].done_us - spendings[0].sent_us) / 1e6:.1f}"


def _pace(evidence: Evidence) -> Promise:
    whole = _pace_in_all(evidence)
    bucket, account = evidence.run.pace, evidence.account
    over = excess(bucket, [evidence.spending(reply, reply.price_micros) for reply in account.replies()])
    if whole.broken or over <= 0:
        return whole
    return Promise(whole.name, (f"in some interval by {show_money(math.ceil(over))}",))


def _pace_in_all(evidence: Evidence) -> Promise:
    most = evidence.run.pace.most(evidence.demand.last_us + evidence.slop_us)
    return _at_most(evidence, "no interval costs more than the pace allows", int(most), "burst and pace allow")


def _shares(evidence: Evidence) -> Promise:
    """Hold what was seen of each of several numbers against its share of the pace."""
    paid: dict[int, list[Spending]] = {}
    for reply in evidence.account.replies():
        paid.setdefault(reply.number, []).append(evidence.spending(reply, reply.price_micros))
    over = [(number, excess(evidence.run.share, spendings)) for number, spendings in sorted(paid.items())]
    where = evidence.run.config.where
    lines = [f"{where(number)}: in some interval by {show_money(math.ceil(more))}" for number, more in over if more > 0]
    return Promise("no number costs more than its share of the pace allows", tuple(lines))


def _kitty(evidence: Evidence) -> Promise:
    return _at_most(evidence, "the kitty is never overdrawn", evidence.kitty_left_micros, "the kitty held")


def _at_most(evidence: Evidence, name: str, most: int, held: str) -> Promise:
    """Hold a sum of money against what was seen, what was booked, and what may have been spent unseen."""
    account, booked = evidence.account, evidence.booked
    limit = f"{held} {show_money(most)}"
    if account.seen_micros > most:
        return Promise(name, (f"replies of {show_money(account.seen_micros)} were seen, {limit}",))
    if booked is not None and booked.replies_micros > most:
        return Promise(name, (f"the worker books replies of {show_money(booked.replies_micros)}, {limit}",))
    possible = account.seen_micros + account.open_micros
    if booked is None and possible > most:
        return Promise(name, undecided=(f"with unknown outcomes up to {show_money(possible)} were spent, {limit}",))
    return Promise(name)


def _count(evidence: Evidence) -> Promise:
    bounds, booked = evidence.bounds, evidence.booked
    name = f"between {bounds.least:,} and {bounds.most:,} replies"
    seen, possible = len(evidence.account.paid), len(evidence.account.open)
    if seen > bounds.most:
        return Promise(name, (f"{seen} replies were seen, {bounds.most} at most are possible",))
    excused = possible + (booked.of(Reason.LEDGER_DOWN, Reason.PAUSED) if booked else 0)
    if seen + excused < bounds.least:
        return Promise(name, (f"only {seen} replies were seen, {bounds.least} at least were due",))
    return Promise(name)


def _errors(evidence: Evidence) -> tuple[str, ...]:
    wrong = [
        (kind, outcome, count)
        for (kind, outcome), count in sorted(evidence.tally.counts.items())
        if kind.is_message and outcome in (Outcome.REFUSED, Outcome.ERROR)
    ]
    return _lines(
        wrong, lambda found: f"{found[2]} {found[0].value} messages: {found[1].value}; a provider would retry"
    )


def _reconciled(evidence: Evidence) -> Promise:
    name = "the worker's books agree with what was seen"
    booked, after = evidence.booked, evidence.after
    if booked is None or after is None:
        return Promise(name, undecided=("/status.json could not be read before and after the flood",))
    strangers = (
        f"{evidence.strangers:,} messages in the books are not this flood's: somebody else writes to the worker, or it "
        "counts some twice"
    )
    return Promise(name, tuple(reconcile(evidence, booked, after)), (strangers,) if evidence.strangers else ())


def _lines(wrong: Iterable[_Wrong], line: Callable[[_Wrong], str]) -> tuple[str, ...]:
    """Return the first few as lines, and how many more there are."""
    wrong = list(wrong)
    lines = [line(each) for each in wrong[:_EXAMPLES_MAX]]
    more = len(wrong) - len(lines)
    return (*lines, *([f"and {more:,} more"] if more else []))
