"""Three workers on one server under a raid, restarted one after the other, the kitty topped up meanwhile by the newer ones."""

import contextlib
import random
import signal
import threading
from functools import partial

from edge.ledger.opening import Place, create
from edge.ledger.valkey import key
from tests.ledger.parts import MICROS, PHONE
from tests.ledger.servers import any_server, running
from tests.senders import Seen, send_all
from tests.worker import await_, config, free_port, message_id, sender, start

KEY = "k" * 64
SENDERS, MESSAGES = 240, 3
BEFORE, AFTER = 60, 160
"""How many replies the kitty holds, before and after it is topped up."""


def text(server, replies, received="0"):
    """Return a static file whose kitty holds so many replies."""
    kitty = f"{replies * MICROS / 1_000_000:.6f}"
    ledger = f'[ledger]\nurl = "{server.url}"\nkey-env = "LEDGER_KEY"\n'
    return config(bind=f"127.0.0.1:{free_port()}", kitty=kitty, received=received) + ledger


class Replicas:
    """Three workers, each on a file of its own, of which one at a time is exchanged."""

    def __init__(self, folder, server):
        self.folder = folder
        self.server = server
        self.chance = random.Random(2017)
        self.workers = [self.begin(n, BEFORE) for n in range(3)]

    def begin(self, number, replies):
        """Start a worker on a new file."""
        file = self.folder / f"edge{number}.toml"
        file.write_text(text(self.server, replies))
        return start(file, {"LEDGER_KEY": KEY})

    def any(self):
        """Return one of them, as a load balancer would."""
        return self.chance.choice(self.workers)

    def exchange(self, number, replies, how):
        """End one of them, drained or killed, and start its successor with another kitty."""
        old = self.workers[number]
        if how == signal.SIGTERM:
            old.stop()
        else:
            old.kill_tree()
        self.workers[number] = self.begin(number, replies)

    def stop(self):
        """End them all."""
        for worker in self.workers:
            worker.stop()


def has_gone_far(seen, threshold, load):
    """Return whether so many were answered, or all are through."""
    return seen.answers >= threshold or not load.is_alive()


def test_a_rolling_deploy_keeps_every_promise(tmp_path, shows):
    """Whoever is restarted when, drained or killed: each sender once, each id once, never more than the kitty; retries too."""
    (tmp_path / "server").mkdir()
    sendings = [(sender(n), message_id(n * 10 + k)) for k in range(MESSAGES) for n in range(SENDERS)]
    seen = Seen()
    with running(any_server(), tmp_path / "server") as server, contextlib.ExitStack() as stack:
        create(Place(server.url, tmp_path, PHONE, KEY.encode()))
        client = stack.enter_context(server.client())
        replicas = Replicas(tmp_path, server)
        stack.callback(replicas.stop)
        load = threading.Thread(target=send_all, args=(replicas.any, sendings), kwargs={"seen": seen, "connections": 8})
        load.start()
        spent_before = 0
        for number, how in enumerate([signal.SIGTERM, signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGTERM]):
            await_(partial(has_gone_far, seen, (number + 1) * len(sendings) // 8, load))
            if number == 2:
                spent_before = int(client.hget(key(PHONE, "account"), "replies_micros"))
            replicas.exchange(number % 3, AFTER if number >= 2 else BEFORE, how)
        load.join()
        send_all(replicas.any, sendings, seen=seen, connections=8)
        replies = int(client.hget(key(PHONE, "account"), "replies"))
        charges = set(client.zrange(key(PHONE, "charges"), 0, -1))
        senders = client.zcard(key(PHONE, "senders"))
        again = [
            worker.send(seen.replied[id_], "salut", id_)[1]
            for id_ in list(seen.replied)[:20]
            for worker in replicas.workers
        ]

    shows("P1", "P2", "P3", "P4", rounds=1, requests=seen.answers + seen.unknown + len(again), faults=5)

    assert spent_before <= BEFORE * MICROS
    assert AFTER == replies == len(charges) == senders
    assert set(seen.replied) <= charges
    assert len(seen.replied) == len(set(seen.replied.values()))
    assert all("<Message" in body for body in again)
    assert {200} == seen.statuses
