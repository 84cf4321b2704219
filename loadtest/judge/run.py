"""The run that is judged: which flood is played against which numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from edge.config import Config
from loadtest.flood.arrival import Arrival, Kind
from loadtest.flood.scenario import Scenario
from loadtest.flood.stream import arrivals
from loadtest.flood.thresholds import Threshold, parse
from loadtest.flood.trace import Say, silent
from loadtest.judge.model import Bucket, first_bucket, pace_bucket, share_bucket
from loadtest.provider.prices import Prices, prices_of


@dataclass(frozen=True)
class Run:
    """All that is known before anything is sent. What follows from it is worked out once."""

    scenario: Scenario
    config: Config
    """The file of the worker under test: the compressed one, if it was made by :mod:`loadtest.worker.file`."""
    seed: int
    rate: float = 1.0
    thresholds: tuple[str, ...] = ()
    """The thresholds of the command line; one on a figure of the scenario's own takes its place."""
    processes: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    after: int = 0
    """The messages that the worker's ledger had received before: the people of this flood are others than theirs."""
    own: bool = False
    """Whether the worker is the run's own, so that nobody else can write to it."""
    began: str = ""
    """When, as ISO 8601 writes it, in UTC to the second."""
    host: str = ""
    """The machine that led it."""

    @cached_property
    def prices(self) -> list[Prices]:
        """The texts and prices of each number's replies, in the order of the file."""
        return prices_of(self.config)

    @cached_property
    def pace(self) -> Bucket:
        """The pace as a bucket of micros. Raises ValueError if nobody outside can know it."""
        return pace_bucket(self.config)

    @cached_property
    def share(self) -> Bucket:
        """The share of the pace that each number has. Raises ValueError if nobody outside can know it."""
        return share_bucket(self.config)

    @cached_property
    def first_share(self) -> Bucket:
        """The part of a share that a first message may take from. Raises ValueError if nobody outside can know it."""
        return first_bucket(self.config)

    @cached_property
    def all_thresholds(self) -> tuple[Threshold, ...]:
        """The thresholds that hold for this run."""
        given = tuple(map(parse, self.thresholds))
        names = {threshold.name for threshold in given}
        return (*(own for own in map(parse, self.scenario.thresholds) if own.name not in names), *given)

    @property
    def endless(self) -> int:
        """The number of requests of its phases that never end, and each keep a connection."""
        phases = [phase for phase in self.scenario.phase if phase.kind is Kind.SLOW_LORIS]
        return sum(round(phase.messages * self.rate) for phase in phases)

    def flood(self, say: Say = silent) -> Iterator[Arrival]:
        """Yield all that is sent, by whichever process. It takes some microseconds an arrival: go through it once.

        `say` gets what is missing in a trace. Raises TraceError.
        """
        return arrivals(
            self.scenario,
            seed=self.seed,
            rate=self.rate,
            phone=self.config.number.phone,
            after=self.after,
            numbers=len(self.config.numbers),
            say=say,
        )
