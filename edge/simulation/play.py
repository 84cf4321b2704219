"""Plays a night through the parts of a worker: desk, gate, rules, prices and the ledger in memory, on a clock moved by hand.

1. None of it is written twice: if the gate changes, the simulation has changed.
2. It waits for nothing: one worker, a ledger that answers at once, every message when it came. Whoever is answered only because
   two workers met at the same millisecond, or not because the ledger was away, is not in it.
3. What is rendered is thrown away, so any provider will do; signatures were verified when the trace was recorded.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

import msgspec

from edge import terms
from edge.config import Config
from edge.core.desk import Desk
from edge.core.gate import Gate
from edge.core.origin import Origin
from edge.core.question import OptOut, Question
from edge.core.reason import Reason
from edge.core.received import Received
from edge.core.replies import Replies
from edge.core.sightings import TABLE_BYTES, Sightings
from edge.core.sums import Sums
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.providers import provider_type
from edge.simulation.night import Night
from edge.simulation.numbers import BLOCK_DIGITS
from edge.simulation.recording import TraceError
from edge.units import DAY_MS

_KEY = b"simulation"
"""The key of hashes that hide nobody."""
_PLAIN = "46elks"
"""A provider that signs nothing, and so needs no secret."""
Result = TypeVar("Result")


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A reply that was paid."""

    ms: int
    sender: str
    micros: int


class Played(msgspec.Struct, frozen=True):
    """What a file has done with a night."""

    counts: dict[Reason, int]
    replies: list[Reply]
    received_micros: int
    received_by_day: list[int]
    """For each 24 hours from the first message on, in micros."""
    kitty_ended_ms: int | None
    """When somebody was refused for want of money, for the first time."""


def play(config: Config, night: Night) -> Played:
    """Return what a file would have done with a night. Raises TraceError or ConfigError for what cannot be told."""
    worker = _Worker(config, night)
    replies: list[Reply] = []
    by_day: list[int] = []
    kitty_ended_ms: int | None = None
    day_ends_ms = night.sent[0].ms + DAY_MS
    for ms, message in night.sent:
        while ms >= day_ends_ms:
            by_day.append(worker.received_micros)
            day_ends_ms += DAY_MS
        reason, micros = worker.answer(message, ms)
        if micros:
            replies.append(Reply(ms, message.sender, micros))
        if reason is Reason.KITTY_SPENT and kitty_ended_ms is None:
            kitty_ended_ms = ms
    by_day.append(worker.received_micros)
    days = [today - before for before, today in zip([0, *by_day], by_day, strict=False)]
    return Played(dict(worker.counts()), replies, worker.received_micros, days, kitty_ended_ms)


class _Worker:
    """A worker without a network: its desk and its ledger."""

    def __init__(self, config: Config, night: Night) -> None:
        began_ms, digits = night.sent[0].ms, config.limit.block.digits
        if digits not in BLOCK_DIGITS:
            raise TraceError(
                f"limit.block.digits: found {digits}, and a trace tells blocks of {BLOCK_DIGITS[0]} to {BLOCK_DIGITS[-1]} digits"
            )
        rules = terms.rules_of(config)
        routes = night.numbers.routes(night.recording, terms.routes_of(config, terms.budget_of(config, 0, began_ms)))
        self._gate = Gate(rules=rules, routes=routes, own=[], paused=config.paused, block_digits=digits, key=_KEY)
        self._now_ms = began_ms
        self._ledger = MemoryLedger(
            rules, lambda: self._now_ms, lambda ids: self._gate.hear(ids, self._now_ms), MemoryBooks()
        )
        provider = provider_type(_PLAIN)(phone="", url=config.number.url, secrets=[])
        self._sums = Sums()
        self._desk = Desk(
            phone="",
            provider=provider,
            gate=self._gate,
            replies=Replies(provider, [text.text for text in terms.texts_of(config)]),
            origin=Origin([]),
            body_bytes_max=config.server.body_bytes_max,
            received=Received(
                terms.receiving_of(config), Sightings(_KEY, memoryview(bytearray(TABLE_BYTES))), self._sums
            ),
            sums=self._sums,
        )

    @property
    def received_micros(self) -> int:
        """What receiving has cost so far."""
        return self._sums.received_micros

    def counts(self) -> dict[Reason, int]:
        """Return how often each reason was given."""
        return {reason: count for reason, count in self._desk.tally().counts.items() if count}

    def answer(self, message: Any, now_ms: int) -> tuple[Reason, int]:
        """Return what a message is answered for, and what its reply costs, if it gets one for the first time."""
        self._now_ms = now_ms
        judged = self._desk.judge(message, now_ms)
        if isinstance(judged, Question):
            answer = self._desk.finish(judged, _at_once(self._ledger.admit(judged.charge)))
            paid = answer.reason is Reason.ANSWERED
            return answer.reason, judged.charge.cost.micros if paid else 0
        if isinstance(judged, OptOut):
            known = _at_once(self._ledger.opt_out(judged.key))
            return self._desk.finish_opt_out(judged, known=known).reason, 0
        return judged.reason, 0


def _at_once(asked: Coroutine[Any, Any, Result]) -> Result:
    """Return what a ledger in memory says, which never waits."""
    try:
        asked.send(None)
    except StopIteration as said:
        return said.value  # type: ignore[no-any-return]  # an exception's value has no type
    raise AssertionError("a ledger in memory has waited")
