"""Whether the provider is to deliver what is sent to a number, and what is known of it. Kept in the ledger, for each number.

The instants are of the ledger's time. What is wanted is written before the provider is asked for it, so that whoever starts
after a crash knows what was meant.
"""

from enum import StrEnum, auto

import msgspec

BLANK, ADDRESS = "", "number.url"
"""What stands at the provider: no address, or that of the file. The address itself is not kept: it may be a secret."""


class Why(StrEnum):
    """The reason why a number was detached."""

    NOBODY_PAYABLE = auto()
    """The pace pays no reply now, so nobody could be answered anyway."""
    PER_ANSWER = auto()
    """Receiving costs more for each answer to somebody genuine than it may."""
    KITTY_SPENT = auto()
    """The kitty pays no exchange any more."""
    PAUSED = auto()
    """Paused by hand for longer than a time off, or by the static file."""
    RECEIVING_PACE = auto()
    """The last resort: receiving has used up a pace of its own."""
    BY_HAND = auto()


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a number's webhook at the provider, and since when."""

    attached: bool = True
    since_ms: int = 0
    why: Why | None = None
    """None while it is attached."""
    by_hand: bool = False
    """Whether somebody has asked for it: then only they, or its timer, end it."""
    attach_at_ms: int | None = None
    """When a time off is over; None where there is no timer."""
    detachings_ms: tuple[int, ...] = ()
    """The instants of the last 24 hours at which it was detached."""
    written: str | None = None
    """What was last written at the provider, `BLANK` or `ADDRESS`; None if nothing was."""
    pending_ms: int | None = None
    """When the call began that wrote it, as long as nobody knows whether it was done."""
    trouble: str = ""
    """Why the provider's side is not, or may not be, what is wanted; one line for the operator, blank where nothing is wrong."""

    @property
    def is_settled(self) -> bool:
        """Whether the provider has, as far as we know, what is wanted."""
        return self.pending_ms is None and (self.written == BLANK) != self.attached


class _Least(msgspec.Struct, kw_only=True):
    """What every version understands."""

    attached: bool = True
    written: str | None = None


def encoded(attachment: Attachment) -> str:
    """Return it as a ledger keeps it."""
    return msgspec.json.encode(attachment).decode()


def decoded(text: str) -> Attachment:
    """Return what a ledger has kept; of what another version wrote, as much as can be understood."""
    try:
        return msgspec.json.decode(text, type=Attachment)
    except msgspec.DecodeError:
        pass
    try:
        least = msgspec.json.decode(text, type=_Least)
    except msgspec.DecodeError:
        return Attachment()
    return Attachment(attached=least.attached, written=least.written)
