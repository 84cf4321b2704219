"""What a worker remembers of senders, blocks and message ids: the same for all of our numbers, since a sender is one on all of them."""

from edge.core.charging.ledger import RETRY_HORIZON_MS
from edge.core.limits.generations import Generations
from edge.core.limits.rules import Rules


class Memory:
    """It holds what is being asked for, and what is known to be paid."""

    def __init__(self, rules: Rules) -> None:
        self.senders = Generations[str](rules.sender.refill_ms)
        self.blocks = Generations[str](rules.block.refill_ms)
        self.ids = Generations[str](max(RETRY_HORIZON_MS, rules.sender.refill_ms, rules.block.refill_ms))
        self.opted_out: set[str] = set()
        self.latest_ms = 0
        """When it was last asked."""
        self.era = 0

    def forget(self) -> None:
        """Begin a new era, without the buckets that were known: the clock has stepped back."""
        self.senders.clear()
        self.blocks.clear()
        self.era += 1
