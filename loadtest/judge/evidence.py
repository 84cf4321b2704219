"""The evidence on a flood: everything that was asked, seen and claimed."""

from dataclasses import dataclass
from functools import cached_property

from loadtest.judge.account import Account
from loadtest.judge.bounds import Bounds, Funds, bounds
from loadtest.judge.demand import Demand
from loadtest.judge.run import Run
from loadtest.judge.status import Booked, Status
from loadtest.judge.tally import Tally
from loadtest.provider.money import read_money


@dataclass(frozen=True)
class Evidence:
    """All that the judge looks at. What follows from it is worked out once, when it is asked for."""

    run: Run
    demand: Demand
    tally: Tally
    before: Status | None = None
    """The worker's status before the flood, and after it; None if it could not be read."""
    after: Status | None = None

    @cached_property
    def account(self) -> Account:
        """The money that was seen."""
        return Account.of(self.tally, self.run.prices)

    @cached_property
    def booked(self) -> Booked | None:
        """The flood as the worker has booked it."""
        return Booked.between(self.before, self.after) if self.before and self.after else None

    @cached_property
    def bounds(self) -> Bounds:
        """The bounds on the number of replies."""
        fresh = self.before is None or self.before.replies == 0
        played_us = min(self.tally.played_us.values(), default=0)
        return bounds(self.run, self.demand, Funds(self.kitty_left_micros, fresh), self.slop_us, played_us)

    @property
    def slop_us(self) -> int:
        """The longest time from when a message was due to its answer."""
        return self.tally.corrected.max_us

    @property
    def kitty_left_micros(self) -> int:
        """The money that the worker could spend when the flood began."""
        return read_money(self.before.kitty_left) if self.before else int(self.run.config.budget.kitty)
