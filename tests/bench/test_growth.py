"""What grows is measured on the whole application, and on both ledgers."""

import pytest

from bench.check import check
from bench.contestants import ours, running
from bench.growth import by_senders, ledger, valkey_server
from loadtest.provider.reading import Outcome
from tests.needs import need


def test_by_senders(tmp_path):
    """A call is timed, and growth looked at, after each number of senders, though some of them are answered."""
    charts = by_senders(tmp_path, [20, 40], timed=18)

    assert [20, 40] == [point.at for point in charts["senders-us"].lines["refused"]]
    assert [20, 40] == [point.at for point in charts["senders-mib"].lines["growth"]]
    assert all(0 < point.found.low for point in charts["senders-us"].lines["refused"])


@pytest.mark.parametrize("name", ["SQLite", "Valkey"])
def test_a_ledger_of_each_kind_is_begun_and_answers(tmp_path, name):
    """The worker pays on it, as everybody is checked; its server is gone afterwards."""
    if name == "Valkey" and valkey_server() is None:
        need("redis-server")
    with (
        ledger(name, tmp_path) as url,
        running(ours("ours", "ours", ledger=url), tmp_path, core=None) as server,
    ):
        assert Outcome.REPLY in check(server.port, floor=False)

    assert name.lower() == url.partition(":")[0]
