"""The contract of a ledger, which is the truth about the money for all workers and all machines.

1. `admit` is one atomic step: pause, opt-out, message id, sender, block, pace and kitty are checked in the order of
   :class:`edge.core.wire.reason.Reason`, and either all of it is written or nothing.
   What the receiving of a message has cost is told with its charge and is part of the kitty; a duplicate tells nothing.
2. A decision `answered` means written: it survives `kill -9`, and a power cut where the disk keeps its word.
3. The ledger decides by a time of its own (:mod:`edge.core.kept.instant`). No step of any clock gives it time twice.
4. At every contact a worker hears the message ids that were charged since its last one, by whichever worker, before it
   gets its answer. What it knows is then as of one instant, and a worker that refuses from memory never refuses the
   retry of a paid message: what was paid later was paid under limits at least as full as those that it knows. (While it
   has a question of its own on its way it may: what that would take is taken already. And where another worker has a
   looser file, until the next contact.)
5. Sums that outlive a worker have a teller, by whose name the ledger keeps, in the same step as what it adds, how far it
   knows them: for as long as they are there, so that whoever goes on with them tells nothing twice.
6. Where the kitty is to last until a day, the pace of an hour is worked out by whoever charges or tells first in it, in the
   same step (:mod:`edge.core.charging.pace`), and is then that of all whose file says the same.
7. State is created by spending only: a refusal and a stranger's STOP leave nothing behind.
8. When it cannot say, it raises LedgerDown, at memory speed while it is away; a charge may then be counted but not
   answered, never the other way round.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from edge.core.charging.charge import Charge, Decision, Tally, Totals
from edge.core.kept.attachment import Attachment
from edge.core.kept.button import Button
from edge.core.kept.hours import Hour
from edge.core.kept.lease import Lease
from edge.core.kept.minutes import KeptMinute
from edge.core.limits.rules import Standing
from edge.units import DAY_MS

RETRY_HORIZON_MS = DAY_MS
"""No provider that we know retries for longer (Vonage and Bandwidth: 24 hours)."""

Hear = Callable[[Sequence[str]], None]
"""A function that takes message ids that were charged; it is called in the worker's event loop."""


class Ledger(Protocol):
    """One worker's connection to the truth. Every method raises LedgerDown when it gets no answer in time."""

    async def admit(self, charge: Charge) -> Decision:
        """Charge a reply, or say why not."""
        ...

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again; return False, and keep nothing, if none was ever paid for them."""
        ...

    async def tell(self, tally: Tally) -> Standing:
        """Add what a worker has seen since it last told; return what holds now for all workers."""
        ...

    async def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long from now on, or, with None, until `resume`; return when it ends, by the ledger's time."""
        ...

    async def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        ...

    async def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> bool:
        """Keep what is wanted of a number, if it is still as it was `before`; return whether it was."""
        ...

    async def press(self, button: Button, for_ms: int) -> int | None:
        """Pause for so long by a button; return when the pause ends, or None where the button does not count (any more)."""
        ...

    async def press_to_detach(self, button: Button, phone: str, before: Attachment, after: Attachment) -> bool | None:
        """Keep by a button what is wanted of a number, if it is still as it was `before`; return whether it was.

        None where the button does not count (any more); then nothing is kept. Where the number is another one by now the
        button is not used.
        """
        ...

    async def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Lease:
        """Ask for the lease on the watch, or renew it with what is to be kept of it; without a length, give it back."""
        ...

    async def note(self, what: str) -> None:
        """Note for the watch that something has happened, one of `edge.core.kept.lease.NOTED`."""
        ...

    async def forget(self) -> None:
        """Forget how far the teller's sums are known, since they are gone."""
        ...

    async def totals(self) -> Totals:
        """Return the sums over all workers."""
        ...

    async def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours that began at an instant of the ledger's time or after it, the oldest first."""
        ...

    async def minutes(self, since_ms: int) -> list[KeptMinute]:
        """Return the minutes that began at an instant of the ledger's time or after it, the oldest first; those of a day are kept."""
        ...

    async def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return the same hours of each of several numbers; what an earlier version has told of them is in none."""
        ...

    async def minutes_of_each(self, since_ms: int) -> Mapping[str, list[KeptMinute]]:
        """Return the same minutes of each of several numbers; what an earlier version has told of them is in none."""
        ...

    async def close(self) -> None:
        """Finish what waits, and let go of the files or sockets."""
        ...
