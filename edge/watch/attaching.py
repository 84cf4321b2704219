"""Has the provider do what the ledger says of a number: deliver to it, or not. Only whoever holds the lease does it.

1. What the provider has is read at the start, every 15 minutes, and before anything is written.
2. A call whose end nobody knows is asked about, once it cannot be under way any more, and only then written again, if it has to be.
3. What fails is tried again, at most once a minute, as long as something is to be done; what is wrong is kept with the number.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from edge.api.client import WHOLE_S, Client
from edge.api.fate import Fate, Reached
from edge.api.webhook import Webhook, WebhookApi
from edge.core.charging.ledger import Ledger
from edge.core.detaching.webhook import NO_WAY, Move, beginning, done, given_up, next_move, not_done
from edge.core.kept.attachment import Attachment
from edge.errors import AntirelouError, LedgerDown
from edge.units import MINUTE_MS, SECOND_MS

READ_MS = 15 * MINUTE_MS
"""So often it is looked at while nothing is to be done."""
WHOLE_MS = round(WHOLE_S * SECOND_MS) + SECOND_MS
"""So long a call may be under way, whoever has begun it."""
FIRST_MS = 5 * SECOND_MS
AGAIN_MS = MINUTE_MS
FAILING_TRIES = 3
"""So many tries in vain make it worth telling."""

log = logging.getLogger("antirelou")


class Attaching:
    """One worker's part in it, for one number."""

    def __init__(
        self,
        *,
        phone: str,
        url: str,
        api: WebhookApi | None,
        client: Client,
        detaches: bool = False,
        where: str = "number",
        whole_ms: int = WHOLE_MS,
        first_ms: int = FIRST_MS,
    ) -> None:
        """Take the number and its address as the file has it; `detaches` says that it is to be detached by itself, and `where` is its key there."""
        self.phone = phone
        self.may_detach = False
        """Whether the provider, when it was last looked at, had what may be taken away, and nothing in the way of it."""
        self._url = url
        self._api = api
        self._client = client
        self._detaches = detaches
        self._where = where
        self._whole_ms = whole_ms
        self._first_ms = first_ms
        self._next_ms = 0
        self._tries = 0
        self._wanted = True
        self._work: asyncio.Task[None] | None = None

    def seen(self, attachment: Attachment) -> Attachment:
        """Return what is known of the number, with what is wrong where nobody can be asked."""
        if self._api is None and not (attachment.attached and attachment.is_settled):
            return replace(attachment, trouble=NO_WAY)
        return attachment

    def begin(
        self, ledger: Ledger, holds: Callable[[], Awaitable[bool]], attachment: Attachment, now_ms: int, *, anew: bool
    ) -> None:
        """Begin what is due, beside whatever else goes on; `holds` says whether the lease is still ours, `anew` that it was not before."""
        if self._api is None or (self._work is not None and not self._work.done()):
            return
        if anew or attachment.attached != self._wanted:
            self._next_ms, self._tries, self._wanted = 0, 0, attachment.attached
        if now_ms >= self._next_ms:
            turn = _Turn(ledger, self.phone, holds, now_ms)
            self._work = asyncio.create_task(self._act(self._api, turn, attachment))

    async def finish(self, timeout_s: float) -> None:
        """Wait for what is under way, for so long; then it is left as it is, and whoever comes next asks about it."""
        if self._work is not None:
            await asyncio.wait([self._work], timeout=timeout_s)
            self._work.cancel()

    async def _act(self, api: WebhookApi, turn: "_Turn", attachment: Attachment) -> None:
        self._later(turn.begun_ms, attachment)
        try:
            if attachment.pending_ms is not None and turn.begun_ms < attachment.pending_ms + self._whole_ms:
                self._next_ms = attachment.pending_ms + self._whole_ms
                return
            found = await self._client.converse(api.look())
            if isinstance(found, Fate):
                await self._failed(turn, attachment, attachment, found)
            else:
                await self._go_on(api, turn, attachment, found)
        except LedgerDown:
            return  # nothing is done without it; the next look tries again
        except AntirelouError as error:  # a library is missing
            await self._failed(turn, attachment, attachment, Fate(Reached.REFUSED, str(error)))

    async def _go_on(self, api: WebhookApi, turn: "_Turn", attachment: Attachment, found: Webhook) -> None:
        move = next_move(attachment, found.address, self._url, found.overrides)
        self.may_detach = found.address == self._url and not found.overrides
        if move is Move.WRITE:
            await self._write(api, turn, attachment, found)
            return
        self._tries, self._next_ms = 0, turn.begun_ms + READ_MS
        if move is Move.NOTHING:
            is_in_the_way = found.overrides and (self._detaches or not attachment.attached)
            after = replace(done(attachment), trouble=overridden(found) if is_in_the_way else "")
        else:
            trouble = overridden(found) if move is Move.OVERRIDDEN else theirs(found, self._url)
            after = given_up(attachment, trouble, turn.now_ms)
        await self._keep(turn, attachment, after)

    async def _write(self, api: WebhookApi, turn: "_Turn", attachment: Attachment, found: Webhook) -> None:
        begun = beginning(attachment, turn.now_ms)
        if not await turn.holds() or not await turn.keep(attachment, begun):
            self._next_ms = 0  # somebody else goes on, or something else is wanted by now
            return
        address = self._url if begun.attached else ""
        fate = api.written(await self._client.call(api.write(found, address)), address)
        if fate.reached is Reached.DONE:
            log.warning("%s: %s at the provider", self._where, "attached" if begun.attached else "detached")
            self._tries, self._next_ms = 0, (begun.pending_ms or 0) + self._whole_ms
            self.may_detach = begun.attached and not found.overrides  # what stands there now is ours
            if await turn.keep(begun, done(begun)):
                self._next_ms = turn.begun_ms + AGAIN_MS  # to see that no earlier call came late
        elif fate.reached is Reached.UNKNOWN:
            await self._failed(turn, begun, begun, fate)
            self._next_ms = (begun.pending_ms or 0) + self._whole_ms
        else:
            await self._failed(turn, begun, not_done(begun, attachment, attachment.trouble), fate)

    async def _failed(self, turn: "_Turn", kept: Attachment, after: Attachment, fate: Fate) -> None:
        """Note a try in vain; what is refused, or goes on failing, is worth telling."""
        self._tries += 1
        self.may_detach = False
        self._later(turn.begun_ms, after)
        if fate.reached is Reached.REFUSED or self._tries >= FAILING_TRIES:
            after = replace(after, trouble=f"the provider's API: {fate.said}")
        await self._keep(turn, kept, after)

    async def _keep(self, turn: "_Turn", before: Attachment, after: Attachment) -> None:
        if after == before or not await turn.keep(before, after):
            return
        if after.trouble and after.trouble != before.trouble:
            log.warning("%s: %s", self._where, after.trouble)

    def _later(self, now_ms: int, attachment: Attachment) -> None:
        """Come back: soon if something is to be done, and in its time if not."""
        pause_ms = min(AGAIN_MS, self._first_ms << min(self._tries, 4))
        self._next_ms = now_ms + (READ_MS if attachment.is_settled and not self._tries else pause_ms)


class _Turn:
    """One time at it: the ledger, and whether we may go on."""

    def __init__(self, ledger: Ledger, phone: str, holds: Callable[[], Awaitable[bool]], begun_ms: int) -> None:
        self._ledger = ledger
        self._phone = phone
        self.holds = holds
        self.begun_ms = begun_ms
        self._begun_s = asyncio.get_running_loop().time()

    @property
    def now_ms(self) -> int:
        """The instant by the ledger's time."""
        return self.begun_ms + int((asyncio.get_running_loop().time() - self._begun_s) * SECOND_MS)

    async def keep(self, before: Attachment, after: Attachment) -> bool:
        """Keep what is known of the number, if nobody has changed what is wanted; return whether that is so."""
        return await self._ledger.keep_attachment(self._phone, before, after)


def overridden(found: Webhook) -> str:
    """Return why a number cannot be detached."""
    return f"it cannot be detached while this is set at the provider: {', '.join(found.overrides)}"


def theirs(found: Webhook, url: str) -> str:
    """Return why what stands at the provider is left alone."""
    what = {"": "no address", url: "number.url again"}.get(found.address, "another address than number.url")
    return f"at the provider stands {what}, which somebody has put there: it is left alone"
