"""Hundreds of SIGHUPs that reach workers, as `pkill -HUP`, `systemctl kill -s HUP` and a lost terminal send them, under load."""

import os
import signal
import threading
import time
from contextlib import suppress

from tests.process.test_kill import audit
from tests.senders import Seen, send_all
from tests.torture import rounds
from tests.worker import await_, config, free_port, message_id, sender, serving

HANGUPS = rounds(20, many=300)
RELOADS = rounds(3, many=20)
PAUSE_S = 10.0
"""The longest that nobody may be answered on a machine that is busy with other things."""
TEXT = {"kitty": "25", "received": "0.0001", "workers": 2}


def sendings(number):
    """Return so many messages, two from each sender."""
    return [(sender(n // 2), message_id(n)) for n in range(number)]


def begin(worker, messages, seen):
    """Send messages in a thread of its own, and return it."""
    thread = threading.Thread(target=send_all, args=(lambda: worker, messages), kwargs={"seen": seen, "connections": 8})
    thread.start()
    return thread


def hang_up(pids):
    """Send SIGHUP to all of them that are there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGHUP)


def test_hangups_that_reach_workers_change_nothing(tmp_path, shows):
    """While messages come each of two workers gets hundreds: the same workers go on, and every message is answered and booked."""
    seen = Seen()
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", **TEXT)) as worker:
        await_(lambda: 2 == len(worker.children()))
        pids = worker.children()
        load = begin(worker, sendings(HANGUPS * 10), seen)
        for _ in range(HANGUPS):
            before = seen.answers
            hang_up(pids)
            await_(lambda before=before, load=load: seen.answers > before or not load.is_alive())
        load.join()
        after = worker.children()
        status = worker.status()
        charges = audit(tmp_path, seen)
        log = worker.log.read_text()
    shows("P1", "P2", "P3", rounds=HANGUPS, requests=seen.answers, faults=2 * HANGUPS)

    assert (pids, {200}, 0) == (after, seen.statuses, seen.unknown)
    assert charges == status["replies"]
    assert charges == len(seen.replied) or "ledger_down" in log  # paid, but not in time: a disk that stalls
    assert ("", "") == (log.partition("Traceback")[1], log.partition("reloading")[1])


def test_hangups_that_reach_everybody_are_reloads(tmp_path, shows):
    """Server and workers get one at once, again and again: each is a reload, what was seen is in the ledger, and answers come on."""
    seen, pauses_s = Seen(), []
    with serving(tmp_path, config(bind=f"127.0.0.1:{free_port()}", **TEXT)) as worker:
        for nth in range(RELOADS):
            old = worker.children()
            load = begin(
                worker, [(sender(n), message_id(1_000 * nth + n)) for n in range(nth * 10, nth * 10 + 60)], seen
            )
            hang_up([worker.process.pid, *old])
            before, began_s = seen.answers, time.monotonic()
            await_(lambda before=before, load=load: seen.answers > before or not load.is_alive())
            pauses_s.append(time.monotonic() - began_s)
            load.join()
            await_(lambda old=old: 2 == len(worker.children()) and not set(old) & set(worker.children()))
            audit(tmp_path, seen)
        code = worker.stop()
        audit(tmp_path, seen)
        log = worker.log.read_text()
    shows("P1", "P2", "P3", rounds=RELOADS, requests=seen.answers + seen.unknown, faults=3 * RELOADS)
    shows(figure=f"the next answer after {1000 * max(pauses_s):.0f} ms at most")

    assert PAUSE_S > max(pauses_s)
    assert ({200}, 0) == (seen.statuses, code)
    assert (RELOADS, 0) == (log.count("reloading"), log.count("Traceback"))
