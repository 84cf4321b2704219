"""Plays a night through the parts of a worker: desk, gate, rules, prices and the ledger in memory, on a clock moved by hand.

1. None of it is written twice: if the gate changes, the simulation has changed.
2. It waits for nothing: one worker, a ledger that answers at once, every message when it came, unless the file has the number
   detached: then it is held back. Whoever is answered only because
   two workers met at the same millisecond, or not because the ledger was away, is not in it.
3. What is rendered is thrown away, so any provider will do; signatures were verified when the trace was recorded.
"""

from collections.abc import Coroutine, Mapping
from typing import Any, TypeVar

import msgspec

from edge.config import Config
from edge.core.answering.desk import Desk
from edge.core.answering.gate import Gate
from edge.core.answering.memory import Memory
from edge.core.answering.replies import Replies
from edge.core.charging.charge import Totals
from edge.core.charging.question import OptOut, Question
from edge.core.kept.hours import Hour, hour_of
from edge.core.seen.received import Received
from edge.core.seen.sightings import TABLE_BYTES, Sightings
from edge.core.seen.sums import Sums
from edge.core.wire.origin import Origin
from edge.core.wire.reason import Reason
from edge.ledger.memory import MemoryBooks, MemoryLedger
from edge.meaning import terms
from edge.providers import provider_type
from edge.simulation.line import Line
from edge.simulation.lookout import Lookout
from edge.simulation.night import Night
from edge.simulation.numbers import BLOCK_DIGITS
from edge.simulation.recording import TraceError
from edge.units import DAY_MS, HOUR_MS, SECOND_MS

