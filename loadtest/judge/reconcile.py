"""Reconciles the worker's books with what was seen: three sums that must be one, to the last micro; and each number's replies.

What was seen is exact but for requests that never got an answer; each of those may stand in the books or not, so every
difference must lie between zero and what they would come to. Somebody else who writes meanwhile can only add to the books,
which are then never quite still: what must not be missing in them is all that can be said. Nothing else is excused.
"""

from collections import Counter
from collections.abc import Iterator

from edge.core.wire.reason import Reason
from loadtest.judge.evidence import Evidence
from loadtest.judge.status import Booked, Status
from loadtest.provider.money import read_money, show_money

_MESSAGES = [reason for reason in Reason if reason.from_provider]


def reconcile(evidence: Evidence, booked: Booked, after: Status) -> Iterator[str]:
    """Yield a line for every sum that differs."""
    account, config = evidence.account, evidence.run.config
    yield from _numbers(evidence, booked)
    if evidence.strangers:
        yield from _money("replies", account.seen_micros, booked.replies_micros, booked.replies_micros)
        yield from _counts("replies", len(account.paid), booked.replies, booked.replies)
        return
    yield from _money("replies", account.seen_micros, account.open_micros, booked.replies_micros)
    yield from _counts("replies", len(account.paid), len(account.open), booked.replies)
    if booked.replies > len(account.paid) + len(account.open):
        yield "a message was charged twice, or a reply was paid and never sent"
    if booked.replies != booked.of(Reason.ANSWERED):
        yield f"the worker claims {booked.replies} replies, but {booked.of(Reason.ANSWERED)} answered messages"
    yield from _counts("messages", evidence.tally.delivered, evidence.lost, booked.messages)
    if booked.messages != booked.of(*_MESSAGES):
        yield f"the worker claims {booked.messages} messages, but its reasons add up to {booked.of(*_MESSAGES)}"
    least, most = evidence.received_micros
    yield from _money("receiving", least, most - least, booked.received_micros)
    left_micros = max(0, int(config.budget.kitty) - after.replies_micros - after.received_micros)
    yield from _money("the kitty's rest", left_micros, 0, read_money(after.kitty_left))
    if after.currency != config.price.currency:
        yield f"the worker counts in {after.currency}, its file in {config.price.currency}"


def _numbers(evidence: Evidence, booked: Booked) -> Iterator[str]:
    """Yield a line for each of several numbers whose replies differ."""
    account, config = evidence.account, evidence.run.config
    if len(config.numbers) == 1:
        return
    seen, unseen = (Counter(number for number, _ in found) for found in (account.paid, account.open))
    if len(booked.numbers) != len(config.numbers):
        yield f"the worker tells of {len(booked.numbers)} numbers, its file has {len(config.numbers)}"
    for number, replies in enumerate(booked.numbers):
        possible = replies if evidence.strangers else unseen[number]
        yield from _counts(f"replies of {config.where(number)}", seen[number], possible, replies)


def _money(what: str, seen: int, possible: int, booked: int) -> Iterator[str]:
    if not seen <= booked <= seen + possible:
        yield f"{what}: {_range(show_money(seen), show_money(seen + possible))} here, {show_money(booked)} in the books"


def _counts(what: str, seen: int, possible: int, booked: int) -> Iterator[str]:
    if not seen <= booked <= seen + possible:
        yield f"{what}: {_range(f'{seen:,}', f'{seen + possible:,}')} here, {booked:,} in the books"


def _range(least: str, most: str) -> str:
    return least if least == most else f"{least} to {most}"
