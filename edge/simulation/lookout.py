"""The watch of a night that is played: at the instants at which a watch would look it decides whether the number is to be detached.

1. Nothing is decided here: `edge.core.detaching.detach` is asked, with what the ledger in memory holds.
2. A watch looks every few seconds. Where nothing came since the last look, nothing is decided that the next one would not decide,
   so only looks after a message are played, those at the end of a time off, and one a minute where no timer runs.
3. Chance follows from a seed, so one night is one result.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Protocol

from edge import terms
from edge.config import Config
from edge.core.charging.charge import Totals
from edge.core.charging.intake import Intake, Sums
from edge.core.detaching.detach import wanted
from edge.core.kept.attachment import Attachment
from edge.core.kept.hours import Hour, hour_of
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

    def hours(self, now_ms: int) -> list[Hour]:
        """Return the hours of the last seven days."""
        ...


class Lookout:
    """It looks, and asks the provider for what is wanted."""

    def __init__(self, config: Config, line: Line, worker: Worker, seed: str) -> None:
        self._config, self._line, self._worker, self._seed = config, line, worker, seed
        self._terms = terms.detach_of(config)
        self._sight = terms.sight_of(config)
        self._intake: Intake | None = None
        self._sums = Sums(0, 0, 0)
        self._is = Attachment()
        self._looked_ms = 0
        self._came = False
        self._week: list[Hour] = []
        self._week_ms = 0
        self._off_hours: set[int] = set()

    def came(self, now_ms: int) -> None:
        """Hear that something was delivered."""
        if self._intake is None:
            self._looked_ms = now_ms
            totals = self._worker.totals(now_ms)
            self._intake, self._sums = terms.intake_of(self._config, totals, []), terms.sums_received(totals)
        elif not self._came:  # it has looked in vain since then
            self._looked_ms = now_ms - (now_ms - self._looked_ms) % LOOK_MS
            self._intake.feed(self._sums._replace(at_ms=self._looked_ms), self._is.since_ms)
        self._came = True

    def look_until(self, now_ms: int) -> None:
        """Look as often as a watch would have until an instant."""
        while self._intake is not None and (at_ms := self._next_ms()) is not None and at_ms <= now_ms:
            self._look(self._intake, at_ms)

    def _next_ms(self) -> int | None:
        """Return the instant of the next look; None where nothing would come of one."""
        after_ms = self._looked_ms + LOOK_MS
        if self._is.attached:
            return after_ms if self._came else None
        if self._is.attach_at_ms is None:
            return self._looked_ms + MINUTE_MS
        return max(after_ms, self._is.attach_at_ms - self._is.attach_at_ms % -LOOK_MS)

    def _look(self, intake: Intake, now_ms: int) -> None:
        totals = self._worker.totals(now_ms)
        self._sums = terms.sums_received(totals)
        intake.feed(self._sums, self._is.since_ms)
        was, self._looked_ms, self._came = self._is, now_ms, False
        self._is = wanted(was, intake, self._sight(totals, self._attached_hours(now_ms)), self._terms, self._chance())
        if was.attached != self._is.attached:
            self._line.ask(attached=self._is.attached, now_ms=now_ms)
        if not was.attached:
            self._off_hours.update(range(hour_of(was.since_ms), now_ms + 1, HOUR_MS))

    def _attached_hours(self, now_ms: int) -> Sequence[Hour]:
        """Return those hours of the last seven days that have no time off in them."""
        if hour_of(now_ms) != self._week_ms:
            self._week_ms = hour_of(now_ms)
            self._week = [hour for hour in self._worker.hours(now_ms) if hour.at_ms not in self._off_hours]
        return self._week

    def _chance(self) -> float:
        """Return the next number from 0 to 1."""
        name = f"{self._seed}/{len(self._line.changes_ms)}".encode()
        return int.from_bytes(blake2b(name, digest_size=_CHANCE_BYTES).digest()) / (1 << 8 * _CHANCE_BYTES)