_KEY = b"simulation"
"""The key of hashes that hide nobody."""
_PLAIN = "46elks"
"""A provider that signs nothing, and so needs no secret."""
DELAY_MS = 5 * SECOND_MS
"""So long a provider takes to detach a number, or to attach it. Assumed: nobody says."""
Result = TypeVar("Result")


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A reply that was paid."""

    ms: int
    sender: str
    micros: int


class Off(msgspec.Struct, frozen=True):
    """How a number was detached."""

    held_back: int = 0
    """The messages that the provider did not deliver."""
    off_ms: int = 0
    """How long it delivered nothing."""
    changes_ms: tuple[int, ...] = ()
    """When it was asked to detach the number or to attach it."""


class Played(msgspec.Struct, frozen=True):
    """What a file has done with a night."""

    counts: dict[Reason, int]
    replies: list[Reply]
    received_micros: int
    received_by_day: list[int]
    """For each 24 hours from the first message on, in micros."""
    kitty_ended_ms: int | None
    """When somebody was refused for want of money, for the first time."""
    off: tuple[Off, ...]
    """What became of each number at its provider, in the order of the file."""


def play(config: Config, night: Night, *, delay_ms: int = DELAY_MS, seed: str = "") -> Played:
    """Return what a file would have done with a night. Raises TraceError or ConfigError for what cannot be told.

    The provider takes `delay_ms` to detach or attach the number; the lengths of times off follow from the seed.
    """
    worker = _Worker(config, night)
    lines = [Line(delay_ms) for _ in config.numbers]
    lookout = Lookout(config, lines, worker, seed) if config.receiving.detach == "yes" else None
    replies: list[Reply] = []
    by_day: list[int] = []
    kitty_ended_ms: int | None = None
    day_ends_ms = night.sent[0].ms + DAY_MS
    for ms, message, number in night.sent:
        while ms >= day_ends_ms:
            by_day.append(worker.received_micros)
            day_ends_ms += DAY_MS
        if lookout is not None:
            lookout.look_until(ms)
            if not lines[number % len(lines)].delivers(ms):
                continue
            lookout.came(ms)
        reason, micros = worker.answer(message, ms, number)
        if micros:
            replies.append(Reply(ms, message.sender, micros))
        if reason is Reason.KITTY_SPENT and kitty_ended_ms is None:
            kitty_ended_ms = ms
    for line in lines:
        line.end(ms)
    by_day.append(worker.received_micros)
    days = [today - before for before, today in zip([0, *by_day], by_day, strict=False)]
    return Played(
        dict(worker.counts()),
        replies,
        worker.received_micros,
        days,
        kitty_ended_ms,
        tuple(Off(line.held_back, line.off_ms, tuple(line.changes_ms)) for line in lines),
    )


class _Worker:
    """A worker without a network: its desk and its ledger."""

    def __init__(self, config: Config, night: Night) -> None:
        _refuse_what_a_trace_cannot_tell(config, night)
        began_ms, rules = night.sent[0].ms, terms.rules_of(config)
        purse = terms.purse_of(config, 0, began_ms)
        memory, knocks = Memory(rules), terms.knocks_of(config, purse, _KEY)
        gates = [
            Gate(
                rules=rules,
                routes=night.numbers.routes(night.recording, terms.routes_of(config, purse, index)),
                own=[],
                paused=config.paused,
                block_digits=config.limit.block.digits,
                key=_KEY,
                knocks=knocks,
                number=terms.payer_of(config, index),
                memory=memory,
            )
            for index in range(len(config.numbers))
        ]
        self._now_ms = began_ms
        self._ledger = MemoryLedger(
            rules, lambda: self._now_ms, lambda ids: gates[0].hear(ids, self._now_ms), MemoryBooks()
        )
        provider = provider_type(_PLAIN)(phone="", url=config.number.url, secrets=[])
        texts = [text.text for text in terms.texts_of(config)]
        self._sums, sightings = (
            Sums(numbers=terms.phones_of(config)),
            Sightings(_KEY, memoryview(bytearray(TABLE_BYTES))),
        )
        own = [self._sums.of(terms.payer_of(config, index)) for index in range(len(config.numbers))]
        self._desks = [
            Desk(
                phone="",
                provider=provider,
                gate=gate,
                replies=Replies(provider, texts),
                origin=Origin([]),
                body_bytes_max=config.server.body_bytes_max,
                received=Received(terms.receiving_of(config, index), sightings, own[index]),
                sums=own[index],
            )
            for index, gate in enumerate(gates)
        ]

    @property
    def received_micros(self) -> int:
        """What receiving has cost so far."""
        return self._sums.received_micros

    def totals(self, now_ms: int) -> Totals:
        """Return what the ledger holds at an instant; until then the worker has told it all, at least once in each hour."""
        for hour_ms in range(hour_of(self._now_ms) + HOUR_MS, now_ms, HOUR_MS):
            self._tell(hour_ms)
        self._tell(now_ms)
        return _at_once(self._ledger.totals())

    def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours of all numbers that began at an instant or after it."""
        return _at_once(self._ledger.hours(since_ms))

    def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return those of each of several numbers."""
        return _at_once(self._ledger.hours_of_each(since_ms))

    def _tell(self, now_ms: int) -> None:
        self._now_ms = now_ms
        _at_once(self._ledger.tell(self._desks[0].tally()))

    def counts(self) -> dict[Reason, int]:
        """Return how often each reason was given."""
        return {reason: count for reason, count in self._desks[0].tally().counts.items() if count}

    def answer(self, message: Any, now_ms: int, number: int = 0) -> tuple[Reason, int]:
        """Return what a message to a number is answered for, and what its reply costs, if it gets one for the first time.

        Where the file has one number, all are written to that.
        """
        self._now_ms = now_ms
        desk = self._desks[number % len(self._desks)]
        judged = desk.judge(message, now_ms)
        if isinstance(judged, Question):
            answer = desk.finish(judged, _at_once(self._ledger.admit(judged.charge)))
            paid = answer.reason is Reason.ANSWERED
            return answer.reason, judged.charge.cost.micros if paid else 0
        if isinstance(judged, OptOut):
            known = _at_once(self._ledger.opt_out(judged.key))
            return desk.finish_opt_out(judged, known=known).reason, 0
        return judged.reason, 0


def _refuse_what_a_trace_cannot_tell(config: Config, night: Night) -> None:
    """Raise TraceError for blocks that it does not know, and for another number of numbers."""
    digits, told = config.limit.block.digits, night.recording.numbers
    if digits not in BLOCK_DIGITS:
        raise TraceError(
            f"limit.block.digits: found {digits}, and a trace tells blocks of {BLOCK_DIGITS[0]} to {BLOCK_DIGITS[-1]} digits"
        )
    if len(config.numbers) not in (1, told):
        raise TraceError(
            f"{night.recording.name}: what was written to {told} number{'s' if told > 1 else ''}, and the file has "
            f"{len(config.numbers)}; name a file with as many, or with one"
        )


def _at_once(asked: Coroutine[Any, Any, Result]) -> Result:
    """Return what a ledger in memory says, which never waits."""
    try:
        asked.send(None)
    except StopIteration as said:
        return said.value  # type: ignore[no-any-return]  # an exception's value has no type
    raise AssertionError("a ledger in memory has waited")
