"""Several real workers on one ledger: what they pay together never exceeds what one could have."""

import apsw

from tests.senders import send_all
from tests.worker import await_, config, free_port, message_id, sender, serving


def charges(folder):
    """Return what the ledger in a folder holds."""
    connection = apsw.Connection(str(folder / "antirelou.db"))
    rows = list(connection.execute("SELECT message_id, sender, micros FROM charge"))
    connection.close()
    return rows


def test_two_workers_pay_exactly_what_the_kitty_holds(tmp_path, shows):
    """Two workers with money for 300 replies pay 300 of 2,000 senders, to the last micro, and all are in the ledger."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2, kitty="22.89", received="0")
    with serving(tmp_path, text) as worker:
        seen = send_all(lambda: worker, [(sender(n), message_id(n)) for n in range(2000)], connections=32)
        status = worker.status()

    shows("P1", "P3", rounds=1, requests=seen.answers)

    assert seen.answers == 2000
    assert len(seen.replied) == 300
    assert set(seen.replied) == {row[0] for row in charges(tmp_path)}
    assert status["kitty_left"] == "0.00"
    assert status["spent"] == {"replies": "22.89", "received": "0.00"}
    assert {200} == seen.statuses


def test_what_receiving_costs_is_part_of_the_kitty(tmp_path):
    """With half the kitty gone on receiving, replies stop there: spent never exceeds the kitty by a reply."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=1, kitty="10", received="0.0075")
    with serving(tmp_path, text) as worker:
        seen = send_all(lambda: worker, [(sender(0), message_id(n)) for n in range(666)])
        seen = send_all(lambda: worker, [(sender(n), message_id(1000 + n)) for n in range(1, 200)], seen=seen)
        status = worker.status()

    micros = sum(row[2] for row in charges(tmp_path))
    assert micros + 666 * 7_500 <= 10_000_000
    assert len(seen.replied) == len(charges(tmp_path)) == status["replies"]
    assert status["messages"] == 865


def test_a_retry_at_another_worker_gets_the_same_reply_for_one_charge(tmp_path, shows):
    """One message delivered 200 times over 20 connections to two workers gets the reply each time, and costs once."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2)
    with serving(tmp_path, text) as worker:
        seen = send_all(lambda: worker, [(sender(7), message_id(7))] * 200, connections=20)
        again = [worker.send(sender(7), "salut", message_id(7)) for _ in range(20)]
        await_(lambda: {"answered": 1, "duplicate": 219} == worker.status()["by_reason"])

    shows("P4", rounds=1, requests=seen.answers + len(again))

    assert 1 == len(charges(tmp_path))
    assert {message_id(7)} == set(seen.replied)
    assert len({body for _, body in again}) == 1
    assert "<Message>" in again[0][1]


def test_a_sender_gets_one_reply_from_however_many_workers(tmp_path, shows):
    """A thousand messages at once from one sender over 32 connections get one reply from two workers together."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=2)
    with serving(tmp_path, text) as worker:
        seen = send_all(lambda: worker, [(sender(3), message_id(n)) for n in range(1000)], connections=32)

    shows("P2", rounds=1, requests=seen.answers)

    assert len(seen.replied) == 1
    assert 1 == len(charges(tmp_path))


def test_a_restart_forgets_nobody(tmp_path, shows):
    """Who was answered before a restart is silent after it, and an opt-out is still one."""
    text = config(bind=f"127.0.0.1:{free_port()}", workers=1)
    with serving(tmp_path, text) as worker:
        first = worker.send(sender(1), "salut", message_id(1))
        worker.send(sender(2), "salut", message_id(2))
        worker.send(sender(2), "ARRÊT", message_id(3))
        before = worker.status()
        assert worker.stop() == 0
    with serving(tmp_path, text) as worker:
        again = worker.send(sender(1), "salut", message_id(4))
        worker.send(sender(2), "salut", message_id(5))
        after = worker.status()

    shows("P2", rounds=1, requests=5, faults=1)

    assert "<Message>" in first[1]
    assert "<Message>" not in again[1]
    assert before["spent"]["replies"] == after["spent"]["replies"]
    assert after["by_reason"] == {"answered": 2, "opted_out": 2, "sender_limit": 1}
