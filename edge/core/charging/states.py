"""The states in a ledger's books that are one sender's. Values only."""

import msgspec

from edge.core.limits.bucket import UNUSED, Bucket


class States(msgspec.Struct, frozen=True):
    """What a ledger holds of a sender, and of their block; a stranger's are those of nobody."""

    opted_out: bool = False
    sender: Bucket = UNUSED
    block: Bucket = UNUSED

    @property
    def is_known(self) -> bool:
        """Whether they were ever answered."""
        return self.sender != UNUSED

    @property
    def answered_ms(self) -> int | None:
        """When they were last answered, by the ledger's time; None where they never were, or an older format did not keep it."""
        return self.sender.at_ms if self.sender.used else None
