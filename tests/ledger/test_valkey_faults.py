"""A ledger on servers that are killed, that forget, that hand over to another one: what was acknowledged, and what is left."""

import asyncio
import contextlib
import random

import pytest

from edge.core.wire.reason import Reason
from edge.errors import LedgerDown
from edge.ledger import breaker
from edge.ledger.opening import Place, create, open_ledger, prepare
from tests.ledger.parts import KEY, MICROS, PHONE, OnServer, charge, rules
from tests.ledger.servers import SERVERS, listening, running
from tests.torture import rounds
from tests.worker import free_port

ROUNDS = rounds(6, many=50)
AT_ONCE = 32


@pytest.fixture(name="binary", params=SERVERS)
def _binary(request):
    return request.param


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(breaker, "RETRY_S", 0.0)


async def until_back(ledger, wanted, tries=3000):
    """Question until there is an answer; while a server is away each try fails at once, and lets the loop turn."""
    complaint = None
    for _ in range(tries):
        try:
            return await ledger.admit(wanted)
        except LedgerDown as error:
            complaint = error
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come back") from complaint


def test_nothing_acknowledged_is_forgotten_by_a_server_that_is_killed(runner, binary, tmp_path, shows):
    """With appendfsync always, whatever was answered before `kill -9` is in the books after it; the kitty holds."""
    chance = random.Random(20171030)
    with running(binary, tmp_path) as server:
        books = OnServer(runner, server)
        ledger = books.ledger(rules(kitty_micros=100_000 * MICROS)).ledger
        acknowledged, asked, lost = [], iter(range(10**9)), 0

        async def spend_until_it_dies():
            nonlocal lost
            with contextlib.suppress(LedgerDown):
                for number in asked:
                    lost += 1
                    assert Reason.ANSWERED is (await ledger.admit(charge(number))).reason
                    lost -= 1
                    acknowledged.append(number)

        async def scene():
            for _ in range(ROUNDS):
                asyncio.get_running_loop().call_later(chance.uniform(0.01, 0.06), server.process.kill)
                await asyncio.gather(*(spend_until_it_dies() for _ in range(AT_ONCE)))
                server.kill()
                server.start()
                await until_back(ledger, charge(0))
            again = set()
            for start in range(0, len(acknowledged), AT_ONCE):
                asked_again = map(charge, acknowledged[start : start + AT_ONCE])
                again |= {decision.reason for decision in await asyncio.gather(*map(ledger.admit, asked_again))}
            return again, await ledger.totals()

        reasons, totals = runner.run(scene())
        books.close()

    shows("P1", "P3", "P4", rounds=ROUNDS, requests=2 * len(acknowledged) + lost, faults=ROUNDS)

    assert {Reason.DUPLICATE} == reasons
    assert ROUNDS <= len(acknowledged) <= totals.replies <= len(acknowledged) + lost
    assert totals.replies * MICROS == totals.replies_micros


def test_half_a_step_at_the_end_of_a_file_is_no_step(runner, binary, tmp_path, shows):
    """A file that ends within a step, as a kill in the middle of writing leaves it: all of that step is gone, for good."""
    with running(binary, tmp_path) as server:
        books = OnServer(runner, server)
        ledger = books.ledger()
        ledger.admit(charge(1))
        ledger.admit(charge(2, sender=2, block=2))
        server.kill()
        [file] = tmp_path.glob("appendonlydir/*.incr.aof")
        whole = file.read_bytes()
        begun = whole.rindex(b"MULTI")
        cuts = range(begun + 10, len(whole), 40)
        totals = []
        for cut in cuts:
            file.write_bytes(whole[:cut])
            server.start()
            ledger = books.ledger()
            ledger.admit(charge(3, sender=3, block=3))
            server.kill()
            server.start()
            runner.run(until_back(ledger.ledger, charge(1)))
            totals.append(ledger.totals().replies)
            server.kill()
        server.start()
        books.close()
    shows("P1", "P3", "P8", rounds=len(cuts), requests=2 + 2 * len(cuts), faults=3 * len(cuts))

    assert [2] * len(cuts) == totals


