"""A ledger knows whose money it counts: another currency, another key and a number in place of its own are refused, on each kind."""

import shutil
from pathlib import Path

import apsw
import pytest
from msgspec.structs import replace

from edge.core.wire.reason import Reason
from edge.errors import ConfigError, LedgerError
from edge.ledger.about import About
from edge.ledger.opening import Place, adopt, create, open_ledger, prepare
from tests.ledger.parts import KEY, MICROS, RULES, Clock, charge
from tests.ledger.servers import any_server, running

PHONE, OTHER = "+33937000000", "+33937000001"
HELD = About("EUR", "f1", (PHONE, OTHER))


@pytest.fixture(scope="module", name="server")
def _server(tmp_path_factory):
    with running(any_server(), tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(params=["sqlite", "server"], name="place")
def _place(request, tmp_path):
    """Return where a ledger is that has paid one reply."""
    if request.param == "sqlite":
        return Place("sqlite:ledger.db", tmp_path, PHONE, currency="EUR")
    server = request.getfixturevalue("server")
    with server.client() as client:
        client.flushall()
    place = Place(server.url, Path(), PHONE, KEY, currency="EUR")
    create(place)
    return place


def paid(runner, place):
    """Pay a reply, and return how many there are."""

    async def scene():
        ledger = open_ledger(place, RULES, Clock(), lambda _: None)
        assert (await ledger.admit(charge(1))).reason in {Reason.ANSWERED, Reason.DUPLICATE}
        totals = await ledger.totals()
        await ledger.close()
        return totals.replies_micros

    return runner.run(scene())


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (About("EUR", "f1", (PHONE,)), None),
        (About("EUR", "f1", (OTHER, PHONE, "+33937000002")), None),
        (About("CHF", "f1", (PHONE,)), "its money is in EUR, and price.currency is CHF"),
        (About("EUR", "f2", (PHONE,)), "it was begun with another key"),
        (
            About("EUR", "f1", ("+33937000002",)),
            f"it is the ledger of {PHONE}, {OTHER}, and number.phone is +33937000002",
        ),
        (About("EUR", "f1", (PHONE, "+33937000002")), f"it is the ledger of {OTHER}, and number.phone is +33937000002"),
    ],
)
def test_a_file_of_other_money_is_refused(file, complaint):
    """A number more or less is none; one in the place of another is."""
    refusal = HELD.refusal(file)

    assert (refusal is None) == (complaint is None)
    assert (refusal or "").startswith(complaint or "")


def test_a_ledger_that_says_nothing_is_taken_for_what_the_file_says():
    """That of the first format; from then on it says it, and a number that is added as well."""
    one = About().joined(About("EUR", "f1", (PHONE,)))

    assert None is About().refusal(About("EUR", "f1", (PHONE,)))
    assert About("EUR", "f1", (PHONE,)) == one
    assert HELD == one.joined(About("EUR", "f1", (OTHER, PHONE)))


def test_another_currency_is_refused(place):
    """With both names, and the ledger stays what it was."""
    prepare(place)

    with pytest.raises(
        LedgerError, match=r"its money is in EUR, and price\.currency is CHF; name another ledger in ledger\.url$"
    ):
        prepare(replace(place, currency="CHF"))
    prepare(place)


def test_a_number_in_the_place_of_another_is_refused_until_a_person_says_so(runner, place):
    """With both numbers; afterwards what was spent is spent, and the number of before is the one that is refused."""
    prepare(place)
    micros = paid(runner, place)
    moved = replace(place, phone=OTHER, name=PHONE if place.key else "")

    with pytest.raises(
        LedgerError, match=rf"it is the ledger of \{PHONE}, and number\.phone is \{OTHER}; .*`antirelou adopt-ledger`$"
    ):
        prepare(moved)
    assert (PHONE,) == adopt(moved)
    prepare(moved)
    assert MICROS == micros == paid(runner, moved)
    with pytest.raises(LedgerError, match=rf"it is the ledger of \{OTHER}, and number\.phone is \{PHONE}"):
        prepare(place)


def test_nobody_adopts_other_money(place):
    """A number may take the place of another one, a currency or a key may not."""
    prepare(place)
    moved = replace(place, phone=OTHER, name=PHONE if place.key else "", currency="CHF")

    with pytest.raises(LedgerError, match="its money is in EUR"):
        adopt(moved)


def test_another_key_beside_a_file_is_refused(tmp_path):
    """Whoever has it would be a stranger to all who were answered."""
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
        prepare(Place("sqlite:ledger.db", folder, PHONE, currency="EUR"))
    shutil.copy(other / "ledger.db.key", one / "ledger.db.key")

    with pytest.raises(LedgerError, match=r"ledger\.db: it was begun with another key: nobody would be recognised"):
        prepare(Place("sqlite:ledger.db", one, PHONE, currency="EUR"))


def test_a_refused_file_is_not_written_to(tmp_path):
    """What belongs to somebody else stays as it is, to the byte."""
    place = Place("sqlite:ledger.db", tmp_path, PHONE, currency="EUR")
    prepare(place)
    connection = apsw.Connection(str(tmp_path / "ledger.db"))
    before = list(connection.execute("SELECT * FROM about"))
    with pytest.raises(LedgerError):
        prepare(replace(place, phone=OTHER, currency="CHF"))

    assert before == list(connection.execute("SELECT * FROM about"))
    connection.close()


def test_another_ledger_on_the_server_is_named(server):
    """A file whose name finds nothing is refused; where the server holds another ledger of ours, it may be the one that is meant."""
    with server.client() as client:
        client.flushall()
    place = Place(server.url, Path(), PHONE, KEY, currency="EUR")
    other = replace(place, phone=OTHER)

    with pytest.raises(LedgerError, match="If there never was one, begin it with"):
        prepare(other)
    create(place)
    with pytest.raises(
        LedgerError, match=rf"holds no ledger of \{OTHER}, but of \{PHONE}\. .* write ledger\.name = '\{PHONE}'"
    ):
        prepare(other)
    create(other)
    prepare(other)


def test_a_ledger_that_is_gone_is_not_named(server):
    """Its name may still stand on the server's list."""
    with server.client() as client:
        client.flushall()
        create(Place(server.url, Path(), PHONE, KEY))
        client.delete(*client.keys("antirelou:{*"))

    with pytest.raises(LedgerError, match="If there never was one, begin it with"):
        prepare(Place(server.url, Path(), OTHER, KEY))


def test_a_ledger_may_have_a_name_of_its_own(server, runner):
    """Then the number is not in the names of its keys, and two files of that name share it."""
    with server.client() as client:
        client.flushall()
        place = Place(server.url, Path(), PHONE, KEY, currency="EUR", name="the-number")
        create(place)
        prepare(place)
        paid(runner, place)

        assert {"antirelou:ledgers"} == {
            name for name in client.keys("*") if not name.startswith("antirelou:{the-number}:")
        }


def test_a_name_is_for_a_server(tmp_path):
    """A ledger in a file has its path."""
    with pytest.raises(ConfigError, match=r"ledger: name, key-env and password-env are for a server"):
        prepare(Place("sqlite:ledger.db", tmp_path, PHONE, name="x"))


def test_a_ledger_in_memory_is_nobodys(tmp_path):
    """There is nothing to adopt."""
    with pytest.raises(ConfigError, match="'memory:' is nobody's before it begins"):
        adopt(Place("memory:", tmp_path, PHONE))
