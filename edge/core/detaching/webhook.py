"""What to do about a number's webhook, by what is wanted and what the provider has. Pure: whoever calls it asks, writes and keeps.

1. We write two things only: no address, or that of the file. A number is detached only where exactly that address stands, so
   what was there need not be remembered.
2. What stands there is ours if it is what we last wrote, or what we want; while nobody knows the end of a call of ours, both of
   what it may have left are. Anything else is a person's, and left alone.
3. Before each call it is kept that it begins, so that whoever comes after a crash asks before anything is written again.
"""

from collections.abc import Sequence
from enum import StrEnum, auto
from typing import Any

from msgspec.structs import replace

from edge.core.kept.attachment import ADDRESS, BLANK, Attachment, Why
from edge.core.kept.pause import end_of

NO_WAY = (
    "nothing can be asked of the provider: number.api-account-env, api-key-env and api-secret-env are not in the file"
)


class Move(StrEnum):
    """What is to be done next."""

    NOTHING = auto()
    """The provider has what is wanted."""
    WRITE = auto()
    LEAVE_ALONE = auto()
    """What stands there is a person's."""
    OVERRIDDEN = auto()
    """Something else would be called in the place of a blank address: to detach would stop nothing, or not what was meant."""


def next_move(attachment: Attachment, found: str, url: str, overrides: Sequence[str]) -> Move:
    """Return what to do where the provider has `found`, blank for no address, and the file says `url`."""
    if found == (url if attachment.attached else ""):
        return Move.NOTHING
    may_be_done = attachment.pending_ms is not None
    if attachment.attached:
        return Move.WRITE if found == "" and (may_be_done or attachment.written == BLANK) else Move.LEAVE_ALONE
    if found != url or (attachment.written == BLANK and not may_be_done):
        return Move.LEAVE_ALONE
    return Move.OVERRIDDEN if overrides else Move.WRITE


def beginning(attachment: Attachment, now_ms: int) -> Attachment:
    """Return it with the call noted that has the provider do what is wanted."""
    return replace(attachment, written=ADDRESS if attachment.attached else BLANK, pending_ms=now_ms)


def done(attachment: Attachment) -> Attachment:
    """Return it where the provider is known to have what is wanted; of what we never changed nothing is noted."""
    untouched = attachment.attached and attachment.written is None
    written = None if untouched else ADDRESS if attachment.attached else BLANK
    return replace(attachment, written=written, pending_ms=None, trouble="")


def not_done(attachment: Attachment, before: Attachment, trouble: str) -> Attachment:
    """Return it where a call is known to have done nothing: what stands there is the other one of what we write, as it was found."""
    written = BLANK if attachment.attached else None if before.written is None else ADDRESS
    return replace(attachment, written=written, pending_ms=None, trouble=trouble)


def given_up(attachment: Attachment, trouble: str, now_ms: int) -> Attachment:
    """Return it where what stands at the provider is left alone: then messages are delivered as whoever set it wants it."""
    if attachment.attached:
        return replace(attachment, written=None, pending_ms=None, trouble=trouble)
    return replace(
        attachment,
        attached=True,
        since_ms=now_ms,
        why=None,
        by_hand=True,  # whoever has set it: what detaches by itself leaves it alone for a while
        attach_at_ms=None,
        written=None,
        pending_ms=None,
        trouble=trouble,
    )


def detached_by_hand(before: Attachment, for_ms: int | None, now_ms: int) -> Attachment:
    """Return it detached by a person, for so long, or until they attach it again."""
    return replace(
        before,
        attached=False,
        since_ms=now_ms,
        why=Why.BY_HAND,
        by_hand=True,
        attach_at_ms=None if for_ms is None else now_ms + for_ms,
    )


def detached_by_button(before: Attachment, for_ms: int, now_ms: int) -> Attachment:
    """Return it detached for so long, or as it was where that is no shorter: a button can only lower what is spent."""
    if not before.attached and (before.attach_at_ms is None or before.attach_at_ms >= now_ms + for_ms):
        return before
    return detached_by_hand(replace(before, trouble=""), for_ms, now_ms)


def attached_again(before: Attachment, now_ms: int, *, by_hand: bool = False) -> Attachment:
    """Return it attached, if it was not: by a person, or because its time off is over, or nobody may act any more."""
    if before.attached:
        return before
    return replace(before, attached=True, since_ms=now_ms, why=None, by_hand=by_hand, attach_at_ms=None)


def after_time_off(attachment: Attachment, now_ms: int) -> Attachment:
    """Return it attached once its time off by hand is over."""
    is_over = attachment.by_hand and attachment.attach_at_ms is not None and now_ms >= attachment.attach_at_ms
    return attached_again(attachment, now_ms) if is_over else attachment


def is_by_hand_alone(attachment: Attachment) -> bool:
    """Return whether only a person ends its time off."""
    return not attachment.attached and attachment.by_hand and attachment.attach_at_ms is None


def as_json(attachment: Attachment) -> dict[str, Any]:
    """Return what a status shows of it; instants as ISO 8601 has them."""
    return {
        "attached": attachment.attached,
        "settled": attachment.is_settled,
        "since": end_of(attachment.since_ms) if attachment.since_ms else None,
        "why": attachment.why,
        "by_hand": attachment.by_hand,
        "until": None if attachment.attach_at_ms is None else end_of(attachment.attach_at_ms),
        "trouble": attachment.trouble or None,
    }
