"""The watch of a night that is played: at the instants at which a watch would look it decides which numbers are to be detached.

1. Nothing is decided here: `edge.core.detaching.detach` is asked, for each number, with what the ledger in memory holds.
2. A watch looks every few seconds. Where nothing came since the last look, nothing is decided that the next one would not decide,
   so only looks after a message are played, those at the end of a time off, and one a minute where no timer runs.
3. Chance follows from a seed, so one night is one result.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Protocol

from edge.config import Config
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Inflow
from edge.core.charging.running import Running
from edge.core.detaching.detach import wanted
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour, hour_of, week_begins
from edge.meaning import insight, terms
from edge.simulation.line import Line
from edge.units import HOUR_MS, MINUTE_MS

LOOK_MS = 2_500
"""So often a watch looks (`edge.watch.watch`)."""
_CHANCE_BYTES = 6


class Worker(Protocol):
    """Whose ledger is looked at."""

    def totals(self, now_ms: int) -> Totals:
        """Return what the ledger holds at an instant."""
        ...

    def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours of all numbers that began at an instant or after it."""
        ...

    def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return those of each of several numbers."""
        ...


class Lookout:
    """It looks, and asks the providers for what is wanted."""

    def __init__(self, config: Config, lines: Sequence[Line], worker: Worker, seed: str) -> None:
        """Take the line of each number, in the order of the file."""
        self._config, self._lines, self._worker, self._seed = config, lines, worker, seed
        self._running = Running()
        self._numbers: list[_Number] = []
        """From the first message on."""
        self._several = len(lines) > 1
        self._looked_ms: int | None = None
        self._came = False
        self._week: Sequence[Hour] = ()
        self._week_ms = 0

    def came(self, now_ms: int) -> None:
        """Hear that something was delivered, to any of the numbers."""
        if self._looked_ms is None:
            self._looked_ms = now_ms
            self._read(now_ms)
            self._numbers = [self._number(index, line) for index, line in enumerate(self._lines)]
        elif not self._came:  # it has looked in vain since then
            self._looked_ms = now_ms - (now_ms - self._looked_ms) % LOOK_MS
            for one in self._numbers:
                one.feed(self._running.inflow(one.phone)._replace(at_ms=self._looked_ms))
        self._came = True

    def look_until(self, now_ms: int) -> None:
        """Look as often as a watch would have until an instant."""
        while self._looked_ms is not None and (at_ms := self._next_ms(self._looked_ms)) is not None and at_ms <= now_ms:
            self._look(at_ms)

    def _next_ms(self, looked_ms: int) -> int | None:
        """Return the instant of the next look; None where nothing would come of one."""
        after_ms = looked_ms + LOOK_MS
        if self._came and any(one.attached for one in self._numbers):
            return after_ms
        ends = [one.ends_ms(looked_ms) for one in self._numbers if not one.attached]
        return max(after_ms, min(ends)) if ends else None

    def _look(self, now_ms: int) -> None:
        totals = self._read(now_ms)
        self._looked_ms, self._came = now_ms, False
        if hour_of(now_ms) != self._week_ms:
            self._week_ms, begins_ms = hour_of(now_ms), week_begins(now_ms)
            self._week = self._worker.hours(begins_ms)
            of_each = self._worker.hours_of_each(begins_ms) if self._several else {"": self._week}
            for one in self._numbers:
                one.remember(of_each.get(one.phone, ()))
        for one in self._numbers:
            one.look(totals, self._running.inflow(one.phone), self._week)

    def _number(self, index: int, line: Line) -> "_Number":
        inflow = self._running.inflow(terms.payer_of(self._config, index))
        return _Number(self._config, index, line, inflow, self._seed)

    def _read(self, now_ms: int) -> Totals:
        totals = self._worker.totals(now_ms)
        self._running.feed(
            totals, self._worker.hours_of_each(self._running.begins(totals.now_ms)) if self._several else {}
        )
        return totals


class _Number:
    """What is wanted of one number, and what it has received lately."""

    def __init__(self, config: Config, index: int, line: Line, inflow: Inflow, seed: str) -> None:
        """Take what was received by now, which is in no window."""
        self.phone = terms.payer_of(config, index)
        self._line = line
        self._seed = f"{seed}/{index}" if index else seed
        self._terms = insight.detach_of(config, index)
        self._situation = insight.situation_of(config, index)
        self._intake = insight.intake_of(config, inflow, [])
        self._is = Attachment()
        self._attached_hours: Sequence[Hour] = ()
        self._off_hours: set[int] = set()

    @property
    def attached(self) -> bool:
        """Whether it is to be delivered to."""
        return self._is.attached

    def ends_ms(self, looked_ms: int) -> int:
        """Return at which look a time off is over, or when to look again where no timer runs."""
        ends_ms = self._is.attach_at_ms
        return looked_ms + MINUTE_MS if ends_ms is None else ends_ms - ends_ms % -LOOK_MS

    def feed(self, inflow: Inflow) -> None:
        """Take what was received by now."""
        self._intake.feed(inflow, self._is.since_ms)

    def remember(self, hours: Sequence[Hour]) -> None:
        """Take the number's hours of the last seven days; those that have a time off in them are none of its attached ones."""
        self._attached_hours = [hour for hour in hours if hour.at_ms not in self._off_hours]

    def look(self, totals: Totals, inflow: Inflow, hours: Sequence[Hour]) -> None:
        """Decide, and ask the provider for what is new; `hours` are those of all numbers."""
        was, now_ms = self._is, totals.now_ms
        self.feed(inflow)
        situation = self._situation(totals, hours, self._attached_hours)
        self._is = wanted(was, self._intake, situation, self._terms, self._chance())
        if was.attached != self._is.attached:
            self._line.ask(attached=self._is.attached, now_ms=now_ms)
        if not was.attached:
            self._off_hours.update(range(hour_of(was.since_ms), now_ms + 1, HOUR_MS))

    def _chance(self) -> float:
        """Return the next number from 0 to 1."""
        name = f"{self._seed}/{len(self._line.changes_ms)}".encode()
        return int.from_bytes(blake2b(name, digest_size=_CHANCE_BYTES).digest()) / (1 << 8 * _CHANCE_BYTES)
