"""The shape of a scenario: what a flood is made of, as TOML.

1. A scenario is a list of phases that may overlap; each says how many messages, spread how, from whom, saying what. What
   workers recorded (`[trace]`) may stand beside them, or in their place.
2. Everything is told in the world's time; `speed` says how many of its seconds pass in one second of play. The worker's
   periods and pace shrink alike (:mod:`loadtest.worker.file`), so a compressed flood meets a compressed worker.
3. `messages` is exact for `constant`, `poisson`, `ramp` and `decay`, and an expectation for `bursts` and `hawkes`. With
   `writes` it is the number of first messages: who wrote one may write again, something new.
4. Unknown keys are refused. Reading files and explaining mistakes is :mod:`loadtest.flood.file`.
"""

import re
from typing import Annotated, Any

import msgspec

from loadtest.flood.arrival import Kind

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
"""Infinity is no number that anything can be multiplied by."""


class Span(int):
    """A length of time in microseconds, written as "96h", "1m30s" or "5ms"."""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """A table of a scenario: values that do not change, and no unknown keys."""


def _require(holds: object, complaint: str) -> None:
    if not holds:
        raise ValueError(complaint)


class Constant(Table, frozen=True, tag_field="process", tag="constant"):
    """Evenly spaced, to the microsecond: what most load generators do and no crowd does."""


class Poisson(Table, frozen=True, tag_field="process", tag="poisson"):
    """Independent people: no message knows of another."""


class Ramp(Table, frozen=True, tag_field="process", tag="ramp"):
    """Independent people whose number grows, or shrinks, in proportion from `from` to `to`."""

    from_: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = msgspec.field(default=0.0, name="from")
    to: Annotated[float, msgspec.Meta(ge=0, le=1e9)] = 1.0

    def __post_init__(self) -> None:
        _require(self.from_ + self.to > 0, "from and to: both zero; nobody would come")


class Decay(Table, frozen=True, tag_field="process", tag="decay"):
    """A shock from outside that wears off as a power law: the rate falls as (t + knee) ** -exponent.

    The form is that of Crane and Sornette, PNAS 105:15649 (https://arxiv.org/abs/0803.2189); 1.4 is their exponent of
    an exogenous shock.
    """

    knee: Span
    exponent: Positive = 1.4

    def __post_init__(self) -> None:
        _require(self.knee > 0, "knee: zero; the flood would be infinitely fast at its start")


class Bursts(Table, frozen=True, tag_field="process", tag="bursts"):
    """A two-state Markov-modulated Poisson process: `times` as fast in bursts, whose mean lengths are given."""

    quiet: Span
    burst: Span
    times: Positive = 20.0

    def __post_init__(self) -> None:
        _require(self.quiet > 0 and self.burst > 0, "quiet and burst: write two lengths of time above zero")


class Hawkes(Table, frozen=True, tag_field="process", tag="hawkes"):
    """Word of mouth: every message brings `branching` others, each after an exponential delay of mean `delay`."""

    delay: Span
    branching: Annotated[float, msgspec.Meta(ge=0, le=0.99)] = 0.8

    def __post_init__(self) -> None:
        _require(self.delay > 0, "delay: zero; write how long word of mouth takes")


Process = Constant | Poisson | Ramp | Decay | Bursts | Hawkes

_PREFIX = re.compile(r"\+\d{1,8}", re.ASCII)


class _Numbered(Table, frozen=True):
    prefix: str = "+336"

    def __post_init__(self) -> None:
        _require(_PREFIX.fullmatch(self.prefix), f'prefix: found {self.prefix!r}; write "+" and up to eight digits')


class One(_Numbered, frozen=True, tag_field="from", tag="one"):
    """One number."""


class Pool(_Numbered, frozen=True, tag_field="from", tag="pool"):
    """`size` numbers that send unequally: by Zipf's law, by the quantiles of a Pareto law, or else evenly."""

    size: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)] = 1000
    name: str = ""
    """Pools of one name and prefix are the same people, whichever phase they write in."""
    zipf: Positive | None = None
    pareto: Positive | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        _require(self.zipf is None or self.pareto is None, "zipf and pareto: both given; keep one")


class Distinct(_Numbered, frozen=True, tag_field="from", tag="distinct"):
    """A new number every time."""


class Block(_Numbered, frozen=True, tag_field="from", tag="block"):
    """Consecutive numbers, as a farm buys them. Keep their prefix apart from that of other phases."""

    prefix: str = "+337"


class Farm(_Numbered, frozen=True, tag_field="from", tag="farm"):
    """A new number every time, out of so many blocks of ten thousand, in turn: as a farm that bought here and there."""

    blocks: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 50


class Listed(Table, frozen=True, tag_field="from", tag="list"):
    """Just these, in turn: short codes, words, or "own" for the number under attack itself."""

    senders: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


Senders = One | Pool | Distinct | Block | Farm | Listed


