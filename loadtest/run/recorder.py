"""Records every response: reads it as the provider would, prices it, counts it, and tells Locust."""

from collections.abc import Sequence

from loadtest.engine.response import Response
from loadtest.flood.arrival import Arrival, Kind
from loadtest.judge.tally import Tally
from loadtest.provider.prices import Prices
from loadtest.provider.reading import LOST, Outcome, classify
from loadtest.run.stats import Batch

_FAILURES = {
    Outcome.UNKNOWN: "no answer: its outcome is unknown",
    Outcome.ERROR: "an answer that a provider would ask for again",
}


class Recorder:
    """The engine's sink."""

    def __init__(self, prices: Sequence[Prices], batch: Batch) -> None:
        """Take each number's prices, and where Locust is told."""
        self._prices, self._batch = prices, batch
        self._tally = Tally()

    def record(self, arrival: Arrival, response: Response | None, sent_us: int, done_us: int, queued_us: int) -> None:
        """Take one request and its response; None if it was lost. Locust is told how long the sender waited."""
        reading = LOST if response is None else classify(response.status, response.body)
        outcome, price_micros = reading.outcome, 0
        if outcome is Outcome.REPLY:
            price_micros = self._prices[arrival.number].price_micros(arrival.sender, reading.segments)
        self._tally.record(arrival, reading, price_micros, sent_us, done_us, queued_us=queued_us)
        if arrival.kind is Kind.SLOW_LORIS:
            return  # Locust would take the end of a request that never ends for a failure
        length = 0 if response is None else len(response.body)
        self._batch.add(arrival.kind, outcome, done_us - arrival.at_us, length)
        if outcome in _FAILURES:
            self._batch.fail(arrival.kind, outcome, _FAILURES[outcome])

    def give_up(self, arrival: Arrival, sent_us: int) -> None:
        """Take one for whose response nobody waited: Locust is not told, for nothing has failed."""
        self._tally.give_up(arrival, sent_us)

    def hold_back(self, arrival: Arrival) -> None:
        """Take an arrival that the provider did not deliver."""
        self._tally.held_back.append(arrival.index)

    def flush(self) -> None:
        """Tell Locust what has come since the last time."""
        self._batch.flush()

    def take(self) -> Tally:
        """Return what has been counted since the last time."""
        tally, self._tally = self._tally, Tally()
        return tally
