"""The ways to a server: behind a Sentinel, in a cluster, over TLS; each with real servers, or refused with its reason."""

import asyncio

import msgspec
import pytest
from msgspec.structs import replace
from valkey.exceptions import ClusterDownError, ResponseError, SlotNotCoveredError
from valkey.exceptions import ConnectionError as ValkeyConnectionError

from edge.errors import LedgerDown, LedgerError, described
from edge.ledger import valkey_setup
from edge.ledger.opening import Place, create, look, open_ledger, prepare, warnings
from edge.ledger.valkey import Response, key
from edge.ledger.valkey_server import ValkeyServer
from tests.ledger.parts import KEY, PHONE, RULES, charge
from tests.ledger.servers import any_server, listening, running
from tests.worker import free_port

BINARY = any_server()


def _charge_twice(place):
    """Begin a ledger, charge one message twice, and return what became of it."""
    create(place)
    prepare(place)

    async def scene():
        ledger = open_ledger(place, RULES, lambda: 0, lambda _: None)
        reasons = [(await ledger.admit(charge(1))).reason for _ in range(2)]
        await ledger.close()
        return reasons, await warnings(place)

    return asyncio.run(scene())


def test_a_sentinel_leads_to_the_primary(tmp_path):
    """Asked by its name, the Sentinel tells where the primary is, and the ledger is kept there."""
    port, sentinel_port = free_port(), free_port()
    (tmp_path / "sentinel").mkdir()
    file = tmp_path / "sentinel" / "sentinel.conf"
    file.write_text(f"sentinel monitor main 127.0.0.1 {port} 1\n")
    options = (str(file), "--sentinel", "--bind", "127.0.0.1", "--port", str(sentinel_port))
    with (
        running(BINARY, tmp_path, *listening(port)),
        running(BINARY, tmp_path / "sentinel", *options, ready="+monitor master"),
    ):
        place = Place(f"valkey+sentinel://127.0.0.1:{sentinel_port}/main/1", tmp_path, PHONE, key=KEY)
        assert (["answered", "duplicate"], []) == _charge_twice(place)


def test_sentinels_that_are_all_away_are_said_in_words(tmp_path):
    """The client's own words are objects."""
    place = Place(f"valkey+sentinel://127.0.0.1:{free_port()}/main", tmp_path, PHONE, key=KEY)

    with pytest.raises(LedgerDown, match=r"/main: none of the Sentinels names a primary of 'main' that is there$"):
        look(place)


def test_a_cluster_keeps_a_ledger_in_one_slot(tmp_path):
    """All keys of one number are in one slot, so a cluster decides a charge on one node, in one step."""
    port, bus = free_port(), free_port()
    with running(BINARY, tmp_path, *listening(port, "--cluster-enabled", "yes", "--cluster-port", str(bus))) as server:
        with server.client() as client:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while "cluster_state:ok" not in str(client.execute_command("CLUSTER", "INFO")):
                pass
        place = Place(f"valkey+cluster://127.0.0.1:{port}", tmp_path, PHONE, key=KEY)
        assert (["answered", "duplicate"], []) == _charge_twice(place)


def test_tls_to_a_server_that_is_not_there_is_down(tmp_path):
    """Nobody listens: the ledger is down, whatever the scheme."""
    place = Place(f"rediss://127.0.0.1:{free_port()}/0", tmp_path, PHONE, key=KEY)

    with pytest.raises(LedgerDown):
        prepare(place)


def test_an_old_server_is_refused(tmp_path):
    """A server whose scripts can end halfway is not trusted with money."""
    with pytest.raises(LedgerError, match=r"Redis 6\.2\.14; Valkey, or Redis 7\.0 or newer, is needed"):
        valkey_setup._check_server(replace(Place("valkey://h", tmp_path, PHONE)), {"redis_version": "6.2.14"})


class Odd(Exception):
    """An error of nobody's family."""