def test_a_server_that_forgets_hears_from_a_worker_what_was_spent(runner, binary, tmp_path, caplog):
    """What a server without a durable file has forgotten stays spent as long as one worker that was told of it lives; it says so."""
    heard = []
    with running(binary, tmp_path, "--port", "0", "--appendonly", "no", "--save", "") as server:
        books = OnServer(runner, server)
        ledger, other = books.ledger(), books.ledger(hear=heard.extend)
        ledger.admit(charge(1, received=100))
        with server.client() as client:
            client.save()
        ledger.admit(charge(2, received=200))
        ledger.admit(charge(3, received=300))
        other.totals()
        server.kill()
        server.start()
        with server.client() as client:
            forgotten = client.hget(books.key("account"), "replies")
        runner.run(until_back(ledger.ledger, charge(1)))
        totals = books.ledger().totals()
        ledger.admit(charge(4))
        other.totals()
        books.close()

    assert "1" == forgotten
    assert 1 == caplog.text.count("has forgotten 2 replies that were paid")
    assert (3, 3 * MICROS, 300) == (totals.replies, totals.replies_micros, totals.received_micros)
    assert [f"SM{number:032x}" for number in (1, 2, 3, 4)] == heard


def test_a_sentinel_hands_over_to_the_replica(runner, binary, tmp_path):
    """When the primary is killed, the Sentinel names another one, and the ledger goes on there by itself."""
    ports = [free_port() for _ in range(3)]
    folders = [tmp_path / name for name in ("primary", "replica", "sentinel")]
    for folder in folders:
        folder.mkdir()
    file = folders[2] / "sentinel.conf"
    file.write_text(
        f"sentinel monitor main 127.0.0.1 {ports[0]} 1\n"
        "sentinel down-after-milliseconds main 200\n"
        "sentinel failover-timeout main 3000\n"
    )
    options = (str(file), "--sentinel", "--bind", "127.0.0.1", "--port", str(ports[2]))
    with (
        running(binary, folders[0], *listening(ports[0])) as primary,
        running(
            binary,
            folders[1],
            *listening(ports[1], "--replicaof", f"127.0.0.1 {ports[0]}"),
            ready="Finished with success",
        ),
        running(binary, folders[2], *options, ready="+slave "),
    ):
        place = Place(f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{ports[2]}/main", tmp_path, PHONE, KEY)
        create(place)
        prepare(place)

        async def scene():
            ledger = open_ledger(place, rules(), lambda: 0, lambda _: None)
            reasons = [(await ledger.admit(charge(1))).reason]
            with primary.client() as client:
                client.wait(1, 0)
            primary.kill()
            reasons.append((await until_back(ledger, charge(2))).reason)
            reasons.append((await ledger.admit(charge(1))).reason)
            totals = await ledger.totals()
            await ledger.close()
            return reasons, totals.replies

        reasons, replies = runner.run(scene())

    assert [Reason.ANSWERED, Reason.ANSWERED, Reason.DUPLICATE] == reasons
    assert 2 == replies


def test_a_cluster_of_three_keeps_each_number_on_one_node(runner, binary, tmp_path):
    """Whichever node is asked first, each number's ledger is found on the node of its slot."""
    ports = [free_port() for _ in range(3)]
    with contextlib.ExitStack() as stack:
        nodes = []
        for number, port in enumerate(ports):
            folder = tmp_path / str(number)
            folder.mkdir()
            more = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            nodes.append(stack.enter_context(running(binary, folder, *listening(port, *more))))
        clients = [stack.enter_context(node.client()) for node in nodes]
        join(clients, ports)
        place = Place(f"valkey+cluster://127.0.0.1:{ports[0]},127.0.0.1:{free_port()}", tmp_path, PHONE, KEY)
        totals = []
        for last in range(6):
            there = Place(place.url, tmp_path, f"{PHONE}{last}", KEY)
            create(there)
            prepare(there)
            totals.append(runner.run(charge_twice(there)))
        used = [client.dbsize() for client in clients]

    assert [1] * 6 == totals
    assert all(used), "every node holds some of the numbers"


def join(clients, ports):
    """Make one cluster of three nodes, and wait until all three say so."""
    for number, client in enumerate(clients):
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * 5462, min(16383, number * 5462 + 5461))
        client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    buses = [client.config_get("cluster-port")["cluster-port"] for client in clients]
    for port, bus in zip(ports[1:], buses[1:], strict=True):
        clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
    for client in clients:
        while "cluster_state:ok" not in str(client.execute_command("CLUSTER", "INFO")):
            pass


async def charge_twice(place):
    """Return how many replies are in the books after one message came twice."""
    ledger = open_ledger(place, rules(), lambda: 0, lambda _: None)
    try:
        await reach(ledger)
        reasons = [(await ledger.admit(charge(1))).reason for _ in range(2)]
        assert [Reason.ANSWERED, Reason.DUPLICATE] == reasons
        return (await ledger.totals()).replies
    finally:
        await ledger.close()


async def reach(ledger):
    """Wait for a first answer of the ledger, which may take longer than a worker waits for one on a busy machine."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(LedgerDown):
                return await ledger.totals()
            await asyncio.sleep(0)
