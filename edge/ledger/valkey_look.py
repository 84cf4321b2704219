"""Looking at a ledger on a server: one script, which the server lets write nothing."""

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import Any

import msgspec

from edge.core.charging import shares
from edge.core.charging.charge import Totals
from edge.core.charging.states import States
from edge.core.kept.attachment import decoded
from edge.core.kept.hourly import Hourly
from edge.core.kept.hours import Hour, hour_from, hour_of
from edge.core.kept.instant import Instant
from edge.core.kept.minutes import KeptMinute, minute_from
from edge.core.kept.paid import Paid
from edge.core.limits.bucket import Bucket, clear_at
from edge.core.limits.limit import Limit
from edge.core.limits.rules import Rules
from edge.core.wire.reason import Reason
from edge.errors import LedgerError
from edge.ledger.about import About
from edge.ledger.valkey import EACH, FORMAT, KEPT, VERSION, Rows, key, of_each
from edge.ledger.valkey_server import Client

_LOOK = """#!lua flags=no-writes
return {
    redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[6]), redis.call('TIME'),
    {
        redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[3]), redis.call('ZCARD', KEYS[4]), redis.call('SCARD', KEYS[5]),
        redis.call('HLEN', KEYS[7]), redis.call('HLEN', KEYS[8]), redis.call('ZCARD', KEYS[9]), redis.call('HLEN', KEYS[10]),
        redis.call('HLEN', KEYS[11]), redis.call('LLEN', KEYS[12]), redis.call('HLEN', KEYS[13]), redis.call('HLEN', KEYS[14]),
        redis.call('HLEN', KEYS[15]),
    },
    redis.call('HGETALL', KEYS[10]), redis.call('HGETALL', KEYS[11]),
}
"""
PART = 10_000
"""So many replies are read at once."""
_STATES = """#!lua flags=no-writes
local sender, block = ARGV[1], ARGV[2]
return {
    redis.call('SISMEMBER', KEYS[5], sender),
    redis.call('ZSCORE', KEYS[2], sender), redis.call('HGET', KEYS[7], sender),
    redis.call('ZSCORE', KEYS[3], block), redis.call('HGET', KEYS[8], block),
}
"""
_ATTACHMENT = "attachment "
"""The beginning of the names of fields that say what is wanted of a number."""
_PACE = 7
"""Behind so many numbers of an hour stands its pace, where one was worked out."""
_SIZES = (
    "senders",
    "blocks",
    "charges",
    "opted_out",
    "sender_buckets",
    "block_buckets",
    "block_charges",
    "hours",
    "minutes",
    "reply_rows",
    *EACH,
)
"""What the account says of the sizes of the other keys, in the order of the script."""


class Looked(msgspec.Struct, frozen=True):
    """What a server holds of a ledger; an account without a version is none."""

    account: Mapping[str, str]
    tally: Mapping[str, str]
    clock_ms: int
    sizes: Mapping[str, int]
    kept_hours: Mapping[str, str]
    kept_minutes: Mapping[str, str]

    @property
    def about(self) -> About:
        """What it says of itself."""
        currency, mark, numbers = (self.account.get(name, "") for name in ("currency", "fingerprint", "numbers"))
        return About(currency, mark, tuple(numbers.split()))

    def check(self, url: str) -> None:
        """Raise LedgerError for a ledger of a later format, or one that has lost something."""
        known = (("version", "version", int(VERSION)), ("format", "format", FORMAT))
        for what, name, most in known:
            found = int(self.account.get(name, "1"))
            if found > most:
                raise LedgerError(f"{url}: {what} {found}, and this program knows {most}; run the one that wrote it")
        if "format" in self.account and any(size != self._number(name) for name, size in self.sizes.items()):
            raise LedgerError(f"{url}: keys of the ledger are missing: evicted or deleted; restore the server's data")

    @property
    def totals(self) -> Totals:
        """The sums over all workers; as the script has them."""
        replies, replies_micros = self._number("replies"), self._number("replies_micros")
        known = {reason.value: reason for reason in Reason}
        counts = {known[name]: int(count) for name, count in self.tally.items() if name in known}
        if "format" in self.account:
            pace = Bucket(
                self._number("pace_used") + replies_micros - self._number("counted_micros"), self._number("pace_at_ms")
            )
            instant = Instant(self._number("now_ms"), self._number("clock_ms"))
        else:  # the first format, which says when the pace is full again
            pace, instant = (
                Bucket(0, self._number("pace_tat_ms")),
                Instant(self._number("turned_ms"), self._number("turned_ms")),
            )
        now_ms = instant.at(self.clock_ms).now_ms
        last_ms = self._number("last_ms") or (instant.now_ms if replies else 0)
        return Totals(
            {**counts, Reason.ANSWERED: replies},
            replies_micros,
            self._number("received_micros"),
            pace,
            now_ms,
            last_ms,
            self._number("paused_until_ms"),
            {
                name.removeprefix(_ATTACHMENT): decoded(kept)
                for name, kept in self.account.items()
                if name.startswith(_ATTACHMENT)
            },
            Bucket(self._number("reserve_used"), self._number("reserve_at_ms")),
            shares.read(self.account.get("shares", "")),
            self._hourly(hour_of(now_ms)),
        )

    @property
    def hours(self) -> list[Hour]:
        """All hours that are kept, the oldest first."""
        return [hour_from(numbers[:_PACE]) for numbers in _numbers(self.kept_hours)]

    @property
    def minutes(self) -> list[KeptMinute]:
        """All minutes that are kept, the oldest first."""
        return [minute_from(numbers) for numbers in _numbers(self.kept_minutes)]

    def _hourly(self, at_ms: int) -> Hourly | None:
        """Return the pace of an hour, if one was worked out."""
        hour = (at_ms, *map(int, self.kept_hours.get(str(at_ms), "").split()))
        return Hourly(*hour[_PACE:]) if hour[_PACE:] else None

    def _number(self, name: str) -> int:
        return int(self.account.get(name, "0"))