@pytest.mark.parametrize(
    "error",
    [
        *(SlotNotCoveredError(), ClusterDownError("CLUSTERDOWN"), ResponseError("LOST"), ValkeyConnectionError("gone")),
        *(IndexError("list index out of range"), KeyError("slots"), AttributeError("no 'x'"), RuntimeError("closed")),
        *(TypeError("NoneType"), ValueError("port"), AssertionError(), MemoryError(), StopAsyncIteration(), Odd()),
        ExceptionGroup("several", [OSError()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_client_raises_is_down(tmp_path, error):
    """One line that names the server and the error, for a worker and for a command."""
    server = ValkeyServer(Place("valkey://127.0.0.1:1", tmp_path, PHONE))

    async def fail(_):
        raise error

    with pytest.raises(LedgerDown, match=r"^valkey://127\.0\.0\.1:1: .+"):
        asyncio.run(server.call(fail))


@pytest.mark.parametrize("error", [asyncio.CancelledError(), KeyboardInterrupt(), SystemExit(1)])
def test_who_ends_us_is_not_the_server(tmp_path, error):
    """To be cancelled or ended says nothing of the ledger."""
    server = ValkeyServer(Place("valkey://127.0.0.1:1", tmp_path, PHONE))

    async def fail(_):
        raise error

    async def scene():
        with pytest.raises(type(error)):
            await server.call(fail)

    asyncio.run(scene())


def test_what_we_say_ourselves_stays_what_it_is(tmp_path):
    """A server that is refused is not one that is away."""
    server = ValkeyServer(Place("valkey://127.0.0.1:1", tmp_path, PHONE))

    async def refuse(_):
        raise LedgerError("Redis 6")

    with pytest.raises(LedgerError, match=r"^Redis 6$"):
        asyncio.run(server.call(refuse))


@pytest.mark.parametrize(
    "answer", [None, 7, "OK", b"", b"\xc1", b"\x80", [b"1"], {}, msgspec.msgpack.encode({"epoch": 1})]
)
def test_an_answer_that_cannot_be_read_is_down(tmp_path, answer):
    """Something else listens there, or a proxy answers for it: nothing is paid, and nothing else goes wrong."""

    class Client:
        """A client of another server."""

        async def execute_command(self, *_):
            """Answer something."""
            return answer

        async def aclose(self):
            """Fail to close, too."""
            raise Odd

    async def scene():
        ledger = open_ledger(Place("valkey://127.0.0.1:1", tmp_path, PHONE), RULES, lambda: 0, lambda _: None)
        ledger._server._make = Client
        with pytest.raises(LedgerDown, match="an answer that cannot be read"):
            await ledger.admit(charge(1))
        await ledger.close()

    asyncio.run(scene())


def test_fewer_answers_than_questions_are_none(tmp_path):
    """What the server leaves out is not guessed."""
    answer = Response("epoch", [], [], 0, 0, 0, 0, 0)

    class Client:
        """A client of a server that answers nothing."""

        async def execute_command(self, *_):
            """Answer without a result."""
            return msgspec.msgpack.encode(answer)

        async def aclose(self):
            """Close."""

    async def scene():
        ledger = open_ledger(Place("valkey://127.0.0.1:1", tmp_path, PHONE), RULES, lambda: 0, lambda _: None)
        ledger._server._make = Client
        with pytest.raises(LedgerDown, match="0 answers to 1 questions"):
            await ledger.admit(charge(1))
        await ledger.close()

    asyncio.run(scene())


@pytest.mark.parametrize(("fields", "command"), [({"version": "one"}, prepare), ({"format": "x"}, prepare)])
def test_an_account_that_cannot_be_read_is_one_line(tmp_path, fields, command):
    """Somebody has written into it by hand: a command says so."""
    with running(BINARY, tmp_path) as server:
        place = Place(server.url, tmp_path, PHONE, key=KEY)
        create(place)
        with server.client() as client:
            client.hset(key(PHONE, "account"), mapping=fields)
        with pytest.raises(LedgerDown, match="says what is no ledger's: "):
            command(place)


def test_an_error_of_somebody_elses_is_named_by_what_it_says():
    """Its words, if they are some; its kind before them, or alone, if they tell nothing."""
    errors = [OSError("disk is full"), KeyError("slots"), ValueError("7"), IndexError("out of range"), MemoryError()]

    assert [
        *("disk is full", "KeyError: 'slots'", "ValueError: 7", "IndexError: out of range", "MemoryError"),
    ] == [described(error) for error in errors]
