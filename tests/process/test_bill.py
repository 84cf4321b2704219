"""What receiving costs is booked as each provider bills it, on both ledgers, by a real worker."""

import http.client
import os
import random
import socket
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from threading import Thread

import apsw
import pytest

from edge.configfile import parse
from edge.providers import PROVIDERS
from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.signing import Encoder
from tests import torture
from tests.ledger.servers import any_server, listening, running
from tests.senders import Seen, send_all
from tests.worker import SECRET, await_, config, free_port, message_id, sender, serving

TEN_SEGMENTS = "x" * 1530
PATH = "/a-path-that-only-the-provider-knows"
KEY = "0123456789abcdef0123456789abcdef"
LEDGERS = ["sqlite", "valkey"]


@pytest.fixture
def bill(tmp_path):
    """Return a function that has messages delivered to a number at a provider, and tells what the worker made of them."""
    with ExitStack() as stack:
        yield lambda provider, ledger, messages, **money: _deliver(stack, tmp_path, provider, ledger, messages, **money)


def _deliver(stack, folder, provider, ledger, messages, **money):
    text = config(bind=f"127.0.0.1:{free_port()}", **money)
    text = text.replace('"twilio"', f'"{provider}"').replace("/sms", PATH)
    secrets = {"TWILIO_AUTH_TOKEN": SECRET}
    if provider == "46elks":
        text = text.replace('secret-env = "TWILIO_AUTH_TOKEN"\n', "")
    if ledger == "valkey":
        port = free_port()
        stack.enter_context(running(any_server(), folder, *listening(port)))
        text += f'\n[ledger]\nurl = "valkey://127.0.0.1:{port}/0"\nkey-env = "LEDGER_KEY"\n'
        secrets["LEDGER_KEY"] = KEY
        (folder / "edge.toml").write_text(text)
        create(folder / "edge.toml", secrets)
    worker = stack.enter_context(serving(folder, text, environ=secrets))
    encode = Encoder(parse(text), SECRET)
    requests = [encode(arrival(who, what, number)) for who, what, number in messages]
    answers = post(worker.address, requests)
    return answers, worker.status()


def create(file, secrets):
    """Begin a ledger on a server."""
    command = [sys.executable, "-m", "edge", "create-ledger", str(file)]
    subprocess.run(command, env={**os.environ, **secrets}, check=True, stdout=subprocess.DEVNULL)


def arrival(who, what, number):
    """Return a message as the harness has it."""
    return Arrival(number, 0, who, what, f"SM{number:032x}", Kind.FRESH, genuine=True)


def post(address, requests):
    """Send requests one after another over one connection; return status and body of each answer."""
    answers = []
    with socket.create_connection(address) as client:
        for request in requests:
            client.sendall(request)
            response = http.client.HTTPResponse(client)
            response.begin()
            answers.append((response.status, response.read()))
    return answers


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


class Number:
    """A number on one of the ledgers, which may be taken away, and workers on it that come and go."""

    def __init__(self, folder, ledger, stack):
        """Begin its ledger; nobody serves it yet."""
        self.file = folder / "edge.toml"
        self._folder, self._stack, self._secrets = folder, stack, {"LEDGER_KEY": KEY}
        self._server, self.text = None, config(bind=f"127.0.0.1:{free_port()}", workers=2, received="0.01")
        if ledger == "valkey":
            port = free_port()
            self._server = stack.enter_context(running(any_server(), folder, *listening(port), "--save", ""))
            self.text += f'state = "."\n[ledger]\nurl = "valkey://127.0.0.1:{port}/0"\nkey-env = "LEDGER_KEY"\n'
            self.file.write_text(self.text)
            create(self.file, self._secrets)

    def serve(self, workers=2):
        """Return workers that serve it."""
        text = self.text.replace("workers = 2", f"workers = {workers}")
        return self._stack.enter_context(serving(self._folder, text, environ=self._secrets))

    @contextmanager
    def away(self):
        """Have the ledger not answer."""
        if self._server is not None:
            self._server.pause()
            yield
            self._server.resume()
        else:
            connection = apsw.Connection(str(self._folder / "antirelou.db"))
            connection.set_busy_timeout(20_000)  # a worker may be telling
            connection.execute("BEGIN EXCLUSIVE")
            yield
            connection.execute("ROLLBACK")
            connection.close()


@pytest.fixture(params=LEDGERS)
def number(request, tmp_path):
    """Return a number on each of the ledgers."""
    with ExitStack() as stack:
        yield Number(tmp_path, request.param, stack)


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
