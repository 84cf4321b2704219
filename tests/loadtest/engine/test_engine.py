"""The engine against servers that answer late, in pieces, never, or not at all."""

import itertools
import select
import socket
import threading
import time

import gevent
import pytest

from loadtest.engine.engine import Engine
from loadtest.engine.poller import Epoll, Poll
from loadtest.engine.response import Response
from loadtest.engine.schedule import NEVER_US, Schedule
from loadtest.engine.system import PLAIN
from loadtest.engine.target import find
from loadtest.flood.arrival import Arrival, Kind
from loadtest.run.cooperative import COOPERATIVE
from tests.loadtest.stubs import SILENCE, Stub, silent

LONG_US = 10_000_000


class Seen:
    """What the engine told."""

    def __init__(self):
        self.responses: dict[int, Response | None] = {}
        self.instants = []
        self.flushed = 0
        self.held_back = []
        self.given_up = []

    def give_up(self, arrival, sent_us):
        """Keep its place."""
        self.given_up.append(arrival.index)

    def hold_back(self, arrival):
        """Keep its place."""
        self.held_back.append(arrival.index)

    def record(self, arrival, response, sent_us, done_us, queued_us):
        """Keep it."""
        self.responses[arrival.index] = response
        self.instants.append((arrival.at_us, sent_us - queued_us, sent_us, done_us))

    def flush(self):
        """Count it."""
        self.flushed += 1

    @property
    def statuses(self):
        """What came back, in the order of the arrivals; None is lost."""
        return [None if response is None else response.status for _, response in sorted(self.responses.items())]


def request(arrival, body=b""):
    """Return a request that names its arrival."""
    return b"POST /%d HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (arrival.index, len(body), body)


def flood(count, every_us=0, kind=Kind.FRESH):
    """Yield so many arrivals, so far apart."""
    return (Arrival(i, i * every_us, "+33600000000", "", str(i), kind, genuine=False) for i in range(count))


def clock():
    """Return a flood's clock that begins now."""
    start_ns = time.perf_counter_ns()
    return lambda: (time.perf_counter_ns() - start_ns) // 1_000


def play(target, arrivals, encode=request, **options):
    """Play a flood, and return what was seen and the engine."""
    seen = Seen()
    engine = Engine(target, Schedule(arrivals, encode), seen, **options)
    engine.play(clock())
    return seen, engine


@pytest.mark.parametrize("poller", [Epoll, Poll])
def test_every_arrival_is_sent_and_answered_once(poller):
    """Whatever the system waits with."""
    with Stub(silent) as stub:
        seen, engine = play(stub.target, flood(200, 100), system=PLAIN._replace(poller=lambda: poller(select)))

    assert [200] * 200 == seen.statuses
    assert 200 == len(seen.instants) == len(stub.requests)
    assert 199 * 100 + 1 == engine.played_us


def test_nothing_is_sent_before_it_is_due_or_done_before_it_is_sent():
    """The three instants of an arrival are in order."""
    with Stub(silent) as stub:
        seen, _ = play(stub.target, flood(50, 2_000))

    assert [] == [instants for instants in seen.instants if list(instants) != sorted(instants)]


def test_what_the_provider_holds_back_is_not_sent():
    """It is told, and the others are sent."""
    with Stub(silent) as stub:
        seen, engine = play(stub.target, flood(6, 100), delivers=lambda arrival: arrival.index % 3 > 0)

    assert ([0, 3], [1, 2, 4, 5]) == (seen.held_back, sorted(seen.responses))
    assert 4 == len(stub.requests)
    assert 501 == engine.played_us


def test_arrivals_do_not_wait_for_answers():
    """A server that answers nobody before all have asked would hold up a closed loop for ever."""
    everyone = threading.Barrier(20)

    def together(connection, _):
        everyone.wait()
        connection.sendall(SILENCE)
        return True

    with Stub(together) as stub:
        seen, engine = play(stub.target, flood(20))

    assert [200] * 20 == seen.statuses
    assert 20 == engine.connections_opened


def test_connections_are_kept():
    """One is enough when every answer comes before the next message is due."""
    seen = Seen()
    with Stub(silent) as stub:
        engine = Engine(stub.target, Schedule(flood(5, 1_000_000), request), seen, timeout_us=NEVER_US)
        engine.play(lambda: len(seen.responses) * 1_000_000)

    assert [200] * 5 == seen.statuses
    assert 1 == engine.connections_opened


def test_the_limit_of_connections_is_told():
    """What is queued is sent in the end, and counted."""
    with Stub(silent) as stub:
        seen, engine = play(stub.target, flood(10), connections_max=2)

    assert [200] * 10 == seen.statuses
    assert 2 == engine.connections_opened
    assert 8 == engine.connection_limit_hits


