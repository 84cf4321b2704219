"""The ways to a server: behind a Sentinel, in a cluster, over TLS; each with real servers, or refused with its reason."""

import asyncio

import pytest
from msgspec.structs import replace

from edge.errors import LedgerDown, LedgerError
from edge.ledger import valkey_setup
from edge.ledger.opening import Place, create, open_ledger, prepare, warnings
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