class Again(Table, frozen=True):
    """A share of a phase's messages comes once more, that much later. Several of these may stand in a phase."""

    kind: Kind
    after: Span
    share: Share = 1.0

    def __post_init__(self) -> None:
        _require(self.kind.is_repeat, f'kind: found {self.kind.value!r}; write "retried" or "replayed"')


class Fixed(Table, frozen=True, tag_field="law", tag="fixed"):
    """Everybody writes so many times."""

    times: Annotated[int, msgspec.Meta(ge=1, le=1_000)]

    @property
    def mean(self) -> float:
        """How often a sender writes on average."""
        return self.times


class Uniform(Table, frozen=True, tag_field="law", tag="uniform"):
    """Each number of times from `from` to `to` is as likely as the others."""

    from_: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = msgspec.field(default=1, name="from")
    to: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 3

    def __post_init__(self) -> None:
        _require(self.from_ <= self.to, "from and to: the first is larger; write them the other way round")

    @property
    def mean(self) -> float:
        """How often a sender writes on average."""
        return (self.from_ + self.to) / 2


class Geometric(Table, frozen=True, tag_field="law", tag="geometric"):
    """After each message it is as likely as after the others that there is one more; `mean` in all."""

    mean: Annotated[float, msgspec.Meta(ge=1, le=1_000)] = 2.0


class Exponential(Table, frozen=True, tag_field="law", tag="exponential"):
    """They come back by chance, after `mean` on average."""

    mean: Span

    def __post_init__(self) -> None:
        _require(self.mean > 0, "mean: zero; write how long it takes until somebody writes again")


class Exactly(Table, frozen=True, tag_field="law", tag="exactly"):
    """They come back after just so long, as a program does."""

    after: Span


class Writes(Table, frozen=True):
    """How often a sender writes in all, each time something new, and how long after the last time."""

    times: Fixed | Uniform | Geometric
    gap: Exponential | Exactly


class Phase(Table, frozen=True):
    """A part of the flood that one description fits."""

    name: str
    lasts: Span
    messages: Annotated[int, msgspec.Meta(ge=1, le=100_000_000)]
    arrivals: Process
    senders: Senders
    starts: Span = Span(0)
    texts: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("varied",)
    """One of these for each message, in turn by chance: see :mod:`loadtest.flood.texts`."""
    pictures: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    """The share of the messages with which a picture comes, by chance."""
    kind: Kind = Kind.FRESH
    genuine: bool = False
    again: tuple[Again, ...] = ()
    writes: Writes | None = None
    """Default: each message stands alone. Else `messages` counts the first ones, and each brings others of its sender."""

    @property
    def messages_mean(self) -> int:
        """How many different messages come on average."""
        return self.messages if self.writes is None else round(self.messages * self.writes.times.mean)

    def __post_init__(self) -> None:
        _require(self.lasts > 0, "lasts: zero; write how long the phase takes")
        _require(not self.kind.is_repeat, f'kind: {self.kind.value!r} repeats other messages; write it under "again"')
        _require(not (self.genuine and self.kind is not Kind.FRESH), "genuine: a genuine sender's messages are fresh")


class Numbers(Table, frozen=True):
    """Several numbers are given away: each person knows one of `count`, whoever floods only the first `known` of them.

    A worker that the harness starts has so many, and a trace says to which of them is written; against a worker that has one all of
    it goes to that one.
    """

    count: Annotated[int, msgspec.Meta(ge=2, le=100)]
    known: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1

    def __post_init__(self) -> None:
        _require(self.known <= self.count, f"known: {self.known} of {self.count} numbers; write as many or fewer")


class Trace(_Numbered, frozen=True, kw_only=True):
    """A recording of workers, to be played from made-up numbers: see :mod:`loadtest.flood.replay`."""

    files: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """The traces, or folders that they lie in; a relative path starts where the harness does."""


class Scenario(Table, frozen=True):
    """The whole file."""

    description: str
    phase: tuple[Phase, ...] = ()
    trace: Trace | None = None
    speed: Positive = 1.0
    """Seconds of the world that pass in one second of play."""
    seed: int = 2017
    thresholds: tuple[str, ...] = msgspec.field(default=(), name="limits")
    """Bounds on figures, such as "cost.total <= 8.75": see :mod:`loadtest.flood.thresholds`."""
    numbers: Numbers | None = None
    """Default: as many numbers are given away as the file has, and each of them is known to people and trolls alike."""
    worker: dict[str, Any] = {}
    """Tables that are laid over the static file of a worker that the harness starts."""
    name: str = ""
    """The name of the file."""

    def __post_init__(self) -> None:
        _require(self.phase or self.trace, "missing key 'phase'; write at least one [[phase]], or a [trace]")

    @property
    def lasts_us(self) -> int:
        """Return how long the phases are played."""
        return max((int((phase.starts + phase.lasts) / self.speed) for phase in self.phase), default=0)
