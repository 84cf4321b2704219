"""Facts about how much room a charge takes: no more than the page on ledgers says, with a sender and a block of its own."""

import asyncio
import random
import re

from tests import ROOT
from tests.ledger.parts import InFile, charge

CHARGES, AT_ONCE = 3_000, 100
PAGE = (ROOT / "docs" / "reference" / "ledgers.md").read_text(encoding="utf-8")


def charge_all(books):
    """Have many strangers answered, some at once; ids and hashes come in no order, as the provider's and ours do."""
    chance, ledger = random.Random(1), books.ledger().ledger

    async def ask():
        charges = (charge(*(chance.getrandbits(127) for _ in range(3))) for _ in range(AT_ONCE))
        return {decision.reason.value for decision in await asyncio.gather(*map(ledger.admit, charges))}

    assert {"answered"} == set().union(*(books.runner.run(ask()) for _ in range(CHARGES // AT_ONCE)))


def test_a_charge_in_a_file_takes_as_much_as_the_page_says(runner, tmp_path):
    """The file grows by less for each."""
    [most] = re.findall(r"A charge takes less than (\d+) bytes, with", PAGE)
    books = InFile(runner, tmp_path)
    size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    before = books.value(size)
    charge_all(books)
    books.close()

    assert int(most) > (books.value(size) - before) / CHARGES


def test_a_charge_on_a_server_takes_as_much_as_the_page_says(on_server):
    """The server's own count of what its keys hold is less for each."""
    [most] = re.findall(r"A charge takes less than ([\d,]+) bytes on a server", PAGE)
    charge_all(on_server)
    with on_server.server.client() as client:
        taken = sum(client.memory_usage(name, samples=0) for name in client.keys(on_server.key("*")))

    assert int(most.replace(",", "")) > taken / CHARGES