def test_a_response_may_come_in_pieces():
    """Byte by byte, head and body."""

    def slowly(connection, _):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello":
            connection.sendall(bytes([byte]))
        return True

    with Stub(slowly) as stub:
        seen, _ = play(stub.target, flood(3))

    assert [Response(200, b"hello", keeps_alive=True)] * 3 == list(seen.responses.values())


def test_a_request_may_leave_in_pieces():
    """The kernel takes a part of it; the rest follows when it can."""
    body = b"x" * 8_000_000
    with Stub(silent) as stub:
        seen, _ = play(stub.target, flood(2), encode=lambda arrival: request(arrival, body))

    assert [200, 200] == seen.statuses
    assert [8_000_000] * 2 == [len(sent.partition(b"\r\n\r\n")[2]) for sent in stub.requests]


def test_a_server_may_close_after_every_answer():
    """Then every message has a connection of its own."""

    def close(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return False

    with Stub(close) as stub:
        seen, engine = play(stub.target, flood(5))

    assert [200] * 5 == seen.statuses
    assert 5 == engine.connections_opened


def test_an_idle_connection_may_end():
    """A server closes it without a word; the next message takes another."""
    gone = threading.Event()

    def once(connection, request):
        silent(connection, request)
        connection.shutdown(socket.SHUT_RDWR)
        gone.set()
        return False

    seen, since = Seen(), itertools.count()

    def some_turns_later():
        return 1_000_000 if seen.responses and gone.is_set() and next(since) > 20 else 0

    with Stub(once) as stub:
        engine = Engine(stub.target, Schedule(flood(2, 1_000_000), request), seen, timeout_us=NEVER_US)
        engine.play(some_turns_later)

    assert [200, 200] == seen.statuses
    assert 2 == engine.connections_opened


@pytest.mark.parametrize("words", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"nonsense\r\n\r\n"])
def test_a_broken_answer_is_lost(words):
    """Nobody knows what became of the message."""

    def hang_up(connection, _):
        connection.sendall(words)
        return False

    with Stub(hang_up) as stub:
        seen, _ = play(stub.target, flood(3))

    assert [None] * 3 == seen.statuses


def test_nobody_listens():
    """Every message is lost, and the flood ends."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))

        seen, _ = play(find(f"127.0.0.1:{taken.getsockname()[1]}"), flood(5))

    assert [None] * 5 == seen.statuses


def test_an_answer_that_never_comes_is_lost():
    """After the time that a provider waits."""
    with Stub(lambda *_: True) as stub:
        seen, _ = play(stub.target, flood(3), timeout_us=20_000)

    assert [None] * 3 == seen.statuses


def test_a_stopped_flood_sends_no_more():
    """What is on its way is waited for."""
    seen = Seen()
    with Stub(silent) as stub:
        engine = Engine(stub.target, Schedule(flood(2, NEVER_US // 4), request), seen, system=COOPERATIVE)
        playing = gevent.spawn(engine.play, clock())
        while not seen.responses:
            gevent.sleep(0.001)
        engine.stop()
        playing.get()

    assert [200] == seen.statuses
    assert engine.played_us < NEVER_US // 4


@pytest.mark.parametrize("every_us", [0, 100, LONG_US])
def test_it_gives_way_to_others(every_us):
    """Busy, paced or idle: a greenlet beside it goes on, and can end it; what was on its way is given up, not lost."""
    seen, beside = Seen(), []
    with Stub(lambda *_: True) as stub:
        schedule = Schedule(flood(1_000_000, every_us), request)
        engine = Engine(stub.target, schedule, seen, connections_max=50, system=COOPERATIVE)
        playing = gevent.spawn(engine.play, clock())
        while len(beside) < 3 or not stub.requests:
            gevent.sleep(0.01)
            beside.append(seen.flushed)
        playing.kill()

    assert [] == seen.statuses
    assert seen.given_up
    assert playing.dead


@pytest.mark.parametrize("index", [0, 1])
def test_a_slow_loris_dribbles_to_the_end(index):
    """It keeps its own connection, in the head or in the body, beside the limit and beside everybody else."""
    loris = Arrival(index, 0, "+33600000000", "", "x", Kind.SLOW_LORIS, genuine=False)
    others = list(flood(5))[2:]

    def lacking(arrival):
        return request(arrival, b"x" * 100)[: -1 if arrival is loris else None]

    with Stub(silent) as stub:
        seen, engine = play(stub.target, [loris, *others], encode=lacking, connections_max=1)
        stub.ended.wait()

    assert {2: 200, 3: 200, 4: 200} == {i: r.status for i, r in seen.responses.items()}
    assert [index] == seen.given_up
    assert 2 == engine.connections_opened
