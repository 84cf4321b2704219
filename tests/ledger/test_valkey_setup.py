"""A ledger on a real server: begun once, checked at every start, its risks named; gone and back."""

import asyncio
import re

import pytest
from msgspec.structs import replace

from edge.core.charging.charge import Tally
from edge.core.wire.reason import Reason
from edge.errors import ConfigError, LedgerDown, LedgerError
from edge.ledger.opening import Place, check_written, create, look, open_ledger, prepare, totals, warnings
from edge.ledger.valkey import key
from edge.ledger.valkey_setup import risks
from tests import ROOT
from tests.ledger.parts import KEY, PHONE, RULES, charge
from tests.ledger.servers import any_server, running

PAGE = ROOT / "docs" / "reference" / "ledgers.md"
BINARY = any_server()


@pytest.fixture(name="served")
def _served(tmp_path):
    with running(BINARY, tmp_path) as server:
        yield server


def _place(server, **changes):
    return replace(Place(server.url, server.socket.parent, PHONE, key=KEY), **changes)


def test_a_ledger_is_begun_once(served):
    """A server that holds none is refused until somebody says that it is the beginning; a second beginning is refused."""
    place = _place(served)

    with pytest.raises(LedgerError, match=r"holds no ledger of .* If there never was one, begin it"):
        prepare(place)
    create(place)
    assert prepare(place) == prepare(place)
    with pytest.raises(LedgerError, match=r"holds a ledger of .*; nothing was changed"):
        create(place)


def test_what_a_machine_keeps_for_one_ledger_is_not_anothers(served):
    """Neither that of a second number with the same key, nor that of a ledger that was begun anew in its place."""
    places = [_place(served), _place(served, phone="+33937000009")]
    for place in places:
        create(place)
    owners = [prepare(place).owner for place in places]
    assert owners == [look(place).owner for place in places]
    with served.client() as client:
        client.flushall()
    create(places[0])

    assert 3 == len({*owners, prepare(places[0]).owner})


def test_another_key_is_refused(served):
    """A machine with another key would recognise nobody, so it does not start; a short key is no key."""
    create(_place(served))

    with pytest.raises(LedgerError, match="was begun with another key"):
        prepare(_place(served, key=b"x" * 32))
    with pytest.raises(ConfigError, match=r"ledger\.key-env: 5 characters"):
        prepare(_place(served, key=b"short"))
    with pytest.raises(ConfigError, match=r"ledger\.key-env: missing; on a server, "):
        prepare(_place(served, key=b""))


def test_another_version_is_refused(served):
    """A ledger of a later version of the program is not guessed at."""
    create(_place(served))
    with served.client() as client:
        client.hset(key(PHONE, "account"), "version", "99")

    with pytest.raises(LedgerError, match="version 99, and this program knows"):
        prepare(_place(served))


