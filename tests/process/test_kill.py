"""`kill -9` at random instants, of one worker or of all: what clients saw is in the ledger, and the money holds.

`KILL_ROUNDS` sets how many times (`make torture` runs many more than the tests do).
"""

import os
import random
import threading
import time
from functools import partial

import apsw

from tests.senders import Seen, send_all
from tests.worker import Worker, await_, config, free_port, kill, message_id, sender, serving, start

ROUNDS = int(os.environ.get("KILL_ROUNDS", "6"))
KITTY_MICROS = 25_000_000
PRICE_MICROS = 76_300


def audit(folder, seen: Seen) -> int:
    """Hold the ledger against what the clients saw; return the number of charges."""
    connection = apsw.Connection(str(folder / "antirelou.db"))
    rows = list(connection.execute("SELECT message_id, sender, micros FROM charge"))
    [(replies, spent)] = connection.execute("SELECT replies, replies_micros FROM account")
    connection.close()

    assert set(seen.replied) <= {row[0] for row in rows}
    assert len(rows) == len({row[1] for row in rows}), "a sender was paid for twice"
    assert len(seen.replied) == len(set(seen.replied.values())), "a sender got two replies"
    assert (len(rows), len(rows) * PRICE_MICROS) == (replies, spent)
    assert spent <= KITTY_MICROS
    return len(rows)


def test_a_killed_worker_never_costs_money_or_a_rule(tmp_path):
    """Over kills at random instants: replies seen are in the ledger, no sender got two, spent is within the kitty."""
    rng = random.Random(2017)
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="25", received="0.0001")
    seen = Seen()
    with serving(tmp_path, text) as first:
        current = [first]
        for round_ in range(ROUNDS):
            numbers = range(round_ * 60, round_ * 60 + 120)  # half of them wrote in the round before
            sendings = [(sender(n), message_id(round_ * 1000 + 3 * n + k)) for k in range(3) for n in numbers]
            load = threading.Thread(
                target=send_all, args=(lambda: current[0], sendings), kwargs={"seen": seen, "connections": 8}
            )
            before = seen.answers
            load.start()
            threshold = before + rng.randrange(5, 300)
            await_(partial(_has_gone_far, seen, threshold, load))
            _kill(rng, current)
            load.join()
            audit(tmp_path, seen)
        current[0].stop()
        charges = audit(tmp_path, seen)

    assert charges > 0


def _has_gone_far(seen: Seen, threshold: int, load: threading.Thread) -> bool:
    return seen.answers >= threshold or not load.is_alive()


def _kill(rng: random.Random, current: list[Worker]) -> None:
    """Kill one worker or all, and see to it that somebody serves again."""
    worker = current[0]
    children = worker.children()
    if rng.random() < 0.5 and children:
        kill(rng.choice(children))
        deadline = time.monotonic() + 1.0
        while time.monotonic() < deadline and worker.process.poll() is None and len(worker.children()) < 2:
            time.sleep(0.01)
    else:
        worker.kill_tree()
    if worker.process.poll() is not None:
        current[0] = start(worker.log.with_suffix(".toml"))
