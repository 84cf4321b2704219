"""A worker of the program that knew no hours of each number, beside one of now, on a file and on a server: neither is in the other's way."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from edge.core.wire.reason import Reason
from edge.ledger.opening import Place, create, hours, hours_of_each, open_ledger, paid, prepare
from tests.ledger import before
from tests.ledger.parts import KEY, MICROS, NOW_MS, PHONE, charge
from tests.ledger.servers import any_server, running
from tests.ledger.test_numbers import COST, FIRST, NUMBERS, RULES, SECOND, seen

COMMIT = "3ccfb23dfb91"
"""The last one without them."""
DRIVER = Path(__file__).with_name("onedriver.py")


@pytest.fixture(params=["sqlite", "server"])
def place(request, tmp_path):
    """Return where a ledger was begun."""
    if request.param == "sqlite":
        yield Place("sqlite:ledger.db", tmp_path, PHONE)
        return
    (tmp_path / "server").mkdir()
    with running(any_server(), tmp_path / "server") as server:
        place = Place(server.url, tmp_path, PHONE, KEY)
        create(place)
        yield place


def then(place, tree, first):
    """Have the program of then work and look, and return what it found."""
    arguments = [place.url, str(place.base), place.phone, place.key.decode(), NUMBERS, NOW_MS, MICROS, first]
    ran = subprocess.run(
        [sys.executable, str(DRIVER), json.dumps(arguments)],
        env={"PYTHONPATH": str(tree)}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout)


async def work(place, rows):
    """Pay a reply at each number, as a worker of now does, and tell of messages that met silence."""
    ledger = open_ledger(place, RULES, lambda: NOW_MS, lambda _: None, "now")
    for message, number in enumerate(NUMBERS, start=rows):
        assert Reason.ANSWERED is (await ledger.admit(charge(message, cost=COST, number=number))).reason
    await ledger.tell(seen(first=rows + 1, second=rows + 2))
    await ledger.close()


def test_workers_of_then_and_now_share_a_ledger(place, tmp_path):
    """What all came to holds whoever told it; of each number what a worker of now has told, also after one of then."""
    tree = before.tree(tmp_path / "then", COMMIT)
    prepare(place)
    found = []
    for rows in (0, 2):
        asyncio.run(work(place, rows))
        found.append(then(place, tree, rows))
    each = hours_of_each(place, 0)
    kept = paid(place)

    answered = [Reason.ANSWERED] * 2
    assert [[answered, False, 3 + 2 + 4, 4, 4], [answered, False, 3 + 4 + 4 + 8, 8, 8]] == found
    assert {FIRST: (5, 2), SECOND: (6, 2)} == {
        number: (sum(hour.messages for hour in rows), sum(hour.replies for hour in rows))
        for number, rows in each.items()
    }
    assert 19 == sum(hour.messages for hour in hours(place, 0))
    assert [FIRST, SECOND, "", ""] * 2 == [reply.number for reply in kept]