def test_a_user_that_may_do_no_more_than_it_must_holds_a_ledger(served):
    """The rights that the page on ledgers names are enough; a wrong password is LedgerDown, and says so."""
    [rights] = re.findall(r"ACL SETUSER antirelou on >password (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    with served.client() as client:
        client.execute_command("ACL", "SETUSER", "antirelou", "on", ">password", *rights.split())
    place = _place(served, url=served.url.replace("unix://", "unix://antirelou@"), password="password")
    create(place)
    prepare(place)

    async def scene():
        ledger = open_ledger(place, RULES, lambda: 0, lambda _: None)
        reasons = [(await ledger.admit(charge(1))).reason for _ in range(2)]
        await ledger.opt_out(charge(1).sender)
        await ledger.tell(Tally({Reason.UNSERVED: 1}, 1))
        totals = await ledger.totals()
        await ledger.close()
        return reasons, totals.counts, await warnings(place)

    expected = ["answered", "duplicate"], {Reason.UNSERVED: 1, Reason.ANSWERED: 1}, []
    assert expected == asyncio.run(scene())
    with pytest.raises(LedgerDown, match="invalid username-password pair"):
        prepare(replace(place, password="another"))


def test_settings_that_keep_every_charge_give_no_warning(served):
    """A server that syncs every write and throws nothing away has nothing to warn about."""
    assert [] == asyncio.run(warnings(_place(served)))


def test_a_server_that_keeps_its_settings_to_itself_is_warned_about(served):
    """Where CONFIG may not be read, as at managed servers, what cannot be known is said."""
    with served.client() as client:
        client.execute_command("ACL", "SETUSER", "default", "-config")

    [said] = asyncio.run(warnings(_place(served)))
    assert said.startswith("appendfsync is not told")


@pytest.mark.parametrize(
    ("settings", "beginning"),
    [
        ({"aof_enabled": 0}, "appendonly is no"),
        ({"aof_enabled": 1, "appendfsync": "everysec"}, "appendfsync is everysec"),
        (
            {"aof_enabled": 1, "appendfsync": "always", "no-appendfsync-on-rewrite": "yes"},
            "no-appendfsync-on-rewrite is yes",
        ),
        (
            {"aof_enabled": 1, "appendfsync": "always", "maxmemory": 1, "maxmemory_policy": "allkeys-lru"},
            "maxmemory-policy is allkeys-lru",
        ),
    ],
)
def test_each_risky_setting_is_named(settings, beginning):
    """Each setting that can make the server forget is one sentence that begins with its name."""
    [said] = risks(settings)

    assert said.startswith(beginning)


def test_a_server_that_is_away_is_down_and_comes_back(served):
    """Killed and started again, the server is LedgerDown meanwhile, and has forgotten nothing that was paid."""
    place = _place(served)
    create(place)

    async def scene():
        ledger = open_ledger(place, RULES, lambda: 0, lambda _: None)
        first = await ledger.admit(charge(1))
        served.kill()
        with pytest.raises(LedgerDown):
            await ledger.admit(charge(2))
        served.start()
        again = None
        while again is None:
            try:
                again = await ledger.admit(charge(1))
            except LedgerDown:
                await asyncio.sleep(0.01)
        await ledger.close()
        return first.reason, again.reason

    assert ("answered", "duplicate") == asyncio.run(scene())


def test_a_server_that_says_nothing_is_down(served):
    """A stopped process that still accepts connections is LedgerDown when the time is up."""
    place = _place(served)
    create(place)

    async def scene():
        ledger = open_ledger(place, RULES, lambda: 0, lambda _: None)
        await ledger.admit(charge(1))
        served.pause()
        try:
            with pytest.raises(LedgerDown, match="no answer"):
                await ledger.admit(charge(2))
        finally:
            served.resume()
            await ledger.close()

    asyncio.run(scene())


def test_a_server_that_has_lost_keys_is_refused_at_the_start(served):
    """A worker would be silent until they are restored: said before, by whoever looks."""
    place = _place(served)
    create(place)
    prepare(place)
    with served.client() as client:
        client.hset(key(PHONE, "account"), "senders", 1)

    for start in (look, prepare):
        with pytest.raises(
            LedgerError, match=r"keys of the ledger are missing: evicted or deleted; restore the server's data"
        ):
            start(place)


def test_a_replica_can_be_read_and_not_written(served, tmp_path):
    """It tells what it holds; a worker on it could count nothing."""
    place = _place(served)
    create(place)
    check_written(place)
    (tmp_path / "replica").mkdir()
    options = ("--port", "0", "--unixsocketperm", "700", "--save", "")
    with running(BINARY, tmp_path / "replica", *options) as other, other.client() as client:
        create(_place(other))
        client.replicaof("127.0.0.1", 1)  # nobody is there: it keeps what it has, and takes no writes
        there = _place(other)

        assert 0 == totals(there, RULES, 0).replies
        with pytest.raises(
            LedgerError, match=r"cannot be written: the server is a replica; name its primary, or the Sentinels"
        ):
            check_written(there)
        with pytest.raises(LedgerError, match=r"READONLY|read only|replica"):
            prepare(there)
