"""What is known of a ledger before it is opened: whose it is, and how far it had come. A value only.

A worker that has lost its ledger, or never had it, takes none that is another one, or that has come less far: an older copy
knows nothing of the replies that were paid since, and would pay them again.
"""

import msgspec

ADVICE = "Put the right one back; or, to go on with this one, restart"


class Known(msgspec.Struct, frozen=True):
    """What somebody saw of a ledger."""

    id: str = ""
    """The name that it was given when it was begun; empty where it has none, or nobody has looked."""
    replies: int = 0
    received_micros: int = 0
    last_id: str = ""
    """The message of the last reply; empty if there was none, or it is not known."""

    def refusal(self, found: "Known", last_id: str | None) -> str | None:
        """Return why a ledger is not the one that is known, or None if it is; `last_id` is what it has where ours is the last."""
        if self.id and self.id != found.id:
            return f"another ledger was put in its place. {ADVICE}"
        if found.replies < self.replies:
            return f"an older copy: it holds {found.replies} replies, and {self.replies} were paid. {ADVICE}"
        if found.received_micros < self.received_micros:
            return f"an older copy: it has counted less for receiving than was counted before. {ADVICE}"
        if self.last_id and last_id is not None and self.last_id != last_id:
            return f"a copy that has gone its own way: its reply number {self.replies} is another one. {ADVICE}"
        return None
