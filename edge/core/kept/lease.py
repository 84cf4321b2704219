"""The lease on the watch: one worker of all holds it for a while, and renews it while it lives. By the ledger's time.

What the holder has said, and how far it has seen, is kept with it (`notes`): whoever takes over goes on from there. Notes are
written only by whom the ledger still names as the holder, so that one who slept through its lease overwrites nothing.
"""

from collections.abc import Mapping, Sequence

import msgspec

STARTED, RESTARTED, SIGNATURE = NOTED = ("start", "restart", "signature")
"""What workers note: that one was started, or started in the place of a dead one, and that a request looked like the provider's and did not verify."""
NOTED_MAX = 16
"""So many instants of each are kept, the newest."""


class Held(msgspec.Struct, frozen=True):
    """The lease as a ledger keeps it."""

    holder: str = ""
    until_ms: int = 0
    notes: str = ""


class Lease(msgspec.Struct, frozen=True):
    """What a worker hears that asked for the lease."""

    is_held: bool
    """By whoever asked."""
    is_new: bool
    """Whether somebody else, or nobody, held it before: then the notes are to be read."""
    notes: str
    noted: Mapping[str, Sequence[int]]
    """The instants at which workers noted something."""
    now_ms: int


def ask(held: Held, holder: str, length_ms: int, notes: str | None, now_ms: int) -> tuple[Held, bool, bool]:
    """Return the lease after somebody has asked for it, whether they hold it, and whether that is new; with no length it is given back."""
    mine = held.holder == holder
    if not mine and now_ms < held.until_ms:
        return held, False, False
    after = Held(holder, now_ms + length_ms, held.notes if notes is None or not mine else notes)
    return (after, True, not mine) if length_ms else (Held("", 0, after.notes), False, False)


def noted(before: Sequence[int], now_ms: int) -> list[int]:
    """Return the instants of something after it has happened once more."""
    return [*before, now_ms][-NOTED_MAX:]
