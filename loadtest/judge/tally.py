"""The tally: what one Locust process has counted, in a form that adds up exactly.

1. A tally holds sets and counters, never samples: merging the tallies of n processes gives what one would have seen.
2. Merging is associative and commutative, so a process may report in pieces: send `to_dict`, then start a new tally.
3. It keeps every reply that costs money (there are only as many as the money buys) and every request that may have cost
   some, and only counts the rest.
4. It judges nothing: that is :mod:`loadtest.judge.oracle`.
"""

from collections.abc import Mapping
from typing import Any, Self

import msgspec

from loadtest.flood.arrival import TIMEOUT_US, Arrival, Kind
from loadtest.judge.histogram import Histogram
from loadtest.judge.seen import MOMENT_US, Moment, Reply, Unpaid
from loadtest.provider.billing import Billed
from loadtest.provider.reading import Outcome, Reading

_ACCEPTED = (Outcome.REPLY, Outcome.SILENCE)
_NOTHING = Billed()


class Tally:
    """Counts, replies and latencies of one process, or of all of them after `merge`."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Kind, Outcome], int] = {}
        self.billed: dict[int, Billed] = {}
        """What is billed for the messages that were accepted, by the place of the number; those of repeats left out."""
        self.billed_again: dict[int, Billed] = {}
        """Those of the repeats."""
        self.replies: list[Reply] = []
        self.unknown: list[Unpaid] = []
        self.silent_repeats: list[Unpaid] = []
        self.moments: dict[int, Moment] = {}
        self.corrected = Histogram()
        """The times from the instant at which an arrival was due: what the sender waits."""
        self.service = Histogram()
        """The times from the instant at which it was sent."""
        self.lag = Histogram()
        """The lateness of the generator itself: the difference between the two."""
        self.played_us: dict[int, int] = {}
        """By Locust process the offset before which everything due has been sent."""
        self.held_back: list[int] = []
        """The places of the arrivals that the provider did not deliver."""
        self.connections = 0
        """The connections that were opened, all together."""
        self.connection_limit_hits = 0
        """The number of arrivals that had to wait because no further connection may be opened."""
        self.cpu_share = 0.0
        """The share of the CPU that the busiest generator process took, from 0 to 1, its idle spinning left out."""

    def record(
        self, arrival: Arrival, reading: Reading, price_micros: int, sent_us: int, done_us: int, *, queued_us: int = 0
    ) -> None:
        """Count one request and what came back (`LOST` if nothing did); the price is that of the reply in it, or 0.

        `queued_us` of its delay it was queued for a connection, all of which the worker kept busy: no lateness of ours.
        """
        outcome, at_us = reading.outcome, arrival.at_us
        key = (arrival.kind, outcome)
        self.counts[key] = self.counts.get(key, 0) + 1
        if arrival.kind.is_message and outcome in _ACCEPTED:
            self._receive(arrival)
        if arrival.kind is Kind.SLOW_LORIS and outcome is Outcome.UNKNOWN:
            return  # it never ends, so it has no latency
        moment = self.moments.get(sent_us // MOMENT_US) or self._moment(sent_us)
        moment.sent += 1
        if outcome is not Outcome.UNKNOWN:
            moment = self.moments.get(done_us // MOMENT_US) or self._moment(done_us)
            moment.done += 1
        if (
            outcome is Outcome.UNKNOWN
        ):  # who gets no answer waits as long as anybody does, however soon the connection broke
            done_us = max(done_us, sent_us + TIMEOUT_US)
        self.corrected.record(done_us - at_us)
        self.service.record(done_us - sent_us)
        self.lag.record(sent_us - at_us - queued_us)
        if outcome is Outcome.REPLY:
            self.replies.append(
                Reply(
                    arrival.index,
                    arrival.kind,
                    arrival.sender,
                    arrival.message_id,
                    reading.text,
                    reading.segments,
                    price_micros,
                    sent_us,
                    done_us,
                    arrival.number,
                )
            )
        elif outcome is Outcome.UNKNOWN:
            self.unknown.append(Unpaid.of(arrival, sent_us))
        elif arrival.kind.is_repeat:
            self.silent_repeats.append(Unpaid.of(arrival, sent_us))

    def give_up(self, arrival: Arrival, sent_us: int) -> None:
        """Count one request whose response was not waited for: it may have cost money, and has no latency."""
        key = (arrival.kind, Outcome.UNKNOWN)
        self.counts[key] = self.counts.get(key, 0) + 1
        if arrival.kind is not Kind.SLOW_LORIS:
            self._moment(sent_us).sent += 1
            self.unknown.append(Unpaid.of(arrival, sent_us))

    def played(self, process: int, until_us: int) -> None:
        """Note that a process has sent all its arrivals that were due before an offset."""
        self.played_us[process] = max(until_us, self.played_us.get(process, 0))

    def count(self, *, kind: Kind | None = None, outcome: Outcome | None = None) -> int:
        """Return how many requests were of a kind, had an outcome, or both."""
        return sum(n for (k, o), n in self.counts.items() if kind in (None, k) and outcome in (None, o))

    @property
    def delivered(self) -> int:
        """The number of requests that were accepted: with a reply, or with silence."""
        return sum(self.count(outcome=outcome) for outcome in _ACCEPTED)

    def merge(self, other: Self) -> None:
        """Add what another process, or an earlier report of the same one, has seen."""
        for key, n in other.counts.items():
            self.counts[key] = self.counts.get(key, 0) + n
        for sums, more in ((self.billed, other.billed), (self.billed_again, other.billed_again)):
            for number, billed in more.items():
                sums[number] = sums.get(number, _NOTHING) + billed
        self.replies += other.replies
        self.unknown += other.unknown
        self.silent_repeats += other.silent_repeats
        self.held_back += other.held_back
        for place, seen in other.moments.items():
            mine = self.moments.setdefault(place, Moment())
            mine.sent += seen.sent
            mine.done += seen.done
        self.corrected.merge(other.corrected)
        self.service.merge(other.service)
        self.lag.merge(other.lag)
        for process, until_us in other.played_us.items():
            self.played(process, until_us)
        self.connections += other.connections
        self.connection_limit_hits += other.connection_limit_hits
        self.cpu_share = max(self.cpu_share, other.cpu_share)

    def to_dict(self) -> dict[str, Any]:
        """Return the tally as plain lists and dicts with string keys, for Locust's messages and for JSON."""
        return {
            "counts": [[kind.value, outcome.value, n] for (kind, outcome), n in sorted(self.counts.items())],
            "billed": msgspec.to_builtins(self.billed, str_keys=True),
            "billed_again": msgspec.to_builtins(self.billed_again, str_keys=True),
            "replies": msgspec.to_builtins(sorted(self.replies)),
            "unknown": msgspec.to_builtins(sorted(self.unknown)),
            "silent_repeats": msgspec.to_builtins(sorted(self.silent_repeats)),
            "moments": {str(place): [seen.sent, seen.done] for place, seen in sorted(self.moments.items())},
            "corrected": self.corrected.to_dict(),
            "service": self.service.to_dict(),
            "lag": self.lag.to_dict(),
            "played_us": {str(process): until_us for process, until_us in sorted(self.played_us.items())},
            "held_back": sorted(self.held_back),
            "connections": self.connections,
            "connection_limit_hits": self.connection_limit_hits,
            "cpu_share": self.cpu_share,
        }

    @classmethod
    def from_dict(cls, report: Mapping[str, Any]) -> Self:
        """Return the tally that `to_dict` described."""
        tally = cls()
        tally.counts = {(Kind(kind), Outcome(outcome)): n for kind, outcome, n in report["counts"]}
        tally.billed = msgspec.convert(report["billed"], dict[int, Billed], strict=False)
        tally.billed_again = msgspec.convert(report["billed_again"], dict[int, Billed], strict=False)
        tally.replies = msgspec.convert(report["replies"], list[Reply])
        tally.unknown = msgspec.convert(report["unknown"], list[Unpaid])
        tally.silent_repeats = msgspec.convert(report["silent_repeats"], list[Unpaid])
        tally.moments = {int(place): Moment(*seen) for place, seen in report["moments"].items()}
        tally.corrected = Histogram.from_dict(report["corrected"])
        tally.service = Histogram.from_dict(report["service"])
        tally.lag = Histogram.from_dict(report["lag"])
        tally.played_us = {int(process): until_us for process, until_us in report["played_us"].items()}
        tally.held_back = list(report["held_back"])
        tally.connections = report["connections"]
        tally.connection_limit_hits = report["connection_limit_hits"]
        tally.cpu_share = report["cpu_share"]
        return tally

    def _receive(self, arrival: Arrival) -> None:
        sums, number = self.billed_again if arrival.kind.is_repeat else self.billed, arrival.number
        sums[number] = sums.get(number, _NOTHING) + Billed.of(arrival.text, picture=arrival.picture)

    def _moment(self, us: int) -> Moment:
        return self.moments.setdefault(us // MOMENT_US, Moment())
