"""The ledger on a Valkey or Redis server, for several machines: one script is one atomic step on the server's clock.

1. What waits goes in one round trip and is one step (:mod:`edge.ledger.batcher`), decided by `valkey.lua` and what follows it.
2. All keys of a number lie in one slot; numbers never get there, except our own in the names of the keys.
3. A step that is late, or whose answer is lost, may be done without our knowing, and even after a later one. So what is
   told is cumulative, and the server keeps the mark of each worker.
4. How durable a charge is depends on the server's settings: see docs/reference/ledgers.md.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any, TypeVar

import msgspec
from valkey.exceptions import NoScriptError

from edge.core.charging import shares
from edge.core.charging.charge import Came, Charge, Decision, Tally, Totals
from edge.core.charging.ledger import Hear
from edge.core.kept.attachment import Attachment, decoded, encoded
from edge.core.kept.button import Button
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import Hour, hour_from
from edge.core.kept.lease import Lease
from edge.core.kept.minutes import KeptMinute, minute_from
from edge.core.limits.bucket import Bucket
from edge.core.limits.rules import Pace, Rules, Standing
from edge.core.wire.reason import AGAIN, Reason
from edge.errors import LedgerDown
from edge.ledger.batcher import Batcher
from edge.ledger.place import Place
from edge.ledger.valkey_server import Client, ValkeyServer

log = logging.getLogger("antirelou")

VERSION = "1"
"""The version of what the keys hold; a program refuses another one than it knows."""
FORMAT = 2
"""The count of what has been added to it; a program refuses a later one than it knows, and brings an earlier one up to date."""
KEPT_1 = ("account", "senders", "blocks", "charges", "opted_out", "tally")
EACH = ("number_hours", "number_minutes", "reply_numbers")
"""Those in which each of several numbers has its own."""
KEPT = (*KEPT_1, "sender_buckets", "block_buckets", "block_charges", "hours", "minutes", "replies", *EACH)
"""The keys of the books, those of format 1 first. There is one more for each worker: what it has told, for a day if its sums end with it."""

PARTS = ("valkey.lua", "valkey_hours.lua", "valkey_minutes.lua", "valkey_numbers.lua", "valkey_work.lua")
"""The script, one file after the other."""

Result = TypeVar("Result")
Kept = TypeVar("Kept")
Rows = list[tuple[str, list[int]]]
"""A number, and one of its hours or minutes as it is kept."""
Work = tuple[str, object]
"""The name of a function of the script, and its argument."""


def key(ledger: str, name: str) -> str:
    """Return the name of a key of a ledger; what stands in braces decides the slot."""
    return f"antirelou:{{{ledger}}}:{name}"


def of_each(rows: Rows, make: Callable[[list[int]], Kept]) -> dict[str, list[Kept]]:
    """Return by number what its rows are, the oldest first."""
    found: dict[str, list[Kept]] = {}
    for number, row in sorted(rows):
        found.setdefault(number, []).append(make(row))
    return found


class Script:
    """A script, and the name by which the server knows it once it has seen it."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.sha = hashlib.sha1(text, usedforsecurity=False).hexdigest()


class Told(msgspec.Struct):
    """What a worker has told: the marks up to which the server has said that it knows."""

    received_micros: int
    counts: Mapping[Reason, int]
    segments: int = 0
    numbers: Mapping[str, Came] = {}


class Telling(Told):
    """What a worker tells: all that it has seen."""

    of_messages: Sequence[Reason] = ()
    """Those of its reasons behind which a message stands that was received."""
    again: Sequence[Reason] = ()
    """Those of them of senders who were answered before."""


class Request(msgspec.Struct):
    """One step."""

    version: str
    epoch: str
    """The ledger that this worker belongs to; empty where nobody has looked."""
    heard: int
    """The number of the last charge that it has heard of; -1 at the first contact."""
    known: Mapping[str, int]
    """The account as it was at the last contact."""
    told: Told
    keeps_marks: bool
    """Whether what is told has to be known for longer than a day: the sums may outlive this worker."""
    rules: Rules
    works: Sequence[Work]


class Response(msgspec.Struct):
    """The result of one step."""

    epoch: str
    results: list[msgspec.Raw]
    news: list[str]
    replies: int
    replies_micros: int
    received_micros: int
    told_micros: int
    forgotten: int
    """How many replies this worker knows of that the server did not."""


