"""Workers killed, stopped in mid-step and reloaded at random instants: what clients saw is in the ledger, and the money holds."""

import os
import random
import signal
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from functools import partial

import apsw

from tests.senders import Seen, send_all
from tests.torture import rounds
from tests.worker import Worker, await_, config, free_port, is_running, message_id, sender, serving, start

ROUNDS = rounds(8, many=100)
KITTY_MICROS = 25_000_000
PRICE_MICROS = 76_300


def audit(folder, seen: Seen) -> int:
    """Hold the ledger against what the clients saw; return the number of charges."""
    connection = apsw.Connection(str(folder / "antirelou.db"))
    connection.set_busy_timeout(20_000)  # whoever starts may be looking through the log
    rows = list(connection.execute("SELECT message_id, sender, micros FROM charge"))
    [(replies, spent)] = connection.execute("SELECT replies, replies_micros FROM account")
    connection.close()

    assert set(seen.replied) <= {row[0] for row in rows}
    assert len(rows) == len({row[1] for row in rows}), "a sender was paid for twice"
    assert len(seen.replied) == len(set(seen.replied.values())), "a sender got two replies"
    assert (len(rows), len(rows) * PRICE_MICROS) == (replies, spent)
    assert spent <= KITTY_MICROS
    return len(rows)


def test_whatever_is_done_to_workers_never_costs_money_or_a_rule(tmp_path, shows):
    """Killed, stopped, reloaded at random instants: replies seen are in the ledger, no sender got two, spent is within the kitty."""
    chance = random.Random(2017)
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="25", received="0.0001")
    seen, done = Seen(), Counter()
    with serving(tmp_path, text) as first, ExitStack() as started:
        current = [first]
        for round_ in range(ROUNDS):
            numbers = range(round_ * 60, round_ * 60 + 120)  # half of them wrote in the round before
            sendings = [(sender(n), message_id(round_ * 1000 + 3 * n + k)) for k in range(3) for n in numbers]
            load = threading.Thread(
                target=send_all, args=(lambda: current[0], sendings), kwargs={"seen": seen, "connections": 8}
            )
            threshold = seen.answers + chance.randrange(5, 300)
            load.start()
            await_(partial(_has_gone_far, seen, threshold, load))
            strike = chance.choice(STRIKES)
            strike(chance, current[0])
            done[strike.__name__.removeprefix("_")] += 1
            if current[0].process.poll() is not None:
                current[0] = start(current[0].log.with_suffix(".toml"))
                started.callback(_ended, current[0])
            load.join()
            audit(tmp_path, seen)
        current[0].stop()
        charges = audit(tmp_path, seen)
    shows("P1", "P2", "P3", rounds=ROUNDS, requests=seen.answers + seen.unknown, faults=done.total())
    shows(figure=", ".join(f"{name} {count}" for name, count in sorted(done.items())))

    assert charges > 0
    assert {200} == seen.statuses


def _ended(worker: Worker) -> None:
    """Leave nothing of one that a failed test has left running."""
    if worker.process.poll() is None:
        worker.kill_tree()


def _has_gone_far(seen: Seen, threshold: int, load: threading.Thread) -> bool:
    return seen.answers >= threshold or not load.is_alive()


def _killed_one(chance: random.Random, worker: Worker) -> None:
    """Kill one worker; another takes its place, or the server ends with it."""
    _signal_one(chance, worker, signal.SIGKILL)
    deadline = time.monotonic() + 1.0
    while time.monotonic() < deadline and worker.process.poll() is None and len(worker.children()) < 2:
        time.sleep(0.01)


def _killed_all(_: random.Random, worker: Worker) -> None:
    """End the server and its workers as a power cut would."""
    worker.kill_tree()


def _killed_server(_: random.Random, worker: Worker) -> None:
    """Kill the server only: its workers must not go on without it."""
    pids = worker.children()
    worker.process.kill()
    worker.process.wait()
    await_(lambda: not any(is_running(pid) for pid in pids))


def _stopped_one(chance: random.Random, worker: Worker) -> None:
    """Stop a worker wherever it is, perhaps while it holds the ledger, and let it go on."""
    pid = _signal_one(chance, worker, signal.SIGSTOP)
    time.sleep(chance.uniform(0, 0.3))
    _signal(pid, signal.SIGCONT)


def _stopped_and_killed(chance: random.Random, worker: Worker) -> None:
    """Stop a worker and kill it where it stands."""
    pid = _signal_one(chance, worker, signal.SIGSTOP)
    time.sleep(chance.uniform(0, 0.1))
    _signal(pid, signal.SIGKILL)


def _reloaded(_: random.Random, worker: Worker) -> None:
    """Have the file read again: new workers come, old ones drain."""
    worker.process.send_signal(signal.SIGHUP)


STRIKES = [_killed_one, _killed_all, _killed_server, _stopped_one, _stopped_and_killed, _reloaded]


def _signal_one(chance: random.Random, worker: Worker, what: signal.Signals) -> int:
    """Send a signal to one of the workers; return its pid."""
    pid = chance.choice(worker.children() or [worker.process.pid])
    _signal(pid, what)
    return pid


def _signal(pid: int, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, what)
