"""Thresholds bound the figures of a run: "cost.total <= 8.75", "genuine.answered_share >= 0.8", "corrected.p99_ms < 50".

In a scenario they stand under `limits`, on the command line after `--limit`.

1. A threshold bounds one figure of a run; a name that is not known is refused, with the one that was probably meant.
2. Figures are exact fractions, so `<=` at the last cent means what it says.
3. A figure that a run cannot have (the share of genuine senders where nobody is genuine) leaves its threshold undecided, which
   is never a pass.
"""

import operator
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

import msgspec

from edge.errors import did_you_mean

Figures = Mapping[str, Fraction | None]

_QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
QUANTILES = {f"{name}_ms": share for name, share in _QUANTILES.items()}

_LATENCIES = {
    "corrected": "from the instant at which a message was due to its answer",
    "service": "from sending a message to its answer",
    "lag": "how late the generator sent",
}
MONEY = {
    "cost.total": "what the replies cost, those of unknown outcome included if the worker's books do not settle them",
    "cost.received": "what receiving costs, replies or not: by the segment, each message once",
    "cost.bill": "the whole bill: replies and receiving",
    "cost.genuine": "what was paid to genuine senders",
    "cost.trolls": "what was paid to everybody else",
    "cost.per_genuine": "what a genuine sender's answer came to, everything paid included",
    "cost.without_gate": "what the same flood would cost if every message were answered",
}
_SPENT = {"cost.total", "cost.trolls", "cost.genuine"}
_ANSWERS = {"cost.per_genuine", "genuine.answered", "genuine.answered_share", "genuine.share_of_possible"}
_SUMS = {*_SPENT, "replies.total", "replies.per_sender_max"}
NAMES: dict[str, str] = MONEY | {
    "replies.total": "replies seen, a repeated one once",
    "replies.forged": "replies to what the provider did not send",
    "replies.per_sender_max": "the most that one sender got",
    "messages.sent": "requests sent",
    "messages.held_back": "messages that the provider did not deliver while a number was detached",
    "messages.unknown": "requests that never got an answer",
    "messages.errors": "answers that a provider would not understand, or would ask for again",
    "genuine.senders": "people who wrote for the first time",
    "genuine.answered": "those of them who got the reply",
    "genuine.answered_share": "their share",
    "genuine.share_of_possible": "their share of those whom the pace could have answered without any troll",
    "throughput.per_s": "answers in a second, on average",
    "throughput.min_per_s": "answers in the slowest full second",
    "connections.opened": "connections opened",
    "connections.waited": "arrivals that had to wait for a connection",
    "generator.cpu_share": "how busy the busiest generator process was, from 0 to 1",
}
for _series, _meaning in _LATENCIES.items():
    NAMES |= {f"{_series}.{name}_ms": _meaning for name in [*_QUANTILES, "max"]}

_FORM = re.compile(r"\s*([\w.]+)\s*(<=|>=|==|<|>)\s*(\d+(?:\.\d+)?)\s*", re.ASCII)
_HOLDS = {"<=": operator.le, ">=": operator.ge, "==": operator.eq, "<": operator.lt, ">": operator.gt}


class Threshold(msgspec.Struct, frozen=True):
    """One figure and its bound."""

    name: str
    sign: str
    bound: Fraction
    text: str

    @property
    def is_of_generator(self) -> bool:
        """Whether it bounds the harness rather than the worker: then a breach says nothing about the worker."""
        return self.name.startswith(("lag.", "generator."))

    @property
    def is_of_clock(self) -> bool:
        """Whether a late generator spoils its figure."""
        return self.name.startswith(("corrected.", "service.", "throughput."))

    @property
    def is_of_unknown(self) -> bool:
        """Whether it bounds what was never answered: what the harness does not wait for is no fault of the worker's."""
        return self.name == "messages.unknown"

    @property
    def is_of_answers(self) -> bool:
        """Whether it asks for answers that an honest worker may not be able to give: to whom its ledger has paid before, say."""
        return self.name in _ANSWERS or (self.name in _SUMS and not self.sign.startswith("<"))

    @property
    def is_cap_on_money(self) -> bool:
        """Whether it bounds what is spent from above: then a breach is final, whatever comes later."""
        return self.name in _SPENT and self.sign.startswith("<")


class Finding(msgspec.Struct, frozen=True):
    """A threshold and what it came to: in one flood, or on average in several, with the interval that chance leaves."""

    threshold: Threshold
    value: Fraction | None
    plus_minus: Fraction | None = None
    """How far from the mean of several floods the true one may lie; None for a single figure."""

    @property
    def holds(self) -> bool | None:
        """Return whether it holds, with its whole interval; None if there is no figure, or chance leaves it open."""
        if self.value is None:
            return None
        ends = {_HOLDS[self.threshold.sign](end, self.threshold.bound) for end in self._ends}
        is_around = self.threshold.sign == "==" and min(self._ends) < self.threshold.bound < max(self._ends)
        return ends.pop() if len(ends) == 1 and not is_around else None

    @property
    def _ends(self) -> tuple[Fraction, ...]:
        """The least and the most that the true figure may be."""
        value, around = self.value or Fraction(0), self.plus_minus or Fraction(0)
        return value - around, value + around

    @property
    def margin(self) -> Fraction | None:
        """Return how far inside its bound the figure is with its whole interval, as a share of the bound; negative outside."""
        if self.value is None or self.threshold.sign == "==":
            return None
        least, most = self._ends
        room = self.threshold.bound - most if self.threshold.sign.startswith("<") else least - self.threshold.bound
        return room / self.threshold.bound if self.threshold.bound else room


def parse(text: str) -> Threshold:
    """Return the threshold that a line states. Raises ValueError with what would be right."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f'found {text!r}; write a figure, a sign and a number, such as "cost.total <= 8.75"')
    name, sign, bound = found.groups()
    if name not in NAMES:
        raise ValueError(f"{name!r} is not a figure; {did_you_mean(name, NAMES)}")
    return Threshold(name, sign, Fraction(bound), f"{name} {sign} {bound}")


def evaluate(thresholds: Iterable[Threshold], figures: Figures) -> list[Finding]:
    """Return what each threshold came to."""
    return [Finding(threshold, figures[threshold.name]) for threshold in thresholds]
