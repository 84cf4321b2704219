"""The way to a Valkey or Redis server: one node (TCP, TLS or a unix socket), the primary that a Sentinel names, or a cluster.

A client is made when it is needed, and anew after every failure: so a restart, a failover or a moved slot needs no code of
its own. Nothing is retried behind our back: whoever asked hears of the failure at once.

What a client raises when its server is away is not only what it says that it raises: a cluster that is down whole comes out
as whatever goes wrong inside first. So all of it is LedgerDown, and so is an answer that cannot be read.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

from valkey.asyncio import ConnectionPool, Sentinel, Valkey, ValkeyCluster
from valkey.asyncio.cluster import ClusterNode
from valkey.asyncio.sentinel import MasterNotFoundError
from valkey.exceptions import ValkeyError

from edge.errors import AntirelouError, ConfigError, LedgerDown, described, did_you_mean
from edge.ledger.place import Place

ANSWER_S = 1.0
"""The longest that one round trip may take, connecting included: half of the time that a question waits."""
SENTINEL_S = 0.25
"""The longest that one Sentinel may take before the next is asked."""
PORT = 6379
SENTINEL_PORT = 26379
OPTIONS = (
    *("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "db", "client_name"),
    *("protocol", "socket_timeout", "socket_connect_timeout", "health_check_interval"),
)
"""What may stand after the question mark. valkey-py knows more: some carry secrets, some have it answer what cannot be read."""

Client = Any
"""valkey-py's clients share no type; of them `execute_command` and `aclose` are used."""
Make = Callable[[], Client]
Read = TypeVar("Read")


def readable(read: Callable[[Place], Read]) -> Callable[[Place], Read]:
    """Return a function that reads what a server says, and raises LedgerDown where it cannot make sense of that."""

    @wraps(read)
    def reading(place: Place) -> Read:
        try:
            return read(place)
        except AntirelouError:
            raise
        except Exception as error:
            raise LedgerDown(f"{place.url}: says what is no ledger's: {described(error)}") from error

    return reading


class ValkeyServer:
    """The server of one ledger, for one event loop."""

    def __init__(self, place: Place, answer_s: float | None = None) -> None:
        """Take the longest that a round trip may take; `ANSWER_S` where a reply waits for it."""
        self._url = place.url
        self._answer_s = ANSWER_S if answer_s is None else answer_s
        self._make = _maker(place)
        self._client: Client = None

    async def call(self, call: Callable[[Client], Awaitable[Any]]) -> Any:
        """Return what a call of the client returns. Raises LedgerDown when it fails, however it does, or takes too long."""
        try:
            async with asyncio.timeout(self._answer_s):
                if self._client is None:
                    self._client = self._make()
                return await call(self._client)
        except TimeoutError:
            await self.close()
            raise LedgerDown(f"{self._url}: no answer within {self._answer_s:g} s") from None
        except AntirelouError:
            raise
        except Exception as error:
            await self.close()
            raise LedgerDown(f"{self._url}: {described(error)}") from error

    async def close(self) -> None:
        """Let go of the sockets; one that cannot be closed in time is left behind."""
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(Exception):
                async with asyncio.timeout(ANSWER_S):
                    await client.aclose()


async def ask_node(client: Client, key: str, *command: str) -> Any:
    """Have a command without keys done by the node that holds a key."""
    if isinstance(client, ValkeyCluster):
        await client.initialize()
        node = client.get_node_from_key(key)
        return await client.execute_command(*command, target_nodes=[node])
    return await client.execute_command(*command)


class _Primary:
    """A client for whichever node is the primary."""

    def __init__(self, sentinels: Sequence[tuple[str, int]], name: str, options: dict[str, Any]) -> None:
        timeouts = {"socket_timeout": SENTINEL_S, "socket_connect_timeout": SENTINEL_S}
        self._sentinel = Sentinel(sentinels, sentinel_kwargs=timeouts, **options)  # type: ignore[no-untyped-call]
        self._client = self._sentinel.master_for(name)
        self._name = name

    async def execute_command(self, *command: Any) -> Any:
        try:
            return await self._client.execute_command(*command)
        except MasterNotFoundError:  # which names objects of its own
            raise ConnectionError(f"none of the Sentinels names a primary of {self._name!r} that is there") from None

    async def aclose(self) -> None:
        for client in (self._client, *self._sentinel.sentinels):
            await client.aclose()