class KeptTotals(msgspec.Struct):
    """The totals as the server keeps them."""

    replies: int
    replies_micros: int
    received_micros: int
    pace: Bucket
    now_ms: int
    last_ms: int
    counts: list[tuple[str, int]]
    paused_until_ms: int
    attachments: list[tuple[str, str]]
    reserve: Bucket
    shares: str
    hourly: Hourly | None = None


class Watched(msgspec.Struct):
    """The answer to whoever asks for the lease."""

    is_held: bool
    is_new: bool
    notes: str
    noted: list[tuple[str, str]]
    now_ms: int


class ValkeyLedger:
    """One worker's connection to the server; made inside a running event loop, after `valkey_setup.prepare`."""

    script = Script(b"".join(files("edge.ledger").joinpath(part).read_bytes() for part in PARTS))

    def __init__(self, place: Place, rules: Rules, hear: Hear, teller: str = "") -> None:
        self._url = place.url
        self._server = ValkeyServer(place)
        self._rules = rules
        self._hear = hear
        self._keeps_marks = bool(teller)
        self._keys = [key(place.known_as, name) for name in (*KEPT, f"told:{teller or secrets.token_hex(8)}")]
        self._epoch = place.known.id
        self._heard = -1
        self._known: Mapping[str, int] = {}
        self._told = Told(0, {})
        self._attachments: dict[str, tuple[Attachment, str]] = {}
        """As they were last read or written, and the texts that they were read from."""
        self._batcher: Batcher[Work, msgspec.Raw] = Batcher(self._run)

    async def admit(self, charge: Charge) -> Decision:
        """Charge a reply, or say why not."""
        keys = {"sender": charge.sender.hex(), "block": charge.block.hex()}  # the script can read texts only
        return await self._ask("admit", msgspec.structs.asdict(charge) | keys, Decision)

    async def opt_out(self, sender: bytes) -> bool:
        """Never answer that sender again, if they ever were."""
        return await self._ask("opt_out", sender.hex(), bool)

    async def tell(self, tally: Tally) -> Standing:
        """Add what a worker has seen since it last told; return what holds now for all workers."""
        counts: dict[Reason, int] = {
            reason: count for reason, count in tally.counts.items() if count and reason is not Reason.ANSWERED
        }
        of_messages = [reason for reason in counts if reason.received]
        telling = Telling(tally.received_micros, counts, tally.segments, tally.numbers, of_messages, AGAIN)
        paused, pace = await self._ask("tell", telling, tuple[bool, list[int]])
        self._told = Told(self._told.received_micros, counts, tally.segments, tally.numbers)
        return Standing(paused, Pace(*pace) if pace else None)

    async def pause(self, for_ms: int | None) -> int:
        """Pay no reply for so long; return when it ends."""
        return await self._ask("pause", {"for_ms": -1 if for_ms is None else for_ms}, int)

    async def resume(self) -> bool:
        """Pay replies again; return whether it was paused."""
        return await self._ask("resume", None, bool)

    async def keep_attachment(self, phone: str, before: Attachment, after: Attachment) -> bool:
        """Keep what is wanted of a number, if it is still as it was before.

        The server compares texts: what it has said stands for what was read from it, though another version may have written it.
        """
        asked = self._kept(phone, before, after)
        is_same = await self._ask("keep_attachment", asked, bool)
        if is_same:
            self._attachments[phone] = after, asked["after"]
        return is_same

    async def press(self, button: Button, for_ms: int) -> int | None:
        """Pause for so long by a button; return when the pause ends, or None where it does not count."""
        asked = {"kept": button.kept, "expires_ms": button.expires_ms, "for_ms": for_ms}
        return await self._ask("press", asked, int) or None

    async def press_to_detach(self, button: Button, phone: str, before: Attachment, after: Attachment) -> bool | None:
        """Keep by a button what is wanted of a number, if it counts and the number is still as it was before."""
        asked = self._kept(phone, before, after)
        pressed = {"kept": button.kept, "expires_ms": button.expires_ms}
        is_same, counts = await self._ask("press_to_detach", asked | pressed, tuple[bool, bool])
        if not is_same:
            return False
        if not counts:
            return None
        self._attachments[phone] = after, asked["after"]
        return True

    async def watch(self, holder: str, length_ms: int, notes: str | None = None) -> Lease:
        """Ask for the lease on the watch."""
        asked: dict[str, object] = {"holder": holder, "length_ms": length_ms}
        answer = await self._ask("watch", asked if notes is None else asked | {"notes": notes}, Watched)
        noted = {what: [int(at_ms) for at_ms in instants.split()] for what, instants in answer.noted}
        return Lease(answer.is_held, answer.is_new, answer.notes, noted, answer.now_ms)

    async def note(self, what: str) -> None:
        """Note for the watch that something has happened."""
        await self._ask("note", what, bool)

    async def forget(self) -> None:
        """Forget how far the teller's sums are known, since they are gone."""
        await self._ask("forget", None, bool)

    async def totals(self) -> Totals:
        """Return the sums over all workers; reasons of another version of the program are left out."""
        sums = await self._ask("totals", None, KeptTotals)
        known = {reason.value: reason for reason in Reason}
        counts = {known[reason]: count for reason, count in sums.counts if reason in known}
        counts[Reason.ANSWERED] = sums.replies
        return Totals(
            counts,
            sums.replies_micros,
            sums.received_micros,
            sums.pace,
            sums.now_ms,
            sums.last_ms,
            sums.paused_until_ms,
            {phone: self._attachment(phone, kept) for phone, kept in sums.attachments},
            sums.reserve,
            shares.read(sums.shares),
            sums.hourly,
        )

    async def hours(self, since_ms: int) -> list[Hour]:
        """Return the hours that began at an instant or after it."""
        return sorted(await self._ask("hours", since_ms, list[Hour]), key=lambda hour: hour.at_ms)

    async def minutes(self, since_ms: int) -> list[KeptMinute]:
        """Return the minutes that began at an instant or after it."""
        return sorted(await self._ask("minutes", since_ms, list[KeptMinute]), key=lambda minute: minute.at_ms)

    async def hours_of_each(self, since_ms: int) -> Mapping[str, list[Hour]]:
        """Return the same hours of each of several numbers."""
        return of_each(await self._ask("hours_of_each", since_ms, Rows), hour_from)

    async def minutes_of_each(self, since_ms: int) -> Mapping[str, list[KeptMinute]]:
        """Return the same minutes of each of several numbers."""
        return of_each(await self._ask("minutes_of_each", since_ms, Rows), minute_from)

    async def close(self) -> None:
        """Finish what waits, and let go of the sockets."""
        await self._batcher.close()
        await self._server.close()

    def _kept(self, phone: str, before: Attachment, after: Attachment) -> dict[str, str]:
        """Return what the server compares, and what it keeps then."""
        known, text = self._attachments.get(phone, (Attachment(), ""))
        return {
            "phone": phone,
            "default": encoded(Attachment()),
            "before": text if text and known == before else encoded(before),
            "after": encoded(after),
        }

    def _attachment(self, phone: str, kept: str) -> Attachment:
        found = decoded(kept)
        self._attachments[phone] = found, kept
        return found

    async def _ask(self, name: str, argument: object, kind: type[Result]) -> Result:
        return self._read(await self._batcher.ask((name, argument)), kind)

    def _read(self, answer: Any, kind: type[Result]) -> Result:
        """Return what the server says. Raises LedgerDown if that cannot be read: it is not what we asked, or no server of ours."""
        try:
            return msgspec.msgpack.decode(answer, type=kind)
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            raise LedgerDown(f"{self._url}: an answer that cannot be read: {error}") from error

    async def _run(self, works: Sequence[Work]) -> list[msgspec.Raw]:
        request = Request(
            VERSION, self._epoch, self._heard, self._known, self._told, self._keeps_marks, self._rules, works
        )
        body = msgspec.msgpack.encode(request, enc_hook=int)  # money and durations may be subclasses of int
        answer = self._read(await self._server.call(lambda client: self._step(client, body)), Response)
        if len(answer.results) != len(works):
            raise LedgerDown(f"{self._url}: {len(answer.results)} answers to {len(works)} questions")
        if answer.forgotten:
            log.warning(
                "ledger: %s has forgotten %d replies that were paid (a failover, a restored backup): their money stays spent, "
                "but whoever got them may be answered once more",
                *(self._url, answer.forgotten),
            )
        self._epoch = answer.epoch
        self._heard = answer.replies
        self._known = {name: getattr(answer, name) for name in ("replies", "replies_micros", "received_micros")}
        self._told.received_micros = answer.told_micros
        if answer.news:
            self._hear(answer.news)
        return answer.results

    async def _step(self, client: Client, body: bytes) -> Any:
        arguments = (len(self._keys), *self._keys, body)
        try:
            return await client.execute_command("EVALSHA", self.script.sha, *arguments)
        except NoScriptError:
            return await client.execute_command("EVAL", self.script.text, *arguments)
