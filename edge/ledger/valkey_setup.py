"""A ledger on a server: begun once and by hand, checked at every start, never quietly begun again.

1. A server that holds no ledger may have held one: it was flushed, its disk is new, the URL names another one. Nothing on
   the server can tell, so only a person may say that this is the beginning: `create`.
2. The key that hashes numbers never gets to the server: a leaked ledger must not leak it. The ledger holds a fingerprint of
   it, so that a machine with another key, to which everybody is a stranger, is refused.
3. What the server's settings make of a crash is read and said, not decided: see docs/reference/ledgers.md.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from valkey.exceptions import ResponseError

from edge.errors import ConfigError, LedgerError
from edge.ledger.place import Place
from edge.ledger.valkey import FORMAT, KEPT, VERSION, key
from edge.ledger.valkey_server import Client, Server, ask_node

KEY_LENGTH_MIN = 32
"""Random characters. There are few numbers, so whoever guesses the key reads who was answered."""
SERVER_MIN = (7, 0)
"""Scripts that the server refuses as a whole rather than half (https://redis.io/docs/latest/develop/programmability/)."""

_SETTINGS = ("appendfsync", "no-appendfsync-on-rewrite")

_CREATE = """#!lua
if redis.call('EXISTS', unpack(KEYS)) > 0 then
    return 0
end
redis.call('HSET', KEYS[1], unpack(ARGV))
return 1
"""
_ZEROS = (
    *("replies", "replies_micros", "received_micros"),
    *("pace_used", "pace_at_ms", "counted_micros", "pace_tat_ms"),
    *("senders", "blocks", "charges", "opted_out", "sender_buckets", "block_buckets", "block_charges"),
    *("turned_ms", "turned_replies", "before_replies", "now_ms", "clock_ms"),
)
"""The numbers of an account, as `valkey.lua` knows them."""


def prepare(place: Place) -> bytes:
    """Check that the ledger is there and is ours, and return the key that hashes its numbers. Raises LedgerError."""
    hash_key = hash_key_of(place)
    account = key(place.phone, "account")

    async def look(client: Client) -> tuple[list[bytes | None], dict[str, Any]]:
        found = await client.execute_command("HMGET", account, "version", "fingerprint")
        return found, await ask_node(client, account, "INFO", "server")

    (version, fingerprint), server = _run(_once(place, look))
    _check_server(place, server)
    if version is None:
        raise LedgerError(
            f"{place.url}: holds no ledger of {place.phone}. If there never was one, begin it with "
            "`antirelou create-ledger`; if there was, what was spent is not known: restore the server's data"
        )
    if version.decode() != VERSION:
        raise LedgerError(
            f"{place.url}: version {version.decode()}, and this program knows {VERSION}; run the one that wrote it"
        )
    if fingerprint != _fingerprint(hash_key).encode():
        raise LedgerError(
            f"{place.url}: was begun with another key: nobody would be recognised, and everyone would be answered "
            "again. Give this machine the key of the others"
        )
    return hash_key


def create(place: Place) -> None:
    """Begin a ledger, with nothing spent. Raises LedgerError if there is one, or what is left of one."""
    keys = [key(place.phone, name) for name in KEPT]
    fields = {
        "version": VERSION,
        "format": FORMAT,
        "epoch": secrets.token_hex(8),
        "fingerprint": _fingerprint(hash_key_of(place)),
    }
    values = [value for field in (fields | dict.fromkeys(_ZEROS, 0)).items() for value in field]

    async def begin(client: Client) -> int:
        _check_server(place, await ask_node(client, keys[0], "INFO", "server"))
        begun: int = await client.execute_command("EVAL", _CREATE, len(keys), *keys, *values)
        return begun

    if not _run(_once(place, begin)):
        raise LedgerError(f"{place.url}: holds a ledger of {place.phone}, or what is left of one; nothing was changed")


async def warnings(place: Place) -> list[str]:
    """Return what the server's settings put at risk. Raises LedgerDown."""
    account = key(place.phone, "account")

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
        raise ConfigError(
            f"ledger.key-env: {len(place.key)} characters; on a server, senders are hashed with a key of your own, the "
            f"same on every machine: {KEY_LENGTH_MIN} random characters or more, such as those of `openssl rand -hex 32`"
        )
    return hashlib.blake2b(place.key, digest_size=32).digest()


def _fingerprint(hash_key: bytes) -> str:
    return hashlib.blake2b(b"fingerprint", key=hash_key, digest_size=16).hexdigest()


def _check_server(place: Place, server: Mapping[str, Any]) -> None:
    version = str(server["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < SERVER_MIN:
        raise LedgerError(f"{place.url}: Redis {version}; Valkey, or Redis 7.0 or newer, is needed")


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread and a loop of its own: whoever calls may be in a loop already."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def _once(place: Place, call: Callable[[Client], Awaitable[Any]]) -> Any:
    server = Server(place)
    try:
        return await server.call(call)
    finally:
        await server.close()