def _maker(place: Place) -> Make:
    """Return what makes a client. Raises ConfigError."""
    try:
        url = urlsplit(place.url)
        kind = url.scheme.partition("+")[2]
        _check_rest(url, kind)
        options = {"username": url.username, "password": place.password or None}
        make = {"sentinel": _primary, "cluster": _cluster}.get(kind, _node)
        return make(url, options)
    except (ValueError, TypeError, AttributeError, ValkeyError) as error:  # all that valkey-py has for odd options
        raise ConfigError(f"ledger.url: found {place.url!r}: {error}") from None


def _check_rest(url: SplitResult, kind: str) -> None:
    """Raise ConfigError for a password in a URL, and ValueError for what else in it would be passed over, or break an answer."""
    given = [name for name, _ in parse_qsl(url.query, keep_blank_values=True)]
    if "password" in given or url.password is not None:
        raise ConfigError('ledger.url: holds a password; write where it is, such as password-env = "VALKEY_PASSWORD"')
    if url.fragment:
        raise ValueError("nothing of a server stands after #; leave that out")
    if kind and given:
        raise ValueError(f"option {given[0]!r}, and a {kind} takes none; leave it out")
    unknown = next((name for name in given if name not in OPTIONS), None)
    if unknown is not None:
        raise ValueError(f"unknown option {unknown!r}; {did_you_mean(unknown, OPTIONS)}")
    if url.scheme == "unix":
        if not url.path.startswith("/"):
            raise ValueError('no whole path; write one such as "unix:///run/valkey/valkey.sock"')
    elif not kind and url.port == 0:
        raise ValueError("port 0 is none; write that of the server, such as 6379")


def _node(url: SplitResult, options: dict[str, Any]) -> Make:
    if url.scheme in {"valkeys", "rediss"}:
        options["ssl_check_hostname"] = True  # off in valkey-py unless asked for: anybody's certificate would do
    if url.scheme != "unix":
        _database(url.path)

    def make() -> Client:
        return Valkey.from_pool(ConnectionPool.from_url(url.geturl(), **options))

    make().connection_pool.make_connection()  # connects to nothing, but knows which options there are
    return make


def _primary(url: SplitResult, options: dict[str, Any]) -> Make:
    hosts = _hosts(url, SENTINEL_PORT)
    name, _, database = url.path.removeprefix("/").partition("/")
    if not name:
        raise ValueError(
            'no name; write the one that the Sentinels know it by, such as "valkey+sentinel://host:26379/main"'
        )
    options["db"] = _database(database)
    return lambda: _Primary(hosts, name, options)


def _cluster(url: SplitResult, options: dict[str, Any]) -> Make:
    hosts = _hosts(url, PORT)
    if url.path.strip("/"):
        raise ValueError("a cluster has one database; leave the path out")

    def make() -> Client:
        return ValkeyCluster(
            startup_nodes=[ClusterNode(host, port) for host, port in hosts],
            require_full_coverage=False,  # all our keys are in one slot
            connection_error_retry_attempts=0,
            **options,
        )

    return make


def _hosts(url: SplitResult, port: int) -> list[tuple[str, int]]:
    """Return the addresses of `host1:port1,host2:port2`."""
    addresses = [urlsplit(f"//{address}") for address in url.netloc.rpartition("@")[2].split(",")]
    if not all(address.hostname for address in addresses):
        raise ValueError("an address without a host; write such as host1:26379,host2:26379")
    return [(address.hostname or "", address.port or port) for address in addresses]


def _database(path: str) -> int:
    number = path.strip("/") or "0"
    if not (number.isascii() and number.isdigit()):
        raise ValueError(f"{number!r} is not the number of a database")
    return int(number)
