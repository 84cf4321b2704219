"""Own share is measured on messages that are refused."""

import itertools

from bench.check import check
from bench.contestants import running
from bench.generators.exchange import Client
from bench.share import spent
from bench.workload import refused, strangers
from loadtest.provider.reading import Outcome


def test_pace_is_used_up(tmp_path):
    """The check and the troll use the pace up, to the last reply: strangers meet silence from the first on."""
    troll, others = refused(10), strangers(10)

    with running(spent("ours", "ours"), tmp_path, core=None) as server:
        check(server.port, floor=False)
        with Client(server.port) as client:
            primed = [client.ask(raw).reading.outcome for raw in troll.primers()]
            met = {client.ask(raw).reading.outcome for raw in itertools.chain(troll.pool(), others.pool())}

    assert [Outcome.REPLY] == primed
    assert {Outcome.SILENCE} == met
