"""A ledger on a server: begun once and by hand, checked at every start, never quietly begun again.

1. A server that holds no ledger may have held one: it was flushed, its disk is new, the URL names another one. Nothing on
   the server can tell, so only a person may say that this is the beginning: `create`.
2. The key that hashes numbers never gets to the server: a leaked ledger must not leak it. The ledger holds a fingerprint of
   it, so that a machine with another key, to which everybody is a stranger, is refused. So is one of another currency, and of
   a number that took the place of the ledger's, until a person says so: `adopt`.
3. What the server's settings make of a crash is read and said, not decided: see docs/reference/ledgers.md.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from valkey.exceptions import ResponseError

from edge.core.charging.charge import Totals
from edge.core.charging.states import States
from edge.core.kept.hours import Hour
from edge.core.kept.minutes import KeptMinute
from edge.core.kept.paid import Paid
from edge.core.limits.rules import Rules
from edge.errors import ConfigError, LedgerError
from edge.ledger.about import About, fingerprint
from edge.ledger.known import Known
from edge.ledger.place import Found, Place
from edge.ledger.valkey import FORMAT, KEPT, KEPT_1, VERSION, key
from edge.ledger.valkey_look import Looked
from edge.ledger.valkey_look import hours_of_each as hours_of_each_on_server
from edge.ledger.valkey_look import look as look_on_server
from edge.ledger.valkey_look import minutes_of_each as minutes_of_each_on_server
from edge.ledger.valkey_look import paid as paid_on_server
from edge.ledger.valkey_look import states as states_on_server
from edge.ledger.valkey_server import Client, ValkeyServer, ask_node, readable

ANSWER_S = 5.0
"""The longest that one round trip may take: no reply waits for it."""
KEY_LENGTH_MIN = 32
"""Random characters. There are few numbers, so whoever guesses the key reads who was answered."""
SERVER_MIN = (7, 0)
"""Scripts that the server refuses as a whole rather than half (https://redis.io/docs/latest/develop/programmability/)."""

log = logging.getLogger("antirelou")
Result = TypeVar("Result")

_SAID = ("currency", "fingerprint", "numbers")
_SETTINGS = ("appendfsync", "no-appendfsync-on-rewrite")

_CREATE = """#!lua
if redis.call('EXISTS', unpack(KEYS)) > 0 then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
"""
_UPDATE = """#!lua
local account, suffix = KEYS[1], ':format-1'
if not redis.call('HGET', account, 'format') then
    for _, key in ipairs(KEYS) do
        redis.call('COPY', key, key .. suffix, 'REPLACE')
    end
    local had = redis.call('HMGET', account, 'pace_tat_ms', 'replies_micros', 'turned_ms')
    redis.call('HSET', account, 'format', '2', 'pace_used', 0, 'pace_at_ms', had[1], 'counted_micros', had[2],
        'now_ms', had[3], 'clock_ms', had[3], 'sender_buckets', 0, 'block_buckets', 0, 'block_charges', 0)
    redis.call('HSET', account, unpack(ARGV))
    return 1
end
redis.call('HSET', account, unpack(ARGV))
return 0
"""
"""One step from the first format, after a copy of its keys, as :mod:`edge.ledger.sqlite_tables` has it; and what it says of itself."""
_LEDGERS = "antirelou:ledgers"
"""The names of all ledgers that were begun or served on a server by this format."""
_ZEROS = (
    *("replies", "replies_micros", "received_micros"),
    *("pace_used", "pace_at_ms", "counted_micros", "pace_tat_ms"),
    *("senders", "blocks", "charges", "opted_out", "sender_buckets", "block_buckets", "block_charges"),
    *("turned_ms", "turned_replies", "before_replies", "now_ms", "clock_ms"),
)
"""The numbers of an account, as the script knows them."""


def look(place: Place) -> Found:
    """Return the ledger, which is there and is ours; nothing is written. Raises LedgerError."""
    hash_key, file = _file(place)
    looked = _look(place)
    refusal = looked.about.refusal(file)
    if refusal:
        raise LedgerError(f"{place.url}: {refusal}")
    id_, first = f"{place.known_as} {looked.account['epoch']}", looked.about.joined(file).numbers[0]
    where = f"{place.known_as} on {place.url}"
    return Found(hash_key, id_, where, owner=fingerprint(hash_key, id_), first=first)


def check_written(place: Place) -> None:
    """Raise LedgerError for a server that takes no writes; nothing is written."""
    if _run(_once(place, lambda client: ask_node(client, key(place.known_as, "account"), "INFO")))["role"] != "master":
        raise LedgerError(
            f"{place.url}: cannot be written: the server is a replica; name its primary, or the Sentinels"
        )


def prepare(place: Place) -> Found:
    """Bring a ledger up to date, and have it say what the static file says. Raises LedgerError."""
    found = look(place)
    _write(place, _look(place).about.joined(_file(place)[1]))
    return found


def totals(place: Place) -> Totals:
    """Return the sums that a ledger holds; nothing is written. Raises LedgerError."""
    return _look(place).totals


def hours(place: Place, since_ms: int) -> list[Hour]:
    """Return the hours that began at an instant or after it; nothing is written. Raises LedgerError."""
    return [hour for hour in _look(place).hours if hour.at_ms >= since_ms]


def minutes(place: Place, since_ms: int) -> list[KeptMinute]:
    """Return the minutes that began at an instant or after it; nothing is written. Raises LedgerError."""
    return [minute for minute in _look(place).minutes if minute.at_ms >= since_ms]


def hours_of_each(place: Place, since_ms: int) -> dict[str, list[Hour]]:
    """Return the same hours of each of several numbers; nothing is written. Raises LedgerError."""
    return _read(place, lambda client: hours_of_each_on_server(client, place.known_as, since_ms))


def minutes_of_each(place: Place, since_ms: int) -> dict[str, list[KeptMinute]]:
    """Return the same minutes of each of several numbers; nothing is written. Raises LedgerError."""
    return _read(place, lambda client: minutes_of_each_on_server(client, place.known_as, since_ms))


def paid(place: Place) -> list[Paid]:
    """Return the replies of a ledger that was looked at, the oldest first; nothing is written. Raises LedgerError."""
    return _read(place, lambda client: paid_on_server(client, place.known_as))


def states(place: Place, rules: Rules, sender: bytes, block: bytes) -> States:
    """Return what a ledger that was looked at holds of a sender and of a block; nothing is written. Raises LedgerError."""
    return _read(place, lambda client: states_on_server(client, place.known_as, rules, sender, block))


def known(place: Place) -> Known:
    """Return what a ledger is known by; nothing is written. Raises LedgerError."""
    return Known(_look(place).account["epoch"])


def adopt(place: Place) -> tuple[str, ...]:
    """Have a ledger be for another number, and return those that it was for. Raises LedgerError."""
    _, file = _file(place)
    held = _look(place).about
    refusal = held.refusal(About(file.currency, file.fingerprint, held.numbers))
    if refusal:
        raise LedgerError(f"{place.url}: {refusal}")
    _write(place, file)
    return held.numbers


def create(place: Place) -> None:
    """Begin a ledger, with nothing spent. Raises LedgerError if there is one, or what is left of one."""
    _, file = _file(place)
    keys = [key(place.known_as, name) for name in KEPT]
    fields = {"version": VERSION, "format": FORMAT, "epoch": secrets.token_hex(8), **_fields(file)}
    values = _pairs(fields | dict.fromkeys(_ZEROS, 0))

    async def begin(client: Client) -> int:
        _check_server(place, await ask_node(client, keys[0], "INFO", "server"))
        begun: int = await client.execute_command("EVAL", _CREATE, len(keys), *keys, *values)
        if begun:
            await client.execute_command("SADD", _LEDGERS, place.known_as)
        return begun

    if not _run(_once(place, begin)):
        raise LedgerError(
            f"{place.url}: holds a ledger of {place.known_as}, or what is left of one; nothing was changed"
        )


def _file(place: Place) -> tuple[bytes, About]:
    """Return the key that hashes numbers, and what the static file says. Raises ConfigError."""
    hash_key = hash_key_of(place)
    return hash_key, About(place.currency, fingerprint(hash_key), place.numbers)


@readable
def _look(place: Place) -> Looked:
    """Return what the server holds of the ledger. Raises LedgerError where there is none, or one that must not be used."""

    async def read(client: Client) -> tuple[Looked, list[str]]:
        _check_server(place, await ask_node(client, key(place.known_as, "account"), "INFO", "server"))
        return await look_on_server(client, place.known_as), await _others(client, place)

    looked: Looked
    looked, others = _run(_once(place, read))
    if "version" not in looked.account:
        raise LedgerError(f"{place.url}: holds no ledger of {place.known_as}{_advice(others)}")
    looked.check(place.url)
    return looked


def _read(place: Place, call: Callable[[Client], Awaitable[Result]]) -> Result:
    """Return what a call reads of a ledger that was looked at. Raises LedgerError."""

    @readable
    def read(place: Place) -> Result:
        found: Result = _run(_once(place, call))
        return found

    return read(place)


async def _others(client: Client, place: Place) -> list[str]:
    """Return the names of other ledgers of ours on the server."""
    names = sorted(name.decode() for name in await client.execute_command("SMEMBERS", _LEDGERS))
    return [
        name
        for name in names
        if name != place.known_as and await client.execute_command("EXISTS", key(name, "account"))
    ]


def _advice(others: list[str]) -> str:
    if others:
        return (
            f", but of {', '.join(others)}. If that is the one, write ledger.name = {others[0]!r}; if a new one is meant, "
            "begin it with `antirelou create-ledger`"
        )
    return (
        ". If there never was one, begin it with `antirelou create-ledger`; if there was, what was spent is not known: "
        "restore the server's data"
    )


def _write(place: Place, about: About) -> None:
    keys = [key(place.known_as, name) for name in KEPT_1]

    async def write(client: Client) -> int:
        upgraded: int = await client.execute_command("EVAL", _UPDATE, len(keys), *keys, *_pairs(_fields(about)))
        await client.execute_command("SADD", _LEDGERS, place.known_as)
        return upgraded

    if _run(_once(place, write)):
        log.warning(
            "ledger: %s on %s is of format %d from now on; as it was just now, it lies under %s:format-1 and the like",
            *(place.known_as, place.url, FORMAT, keys[0]),
        )


def _fields(about: About) -> dict[str, str]:
    return dict(zip(_SAID, (about.currency, about.fingerprint, " ".join(about.numbers)), strict=True))


def _pairs(fields: Mapping[str, Any]) -> list[Any]:
    return [value for field in fields.items() for value in field]


async def warnings(place: Place) -> list[str]:
    """Return what the server's settings put at risk. Raises LedgerDown."""
    account = key(place.known_as, "account")

    async def read(client: Client) -> dict[str, Any]:
        memory = await ask_node(client, account, "INFO", "memory")
        persistence = await ask_node(client, account, "INFO", "persistence")
        try:
            settings = await ask_node(client, account, "CONFIG GET", *_SETTINGS)
        except ResponseError:  # managed servers keep theirs to themselves
            settings = {}
        return {**memory, **persistence, **settings}

    return risks(await _once(place, read))


def risks(settings: Mapping[str, Any]) -> list[str]:
    """Return what settings put at risk, one sentence each with what to set."""
    found = []
    if not settings.get("aof_enabled"):
        found.append("appendonly is no: a restart of the server forgets what was spent; set it to yes")
    elif (sync := settings.get("appendfsync")) != "always":
        found.append(
            f"appendfsync is {sync or 'not told'}: a crash of the server's machine forgets what was spent in the last "
            "seconds; set it to always"
        )
    elif settings.get("no-appendfsync-on-rewrite") == "yes":
        found.append(
            "no-appendfsync-on-rewrite is yes: while it rewrites its file, the server does not sync; set it to no"
        )
    if settings.get("maxmemory") and settings.get("maxmemory_policy") != "noeviction":
        found.append(
            f"maxmemory-policy is {settings.get('maxmemory_policy')}: the server may throw the ledger away, and then there "
            "is silence; set it to noeviction"
        )
    return found


def hash_key_of(place: Place) -> bytes:
    """Return the key that hashes numbers, made of the operator's secret. Raises ConfigError."""
    if len(place.key) < KEY_LENGTH_MIN:
        short = f"{len(place.key)} characters" if place.key else "missing"
        raise ConfigError(
            f"ledger.key-env: {short}; on a server, senders are hashed with a key of your own, the "
            f"same on every machine: {KEY_LENGTH_MIN} random characters or more, such as those of `openssl rand -hex 32`"
        )
    return hashlib.blake2b(place.key, digest_size=32).digest()


def _check_server(place: Place, server: Mapping[str, Any]) -> None:
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < SERVER_MIN:
        raise LedgerError(f"{place.url}: Redis {version}; Valkey, or Redis 7.0 or newer, is needed")


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread and a loop of its own: whoever calls may be in a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def _once(place: Place, call: Callable[[Client], Awaitable[Any]]) -> Any:
    server = ValkeyServer(place, ANSWER_S)
    try:
        return await server.call(call)
    finally:
        await server.close()