async def look(client: Client, name: str) -> Looked:
    """Return what a server holds of the ledger of a name."""
    keys = [key(name, kept) for kept in KEPT]
    account, tally, (seconds, micros), sizes, *history = await client.execute_command("EVAL", _LOOK, len(keys), *keys)
    clock_ms = int(seconds) * 1000 + int(micros) // 1000
    return Looked(
        _pairs(account), _pairs(tally), clock_ms, dict(zip(_SIZES, sizes, strict=True)), *map(_pairs, history)
    )


async def paid(client: Client, name: str) -> list[Paid]:
    """Return the replies in the ledger of a name, the oldest first; a part at a time, since there may be many."""
    rows: list[Paid] = []
    while part := await client.execute_command("LRANGE", key(name, "replies"), len(rows), len(rows) + PART - 1):
        places = range(len(rows) + 1, len(rows) + len(part) + 1)
        numbers = await client.execute_command("HMGET", key(name, "reply_numbers"), *places)
        for row, number in zip(part, numbers, strict=True):
            at_ms, sender, segments, micros = row.decode().split()
            paid_to = (number or b"").decode()
            rows.append(Paid(int(at_ms), bytes.fromhex(sender), int(segments), int(micros), paid_to))
    return rows


async def hours_of_each(client: Client, name: str, since_ms: int) -> dict[str, list[Hour]]:
    """Return the hours of each of several numbers that began at an instant or after it."""
    return of_each(await _rows(client, key(name, "number_hours"), since_ms, 6), hour_from)


async def minutes_of_each(client: Client, name: str, since_ms: int) -> dict[str, list[KeptMinute]]:
    """Return the minutes of each of several numbers that began at an instant or after it."""
    return of_each(await _rows(client, key(name, "number_minutes"), since_ms, 5), minute_from)


async def _rows(client: Client, kept: str, since_ms: int, sums: int) -> Rows:
    """Return the rows of a key, which holds at each instant the number and so many sums for each; of a year only what is asked for."""
    rows: Rows = []
    instants = [int(at_ms) for at_ms in await client.execute_command("HKEYS", kept) if int(at_ms) >= since_ms]
    texts = await client.execute_command("HMGET", kept, *instants) if instants else ()
    for at_ms, text in zip(instants, texts, strict=True):
        parts = iter((text or b"").decode().split())  # forgotten in between
        rows += [(number, [at_ms, *map(int, islice(parts, sums))]) for number in parts]
    return rows


async def states(client: Client, name: str, rules: Rules, sender: bytes, block: bytes) -> States:
    """Return what a server holds of a sender and of a block, in whichever format."""
    keys = [key(name, kept) for kept in KEPT]
    found = await client.execute_command("EVAL", _STATES, len(keys), *keys, sender.hex(), block.hex())
    return States(bool(found[0]), _bucket(rules.sender, *found[1:3]), _bucket(rules.block, *found[3:5]))


def _bucket(limit: Limit, score: bytes | None, kept: bytes | None) -> Bucket:
    """Return a bucket as the script finds it (`find` in valkey_work.lua)."""
    tat_ms = int(float(score or 0))
    if kept is None:
        return Bucket(0, tat_ms)
    used, at_ms, written_ms = map(int, kept.split())
    bucket = Bucket(used, at_ms)
    return bucket if tat_ms == written_ms else max(bucket, Bucket(0, tat_ms), key=partial(clear_at, limit))


def _numbers(kept: Mapping[str, str]) -> list[tuple[int, ...]]:
    return sorted((int(at_ms), *map(int, numbers.split())) for at_ms, numbers in kept.items())


def _pairs(flat: list[Any]) -> dict[str, str]:
    texts = [item.decode() for item in flat]
    return dict(zip(texts[::2], texts[1::2], strict=True))
