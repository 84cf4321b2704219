"""What receiving costs is booked as each provider bills it, on both ledgers, by a real worker."""

import random
from contextlib import ExitStack
from threading import Thread

import pytest

from edge.providers import PROVIDERS
from tests import torture
from tests.process.number import LEDGERS, Number
from tests.senders import Seen, send_all
from tests.worker import await_, message_id, sender

TEN_SEGMENTS = "x" * 1530


@pytest.fixture
def bill(tmp_path):
    """Return a function that has messages delivered to a number at a provider, and tells what the worker made of them."""
    with ExitStack() as stack:
        yield lambda provider, ledger, messages, **money: _deliver(stack, tmp_path, provider, ledger, messages, **money)


def _deliver(stack, folder, provider, ledger, messages, **money):
    number = Number(folder, ledger, stack, provider, workers=1, **money)
    worker = number.serve()
    return number.deliver(worker, messages), worker.status()


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_long_messages_cost_all_their_segments(bill, provider, ledger, shows):
    """300 messages of ten segments each cost 22.50, and a kitty of 20 pays no reply once receiving has used it up."""
    messages = [(sender(0), TEN_SEGMENTS, number) for number in range(300)]
    late = [(sender(1 + number), "Salut", 1000 + number) for number in range(3)]
    answers, status = bill(provider, ledger, messages + late, kitty="20")
    shows("P1", rounds=1, requests=len(answers))

    assert {200} == {code for code, _ in answers}
    assert {"replies": "0.0763", "received": "22.5225"} == status["spent"]
    assert ("0.00", 1) == (status["kitty_left"], status["replies"])


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refused_message_is_received_once(bill, provider, ledger, shows):
    """However often it is delivered, it costs 0.0075, and others are answered meanwhile: 0.0075 more for each of them."""
    times = torture.rounds(300, 3_000)
    first = [(sender(0), "Salut", 1)]
    again = [(sender(0), "Salut", 2)] * times
    other = [(sender(1), "Salut", 3)]
    answers, status = bill(provider, ledger, first + again + other, kitty="20")
    shows("P4", rounds=1, requests=len(answers))

    assert {200} == {code for code, _ in answers}
    assert {"replies": "0.1526", "received": "0.0225"} == status["spent"]
    assert {"answered": 2, "sender_limit": times} == status["by_reason"]


@pytest.fixture(params=LEDGERS)
def number(request, tmp_path):
    """Return a number on each of the ledgers."""
    with ExitStack() as stack:
        yield Number(tmp_path, request.param, stack, workers=2, received="0.01")


def received(worker):
    """Return how many messages are booked as received."""
    return round(float(worker.status()["spent"]["received"]) * 100)


def test_what_was_received_survives_kill_9(number, shows):
    """Workers and their server killed in mid-flood, over and over: each answered message is booked once, an unanswered one at most once."""
    chance, seen, many = random.Random(2017), Seen(), torture.rounds(4, 40)
    worker = number.serve()
    for round_ in range(many):
        sendings = [(sender(0), message_id(round_ * 1_000 + n)) for n in range(400)]
        load = Thread(target=send_all, args=(lambda: worker, sendings), kwargs={"seen": seen, "connections": 8})  # noqa: B023
        enough = seen.answers + chance.randrange(1, 300)
        load.start()
        await_(lambda: seen.answers >= enough or not load.is_alive())  # noqa: B023
        worker.kill_tree()
        load.join()
        worker = number.serve()
    await_(lambda: received(worker) >= seen.answers)
    shows("P1", rounds=many, requests=seen.answers + seen.unknown, faults=many)

    assert seen.answers <= received(worker) <= seen.answers + seen.unknown
    assert {200} == seen.statuses


def test_what_was_received_survives_a_stop_without_the_ledger(number, shows):
    """Told to end while the ledger is away, workers end; those after them book it, also if there are fewer."""
    worker = number.serve(workers=4)
    with number.away():
        seen = send_all(lambda: worker, [(sender(0), message_id(n)) for n in range(200)], connections=16)
        assert 0 == worker.stop()
    worker = number.serve(workers=1)
    await_(lambda: received(worker) == 200)
    shows("P8", rounds=1, requests=seen.answers, faults=1)

    assert 200 == seen.answers
    await_(lambda: 1 == len(list(number.file.parent.glob("antirelou-*-sums-*"))))
    assert 200 == received(worker)


def test_what_is_received_after_its_file_went_back_is_booked(number):
    """The sums are back where the disk, or a backup, had them, behind what the ledger was told: what comes now is added all the same."""
    worker = number.serve(workers=1)
    number.deliver(worker, [(sender(0), "Salut", n) for n in range(10)])
    await_(lambda: received(worker) == 10)
    [sums] = number.file.parent.glob("antirelou-*-sums-*")
    copy = sums.read_bytes()
    number.deliver(worker, [(sender(0), "Salut", n) for n in range(10, 60)])
    await_(lambda: received(worker) == 60)
    worker.kill_tree()
    sums.write_bytes(copy)
    worker = number.serve(workers=1)
    number.deliver(worker, [(sender(0), "Salut", n) for n in range(100, 140)])
    await_(lambda: received(worker) == 100)
    await_(lambda: not sums.exists())

    assert 100 == received(worker)


def test_what_is_received_after_its_file_was_removed_is_booked(number):
    """Removed under a worker that is told to end while the ledger is away: what it has seen since is left in another file."""
    worker = number.serve(workers=1)
    folder = number.file.parent
    for path in folder.glob("antirelou-*-sums-*"):
        path.unlink()
    await_(lambda: any(folder.glob("antirelou-*-sums-*")))
    with number.away():
        send_all(lambda: worker, [(sender(0), message_id(n)) for n in range(50)], connections=4)
        assert 0 == worker.stop()
    worker = number.serve(workers=1)
    await_(lambda: received(worker) == 50)

    assert 50 == received(worker)


@pytest.mark.parametrize("ledger", LEDGERS)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_segments_of_every_provider_survive_kill_9(provider, ledger, tmp_path):
    """Long messages that the ledger had not been told of when all were killed: each is booked once, by all its segments."""
    with ExitStack() as stack:
        number = Number(tmp_path, ledger, stack, provider)
        worker = number.serve()
        answers = number.deliver(worker, [(sender(0), "Salut", 0)])
        with number.away():
            answers += number.deliver(worker, [(sender(0), TEN_SEGMENTS, 1 + n) for n in range(20)])
            worker.kill_tree()
        worker = number.serve()
        await_(lambda: worker.status()["spent"]["received"] == "1.5075")

    assert [True] + [False] * 20 == [b"Bonjour" in body for _, body in answers]
    assert {200} == {status for status, _ in answers}
