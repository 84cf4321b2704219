"""A rolling deploy from the program whose ledgers were of the first format: both serve from one file, there and back."""

import contextlib
import random
import sys
import threading

import apsw
import pytest

from tests.ledger import before
from tests.senders import Seen, send_all
from tests.worker import PHONE, await_, config, free_port, message_id, sender, start

SENDERS, MESSAGES = 200, 4
REPLIES = 150
"""How many the kitty holds."""
MICROS = 76_300


class Deploy:
    """Servers of either version on files of their own and one ledger; a load balancer asks any of those that are up."""

    def __init__(self, folder):
        self.folder = folder
        self.chance = random.Random(1848)
        self.up = []

    def bring(self, name, **program):
        """Start a server."""
        file = self.folder / f"{name}.toml"
        text = config(bind=f"127.0.0.1:{free_port()}", kitty=f"{REPLIES * MICROS / 1e6:.6f}", received="0")
        file.write_text(f'{text}\n[ledger]\nurl = "sqlite:{self.folder / "ledger.db"}"\n')
        self.up.append(start(file, **program))
        return self.up[-1]

    def take(self, worker):
        """Stop a server, drained."""
        self.up.remove(worker)
        assert 0 == worker.stop()

    def any(self):
        """Return one of them."""
        return self.chance.choice(self.up)

    def stop(self):
        """Stop what is up."""
        for worker in list(self.up):
            self.take(worker)


@pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="the program of then does not start its workers from Python 3.14 on"
)
def test_a_rolling_deploy_from_the_first_format_keeps_every_promise(tmp_path, shows):
    """Old alone, both, new alone, both, old alone: each sender once, each id once, the kitty holds, and nobody gets an error."""
    then = before.program(tmp_path / "then")
    sendings = [(sender(n), message_id(n * 10 + k)) for k in range(MESSAGES) for n in range(SENDERS)]
    seen, deploy = Seen(), Deploy(tmp_path)
    with contextlib.ExitStack() as stack:
        stack.callback(deploy.stop)
        old = deploy.bring("old", program=then)
        load = threading.Thread(target=send_all, args=(deploy.any, sendings), kwargs={"seen": seen, "connections": 8})
        load.start()

        def wait(eighths):
            await_(lambda: seen.answers >= eighths * len(sendings) // 8 or not load.is_alive())

        wait(1)
        new = deploy.bring("new")
        wait(3)
        deploy.take(old)
        wait(5)
        again = deploy.bring("again", program=then)
        deploy.take(new)
        load.join()
        first = [again.send(seen.replied[id_], "salut", id_)[1] for id_ in list(seen.replied)[:20]]
        logs = [worker.log.read_text() for worker in (old, new, again)]
    connection = apsw.Connection(str(tmp_path / "ledger.db"))
    [(replies, micros)] = connection.execute("SELECT replies, replies_micros FROM account")
    charges = dict(connection.execute("SELECT message_id, hex(sender) FROM charge"))
    connection.close()
    shows("P1", "P2", "P3", "P4", rounds=1, requests=seen.answers + seen.unknown, faults=3)

    assert (REPLIES, REPLIES * MICROS) == (replies, micros)
    assert REPLIES == len(charges) == len(set(charges.values()))
    assert set(seen.replied) <= set(charges)
    assert all("<Message" in body for body in first)
    assert {200} == seen.statuses
    assert "is of format 2 from now on; as it was, with" in logs[1]
    assert not any("Traceback" in log for log in logs)
    assert PHONE not in "".join(logs).replace(f"answers for {PHONE}", "")
