"""The probe before a flood: a wrong set-up is told from a broken worker, whoever the provider is."""

import re
import socket
import threading
import time

import pytest

from edge.configfile import parse
from edge.core.wire.reason import Reason
from edge.providers import PROVIDERS
from loadtest.engine.target import Target, find
from loadtest.provider.signing import Encoder
from loadtest.run.probe import SetupError, probe
from loadtest.run.statusclient import StatusClient
from tests.loadtest.liars import CONFIG, REPLY, SECRET, URL, Honest
from tests.loadtest.stubs import Stub

TEXT = CONFIG.format(url=URL, reply=REPLY, kitty="5", port=1)


def tried(worker, *, secret=SECRET, own=True):
    """Return the books that the probe finds, with the flood's own idea of the worker."""
    config = parse(worker.config)
    return probe(worker.target, [Encoder(config, secret)], StatusClient(worker.target, config), own=own)


def test_an_honest_worker_is_found_with_its_books_and_pays_nothing():
    """It says nothing, counts no message, and books nothing."""
    with Honest() as worker:
        books = tried(worker)

    assert (0, 0, {"not_a_message": 1}) == (books.messages, books.replies, books.by_reason)


def test_nobody_who_listens_is_said_with_the_address():
    """And what to do."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    config = parse(TEXT)
    target = find(f"127.0.0.1:{port}")

    with pytest.raises(
        SetupError, match=f"^no worker answers at 127.0.0.1:{port}: Connection refused; start it first$"
    ):
        probe(target, [Encoder(config, SECRET)], StatusClient(target, config), own=True)


def test_a_socket_that_is_not_there_is_said_with_its_path(tmp_path):
    """A unix socket is an address as well."""
    target = Target("unix:edge.sock", socket.AF_UNIX, str(tmp_path / "edge.sock"))
    config = parse(TEXT)

    with pytest.raises(SetupError, match=r"^no worker answers at unix:edge\.sock: No such file or directory"):
        probe(target, [Encoder(config, SECRET)], StatusClient(target, config), own=True)


def test_another_secret_is_said():
    """The worker would refuse the whole flood, and be blamed for it."""
    with Honest() as worker, pytest.raises(SetupError, match=r"with 403: its secret, number\.url or origin secret is"):
        tried(worker, secret="another")


class Answers(Honest):
    """Answers every report in one way."""

    answer = b""

    def serve(self, connection, request):
        """Answer, and end the connection."""
        if request.startswith(b"POST"):
            connection.sendall(self.answer)
            return False
        return super().serve(connection, request)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n", "with 404: the path of its number.url is another one"),
        (b"HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n", "with 401: another server stands before it"),
        (b"HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", "with 500: it is no worker of this number"),
        (b"HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n", "with 302: it is no worker of this number"),
        (b"HTTP/1.1 799 X\r\nContent-Length: 0\r\n\r\n", "with 799: it is no worker of this number"),
        (b"HTTP/1.1 200 X\r\nContent-Length: 2\r\n\r\nok", "answers a delivery report as if it were a message"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not speak HTTP: BadStatusLine"),
        (b"", "no worker answers at 127.0.0.1:"),
    ],
)
def test_what_no_worker_of_the_number_answers_is_a_wrong_set_up(answer, said):
    """One line says what came back, and what it may mean."""
    with Answers() as worker:
        worker.answer = answer
        with pytest.raises(SetupError, match=re.escape(said)):
            tried(worker)


class Uncounted(Honest):
    """Its status is another worker's."""

    def hear_report(self):
        """Say nothing, and do not count it."""
        return self.respond(200, "")


def test_books_of_another_worker_are_noticed(monkeypatch):
    """They do not hold the report that was just sent."""
    monkeypatch.setattr("loadtest.run.probe._SETTLING_S", 0.2)
    with Uncounted() as worker, pytest.raises(SetupError, match="does not count it as not_a_message"):
        tried(worker)


class PaysForAReport(Honest):
    """Pays for what is no message."""

    def hear_report(self):
        """Pay."""
        self.spent_micros += 10_000
        return super().hear_report()


def test_what_is_booked_for_a_report_is_noticed():
    """It costs nothing."""
    with PaysForAReport() as worker, pytest.raises(SetupError, match=r"books 0\.01 for a delivery report"):
        tried(worker)


def test_without_books_the_answer_has_to_do():
    """A worker that shows its status to nobody can be flooded; the verdict says what it could not see."""
    with Stub(lambda connection, request: bool(connection.sendall(answer(request)) or 1)) as stub:
        config = parse(TEXT)
        assert None is probe(stub.target, [Encoder(config, SECRET)], StatusClient(stub.target, config), own=False)


def answer(request):
    """Return silence to what is posted, and nothing to see to who asks."""
    return b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % (200 if request.startswith(b"POST") else 403)


def test_somebody_else_who_writes_is_noticed():
    """Beside another flood none is played: what that one is answered, this one would not."""
    with Honest() as worker:
        over = threading.Event()

        def write():
            while not over.is_set():
                with worker.lock:
                    worker.reasons["sender_limit"] += 1
                time.sleep(0.01)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            with pytest.raises(SetupError, match=r"^somebody else writes to 127\.0\.0\.1:\d+: \d+ messages came while"):
                tried(worker, own=False)
        finally:
            over.set()
            writer.join()


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_the_report_of_every_provider_is_no_message_to_the_worker(provider):
    """It is signed as theirs is, and the worker takes it for what it is: the probe needs no luck."""
    url = "https://sms.example.org/sms-0123456789abcdef0123456789abcdef"
    text = TEXT.replace('"twilio"', f'"{provider}"').replace(URL, url)
    config = parse(text)
    head, _, body = Encoder(config, SECRET).report("SM1").partition(b"\r\n\r\n")
    request, *lines = head.split(b"\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}
    made = PROVIDERS[provider](phone=config.number.phone, url=url, secrets=[SECRET])

    assert Reason.NOT_A_MESSAGE is made.read(request.split()[0].decode(), b"", headers, body)


def test_each_number_is_tried():
    """A worker that knows one of two is not the one that the flood reads of."""
    second = '[[number]]\nphone = "+33937000001"\nprovider = "twilio"\nurl = "https://sms.example.org/other"\nsecret-env = "X"\n\n[reply]'
    with Honest() as worker:
        config = parse(worker.config.replace("[number]", "[[number]]").replace("[reply]", second))
        encoders = [Encoder(config, SECRET, index=index) for index in (0, 1)]

        with pytest.raises(SetupError, match="answers a signed delivery report with 403: its secret"):
            probe(worker.target, encoders, StatusClient(worker.target, config), own=True)
