"""Facts about HTTP/2 as nobody should speak it, on a socket, where the worker speaks it; strangers on TCP get none of it."""

import itertools
import socket

import pytest

from tests.fire import frames
from tests.fire.frames import END_HEADERS, END_STREAM, PREFACE, frame
from tests.fire.siege import siege, tell
from tests.process.test_listening import UnixConnection, listening
from tests.worker import config

CONNECTIONS = 20
FRAMES = 20_000
STREAMS = range(1, 2 * FRAMES, 2)
POST = frames.post()


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """Return a worker on a socket, and how to connect to it."""
    folder = tmp_path_factory.mktemp("proxy")
    path = folder / "proxy.sock"

    def connect():
        return UnixConnection(path)

    with listening(folder, config(bind=f"unix:{path}"), connect) as worker:
        yield worker, path, connect


def rapid_reset(flags):
    """Open streams and take them back at once."""
    for stream in STREAMS:
        yield frame(frames.HEADERS, flags, stream, POST) + frame(frames.RST_STREAM, 0, stream, frames.CANCEL)


def continuation(piece):
    """Begin a header block and never end it."""
    yield frame(frames.HEADERS, END_STREAM, 1, POST)
    yield from itertools.repeat(frame(frames.CONTINUATION, 0, 1, piece), FRAMES)


def empty_data():
    """Send a body of nothing, for ever."""
    yield frame(frames.HEADERS, END_HEADERS, 1, POST)
    yield from itertools.repeat(frame(frames.DATA, 0, 1), FRAMES)


CLOSED = {
    "rapid reset": lambda: rapid_reset(END_HEADERS),
    "rapid reset of whole requests": lambda: rapid_reset(END_HEADERS | END_STREAM),
    "continuation": lambda: continuation(frames.field(b"x", b"a" * 100)),
    "empty continuation": lambda: continuation(b""),
    "empty data": empty_data,
    "too many streams": lambda: (frame(frames.HEADERS, END_HEADERS, n, POST) for n in STREAMS),
    "a window too large": lambda: itertools.repeat(frame(frames.WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff"), FRAMES),
    "a header that splits": lambda: iter([frame(frames.HEADERS, END_HEADERS, 1, frames.post((b"x", b"a\r\nb: c")))]),
    "a table too large": lambda: iter([frame(frames.HEADERS, END_HEADERS, 1, POST + b"\x3f\xff\xff\xff\xff\x07")]),
    "no frames": lambda: itertools.repeat(b"\xff" * 100, FRAMES),
}
BORNE = {
    "settings": frame(frames.SETTINGS, 0, 0, b"\0\3\0\0\0\x64"),
    "pings": frame(frames.PING, 0, 0, b"12345678"),
    "priorities": frame(frames.PRIORITY, 0, 1, b"\0\0\0\0\1"),
}


def flood(path, pieces):
    """Send frames until the worker takes no more; return how many it took, and the kinds of frames that came back."""
    sent = 0
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.settimeout(0.3)
        try:
            connection.sendall(PREFACE + frame(frames.SETTINGS))
            for piece in pieces:
                connection.sendall(piece)
                sent += 1
        except OSError:
            pass
        return sent, {kind for kind, _ in frames.parse(everything(connection))}


def everything(connection):
    """Return what comes until the other side closes, or is quiet."""
    got = b""
    try:
        while chunk := connection.recv(65_536):
            got += chunk
    except OSError:
        return got
    return got


@pytest.mark.parametrize("name", CLOSED)
def test_abuse_of_streams_and_headers_ends_the_connection(behind, name, shows):
    """Reset, continuation and stream floods, and what breaks the protocol, end in a farewell after a few frames."""
    worker, path, connect = behind
    with siege(worker, connect) as genuine:
        seen = [flood(path, CLOSED[name]()) for _ in range(CONNECTIONS)]
    shows("P6", requests=sum(sent for sent, _ in seen) + len(genuine.answers))

    assert [True] * CONNECTIONS == [frames.GOAWAY in kinds for _, kinds in seen]
    assert max(sent for sent, _ in seen) < FRAMES


@pytest.mark.parametrize("name", BORNE)
def test_floods_that_ask_for_answers_stop_where_nobody_reads_them(behind, name, shows):
    """Settings, pings and priorities by the ten thousand are borne, or stop when the sender does not read the answers."""
    worker, path, connect = behind
    with siege(worker, connect) as genuine:
        seen = [flood(path, itertools.repeat(BORNE[name] * 10, FRAMES // 10)) for _ in range(3)]
    shows("P6", requests=sum(10 * sent for sent, _ in seen) + len(genuine.answers))

    assert all(frames.SETTINGS in kinds for _, kinds in seen)


@pytest.mark.parametrize("length", [b"abc", b"1_0", b"+1", b"99", b"18446744073709551616", b"\xd9\xa1"])
def test_lengths_that_lie_end_the_stream(behind, length, shows):
    """A content-length that is no number, or not that of the body, never reaches the worker as a request."""
    worker, path, connect = behind
    lie = frame(frames.HEADERS, END_HEADERS, 1, frames.post((b"content-length", length)))
    with siege(worker, connect) as genuine:
        _, kinds = flood(path, [lie + frame(frames.DATA, END_STREAM, 1, b"a")])
    shows("P7", requests=1 + len(genuine.answers))

    assert kinds & {frames.RST_STREAM, frames.GOAWAY}
    assert frames.HEADERS not in kinds


def test_strangers_are_not_spoken_to_in_http_2(worker, shows):
    """On TCP the preface is refused as the HTTP/1.1 that it is not, so none of these floods is possible there."""
    with siege(worker) as genuine:
        answers = [tell(worker, PREFACE + frame(frames.SETTINGS)) for _ in range(100)]
    shows("P6", requests=100 + len(genuine.answers))

    assert {400} >= {status for each in answers for status, _ in each}
