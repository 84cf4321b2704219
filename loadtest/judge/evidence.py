"""The evidence on a flood: everything that was asked, seen and claimed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from loadtest.judge.account import Account
from loadtest.judge.bounds import Bounds, Funds, bounds
from loadtest.judge.demand import Demand
from loadtest.judge.model import MS_US, Spending
from loadtest.judge.run import Run
from loadtest.judge.seen import Reply, Unpaid
from loadtest.judge.status import Booked, Status
from loadtest.judge.tally import Tally
from loadtest.provider.billing import Billed
from loadtest.provider.money import read_money
from loadtest.provider.reading import Outcome

_SEGMENTS_MAX = 100


@dataclass(frozen=True)
class Evidence:
    """All that the judge looks at. What follows from it is worked out once, when it is asked for."""

    run: Run
    demand: Demand
    tally: Tally
    before: Status | None = None
    """The worker's status before the flood, and after it; None if it could not be read."""
    after: Status | None = None
    shortcomings: tuple[str, ...] = ()
    """A line for everything that makes this run less than was asked for: interrupted, a generator lost."""
    unseen: tuple[Unpaid, ...] = ()
    """The messages that may have been sent, and answered, by a generator that was lost before it could tell."""
    clock_us: int = 0
    """The most by which one generator's instants may differ from another's."""

    @cached_property
    def account(self) -> Account:
        """The money that was seen."""
        return Account.of([*self.tally.unknown, *self.unseen], self.tally.replies, self.run.prices)

    @cached_property
    def booked(self) -> Booked | None:
        """The flood as the worker has booked it."""
        return Booked.between(self.before, self.after) if self.before and self.after else None

    @cached_property
    def bounds(self) -> Bounds:
        """The bounds on the number of replies."""
        fresh = not self.other_charges
        played_us = min(self.tally.played_us.values(), default=0)
        return bounds(self.run, self.demand, Funds(self.kitty_left_micros, fresh), self.slop_us, played_us)

    @cached_property
    def strangers(self) -> int:
        """The number of messages in the books that this flood cannot have sent: somebody else writes to the worker as well.

        None do so to a worker of the run's own.
        """
        if self.booked is None or self.run.own:
            return 0
        return max(0, self.booked.messages - self.tally.delivered - self.lost)

    @cached_property
    def received_micros(self) -> tuple[int, int]:
        """The least and the most that receiving may stand in the books at: each message once, of what is unknown perhaps nothing.

        Two workers that are brought a message at the same instant may both book it, each of several machines may book a retry
        that it has not seen, and what strangers send is not known.
        """
        unknown = [message for message in (*self.tally.unknown, *self.unseen) if message.kind.is_message]
        billed = [(message.number, message.billed) for message in unknown if not message.kind.is_repeat]
        if not self.run.own or self.run.config.server.workers > 1:
            billed += [(repeat.number, repeat.billed) for repeat in unknown if repeat.kind.is_repeat]
            billed += self.tally.billed_again.items()
        possible = self._receiving_micros(billed)
        dearest = (Billed(segments=_SEGMENTS_MAX), Billed(pictures=1))
        possible += self.strangers * max(prices.receiving_micros(one) for prices in self.run.prices for one in dearest)
        least = self._receiving_micros(self.tally.billed.items())
        return least, least + possible

    def _receiving_micros(self, billed: Iterable[tuple[int, Billed]]) -> int:
        """Return what is charged for what was received, by the place of the number."""
        return sum(self.run.prices[number].receiving_micros(one) for number, one in billed)

    @property
    def lost(self) -> int:
        """The number of messages that may have been read, though no 200 was seen."""
        outcomes = (Outcome.UNKNOWN, Outcome.ERROR)
        counts = self.tally.counts.items()
        seen = sum(count for (kind, outcome), count in counts if kind.is_message and outcome in outcomes)
        return seen + len(self.unseen)

    @property
    def other_charges(self) -> str:
        """Why the ledger may have answered fewer of this flood than its limits allow; empty if it was new, and the flood's alone."""
        if self.strangers:
            return "somebody else writes to the worker"
        if self.before is None:
            return "nobody knows what the ledger held before the flood"
        return "the ledger was used before the flood" if self.before.messages else ""

    @property
    def slop_us(self) -> int:
        """The longest time from when a message was due to its answer, as far as the clocks can tell."""
        return self.tally.corrected.max_us + 2 * self.clock_us + MS_US

    def spending(self, reply: Reply, amount: int) -> Spending:
        """Return a reply as something spent between two instants of the flood, as far as the clocks can tell.

        The worker's own counts in whole milliseconds: what it takes for one may have been a microsecond.
        """
        return Spending(reply.done_us + self.clock_us, reply.sent_us - self.clock_us - MS_US, amount)

    @property
    def kitty_left_micros(self) -> int:
        """The money that the worker could spend when the flood began."""
        return read_money(self.before.kitty_left) if self.before else int(self.run.config.budget.kitty)
