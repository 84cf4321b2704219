"""Facts about HTTP/1.1 as nobody should speak it: garbage, bombs, pipelines, resets and replays leave the worker as it was."""

import itertools
import random
import socket

import pytest

from edge.web.listening import BUFFER_BYTES_MAX
from tests.fire.siege import HEAD, ask, open_to, post, reset, siege, signed, tell
from tests.worker import message_id

IDS = itertools.count(500_000)


def statuses(answers):
    """Return the statuses of answers."""
    return [status for status, _ in answers]


def replies(answers):
    """Return how many of the answers are replies."""
    return sum(b"<Message>" in body for _, body in answers)


def test_a_hundred_messages_in_one_breath_are_each_answered(worker, shows):
    """300 signed messages pipelined over each of 20 connections get 300 answers each, one of them a reply."""
    with siege(worker) as genuine:
        replied = []
        for _ in range(20):
            ids = [next(IDS) for _ in range(300)]
            got = ask(worker, b"".join(signed(number, sender_number=ids[0]) for number in ids), 300)
            assert [200] * 300 == statuses(got)
            replied.append(replies(got))
            genuine.replied.add(message_id(ids[0]))
    shows("P2", "P3", requests=6000 + len(genuine.answers))

    assert [1] * 20 == replied


def test_thousands_of_replays_cost_once(worker, shows):
    """One message delivered 3,000 times gets the same reply 3,000 times, for one charge."""
    number = next(IDS)
    with siege(worker) as genuine:
        got = [replies(ask(worker, signed(number) * 300, 300)) for _ in range(10)]
        genuine.replied.add(message_id(number))
    shows("P4", requests=3000 + len(genuine.answers))

    assert [300] * 10 == got


def test_garbage_is_closed_on(worker, shows):
    """Random bytes, alone, many at once and behind a message, get 400 or nothing, and the message its answer."""
    rng = random.Random(5)
    with siege(worker) as genuine:
        alone = [tell(worker, rng.randbytes(rng.randrange(1, 5_000))) for _ in range(300)]
        lines = [tell(worker, b"\r\n".join(rng.randbytes(20) for _ in range(50)) + b"\r\n\r\n") for _ in range(100)]
        behind = []
        for _ in range(50):
            number = next(IDS)
            behind.append(ask(worker, signed(number) + rng.randbytes(500)))
            genuine.replied.add(message_id(number))
    shows("P7", requests=450 + len(genuine.answers))

    assert {400} >= {status for got in alone + lines for status in statuses(got)}
    assert {1} == {replies(got) for got in behind}


BOMBS = {
    "one endless header": b"X: " + b"a" * 4 * BUFFER_BYTES_MAX + b"\r\n\r\n",
    "ten thousand headers": b"".join(b"X-%d: a\r\n" % n for n in range(10_000)) + b"\r\n",
    "five hundred headers": b"".join(b"X-%d: a\r\n" % n for n in range(500)) + b"\r\n",
    "the same header for ever": b"X-A: a\r\n" * 20_000 + b"\r\n",
    "a name of 64 KiB": b"X" * 65_536 + b": a\r\n\r\n",
    "folded lines": b"X: a\r\n" + b" b\r\n" * 20_000 + b"\r\n",
    "NUL in a header": b"X: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("name", sorted(BOMBS))
def test_header_bombs_are_refused_unread(worker, name, shows):
    """Headers beyond what any provider sends are refused by the server itself, and what they took is given back."""
    with siege(worker) as genuine:
        got = [ask(worker, HEAD + BOMBS[name]) for _ in range(20)]
        got += [ask(worker, b"GET /" + b"a" * 4 * BUFFER_BYTES_MAX + b" HTTP/1.1\r\nHost: a\r\n\r\n")]
    shows("P7", requests=21 + len(genuine.answers))

    assert {400, 414, 431} >= {status for each in got for status in statuses(each)}


CHUNKS = {"of 4 KiB": b"1000\r\n" + b"a" * 4096 + b"\r\n", "of single bytes": b"1\r\na\r\n" * 4096}


@pytest.mark.parametrize("name", CHUNKS)
def test_a_chunked_body_that_never_ends_is_cut_off(worker, name, shows):
    """A body in chunks, as fast as it will go and for ever, is refused for its length or its pieces, and the connection closed."""
    sent = []
    before = worker.status()["by_reason"].get("too_large", 0)
    with siege(worker) as genuine:
        for _ in range(50):
            connection = open_to(worker, HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            sent.append(_pour(connection, CHUNKS[name]))
            connection.close()
    shows("P7", requests=50 + len(genuine.answers))

    assert max(sent) < 64 * 2**20
    assert 50 == worker.status()["by_reason"]["too_large"] - before


def _pour(connection, chunk):
    """Send the same for ever, or until the worker does not take it; return how many bytes it took."""
    sent = 0
    try:
        while sent < 64 * 2**20:
            sent += connection.send(chunk)
    except OSError:
        return sent
    return sent


def test_a_small_chunk_with_a_long_extension_is_no_way_around(worker, shows):
    """Chunk extensions and trailers count for nothing and are not kept: refused, cut off, or ignored."""
    with siege(worker) as genuine:
        extension = tell(worker, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1;a=%b\r\na\r\n" % (b"x" * 2**20))
        trailers = tell(worker, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"X-T: a\r\n" * 100_000 + b"\r\n")
    shows("P7", requests=2 + len(genuine.answers))

    assert {400, 403, 408, 413} >= {*statuses(extension), *statuses(trailers)}


FORM = b"From=%2B33639980001&To=%2B33937000000&Body=salut&MessageSid=SM1"
ODD = {
    "ten thousand fields": b"&".join(b"f%d=%d" % (n, n) for n in range(2_000)),
    "no fields": b"",
    "only separators": b"&" * 16_000,
    "only equals": b"=" * 16_000,
    "cut percent": FORM + b"&Body=%",
    "cut percent 2": FORM + b"&Body=%4",
    "bad percent": FORM + b"&Body=%zz%uFFFF",
    "NUL": FORM + b"&Body=\0&\0=%00",
    "invalid UTF-8": FORM + b"&Body=\xff\xfe%ff%c0%80",
    "surrogates": FORM + b"&Body=%ed%a0%80",
    "duplicated From": FORM + b"&From=%2B33639980002",
    "From as an array": FORM.replace(b"From=", b"From[]=") + b"&From[0]=1",
    "semicolons": FORM.replace(b"&", b";"),
    "a value of 1 MB": FORM + b"&Body=" + b"a" * 2**20,
    "a name of 16 KB": b"a" * 16_000 + b"=1",
    "pluses": b"+" * 16_000,
    "JSON": b'{"From": "+33639980001"}',
    "multipart": b"--x\r\nContent-Disposition: form-data; name=From\r\n\r\n+33639980001\r\n--x--\r\n",
}  # fmt: skip
TYPES = [
    b"application/x-www-form-urlencoded", b"APPLICATION/X-WWW-FORM-URLENCODED; charset=utf-16", b"text/plain", b"",
    b"multipart/form-data; boundary=x", b"application/json", b"*/*", b"\xff\xfe", b"a" * 5_000,
]  # fmt: skip


def test_odd_forms_are_errors_and_nothing_else(worker, shows):
    """However odd the form and its type: without a signature an HTTP error, and the next request on the connection is read."""
    line = b"POST /sms HTTP/1.1\r\nHost: a\r\n"
    with siege(worker) as genuine:
        seen = {
            (name, kind): statuses(ask(worker, post(body, b"Content-Type: " + kind, head=line)))
            for name, body in ODD.items()
            for kind in TYPES
        }
    shows("P7", requests=len(seen) + len(genuine.answers))

    assert {1} == {len(found) for found in seen.values()}
    assert {400, 403, 413, 415} >= {found[0] for found in seen.values()}
    assert {413} == {found[0] for (name, _), found in seen.items() if name == "a value of 1 MB"}


LENGTHS = {
    "shorter": (b"Content-Length: 3", b"From=1"),
    "longer": (b"Content-Length: 99", b"From=1"),
    "negative": (b"Content-Length: -1", b""),
    "plus": (b"Content-Length: +3", b"a=b"),
    "underscore": (b"Content-Length: 1_0", b"a=b"),
    "hex": (b"Content-Length: 0x3", b"a=b"),
    "list": (b"Content-Length: 3, 3", b"a=b"),
    "two": (b"Content-Length: 3\r\nContent-Length: 4", b"a=b"),
    "empty": (b"Content-Length: ", b"a=b"),
    "2^63": (b"Content-Length: 9223372036854775808", b"a=b"),
    "2^64": (b"Content-Length: 18446744073709551616", b"a=b"),
    "a thousand digits": (b"Content-Length: " + b"9" * 1000, b"a=b"),
    "arabic": (b"Content-Length: \xd9\xa3", b"a=b"),
    "expect": (b"Content-Length: 1048576\r\nExpect: 100-continue", b""),
    "expect too little": (b"Content-Length: 3\r\nExpect: 100-continue", b"a=b"),
    "expect nonsense": (b"Content-Length: 3\r\nExpect: the-spanish-inquisition", b"a=b"),
    "upgrade": (b"Content-Length: 3\r\nConnection: Upgrade\r\nUpgrade: websocket", b"a=b"),
}


WAIT_FOR_MORE = {"longer"}


def test_lengths_and_expectations_that_lie_are_errors(worker, shows):
    """A wrong, doubled or absurd length, and an expectation, end in an HTTP error or a closed connection, never in a crash."""
    with siege(worker) as genuine:
        seen = {}
        for name, (line, body) in LENGTHS.items():
            send = tell if name in WAIT_FOR_MORE else ask
            seen[name] = statuses(send(worker, HEAD + line + b"\r\n\r\n" + body))
    shows("P7", requests=len(seen) + len(genuine.answers))

    assert {100, 400, 403, 413} >= {status for found in seen.values() for status in found}
    assert [413] == seen["expect"]


def test_texts_that_would_write_into_a_log_do_not(worker, shows):
    """Line breaks, escapes and markers in path, headers, method and signed fields leave no trace in the log."""
    banner = worker.log.read_bytes()
    marks = (b"INTRUDER", b"\x1b[31mINTRUDER", b"%0d%0aINTRUDER", b"\xc2\x85INTRUDER", b"\xff\x0bINTRUDER")
    with siege(worker) as genuine:
        for mark in marks:
            ask(worker, b"GET /" + mark + b"?a=" + mark + b" HTTP/1.1\r\nHost: " + mark + b"\r\n\r\n")
            ask(worker, b"INTRUDER /sms HTTP/1.1\r\nHost: a\r\nX: " + mark + b"\r\nUser-Agent: " + mark + b"\r\n\r\n")
            ask(worker, HEAD + b"X-Forwarded-For: " + mark + b"\r\nContent-Length: 1\r\n\r\n" + mark)
        for text in (
            "\r\nINTRUDER",
            "\x1b[2JINTRUDER",
            "\x00INTRUDER",
            "\u2028INTRUDER",
            "${jndi:INTRUDER}",
            "%sINTRUDER",
        ):
            number = next(IDS)
            assert 1 == replies(ask(worker, signed(number, text)))
            genuine.replied.add(message_id(number))
    log = worker.log.read_bytes()
    shows("P9", requests=21 + len(genuine.answers))

    assert b"INTRUDER" not in log
    assert b"\x1b" not in log
    assert b"" == log.removeprefix(banner)


def test_connections_reset_in_the_middle_of_an_answer_cost_no_more(worker, shows):
    """A thousand replays whose connection is reset before, while and after the answer comes are charged once."""
    number = next(IDS)
    with siege(worker) as genuine:
        assert 1 == replies(ask(worker, signed(number)))
        genuine.replied.add(message_id(number))
        for n in range(1000):
            connection = open_to(worker, signed(number) * (1 + n % 3))
            if n % 2:
                connection.recv(1 + n % 100)
            reset(connection)
    shows("P1", "P4", requests=1000 + len(genuine.answers), faults=1000)

    assert 1 == replies(ask(worker, signed(number)))


def test_a_retry_gets_the_reply_that_a_half_closed_connection_lost(worker, shows):
    """Who says that they will send no more is taken for gone: charged at most once, and the retry gets the reply."""
    number = next(IDS)
    with siege(worker) as genuine:
        lost = [replies(tell(worker, signed(number))) for _ in range(20)]
        retried = replies(ask(worker, signed(number)))
        genuine.replied.add(message_id(number))
    shows("P4", requests=21 + len(genuine.answers), faults=20)

    assert {0, 1} >= set(lost)
    assert 1 == retried


def test_a_client_that_never_reads_is_not_read_any_further(worker, shows):
    """Whoever pipelines without reading is left alone when their buffers are full, and costs the worker itself no memory."""
    number = next(IDS)
    taken = 0
    with siege(worker) as genuine, socket.socket() as deaf:
        genuine.replied.add(message_id(number))
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        deaf.connect(worker.address)
        deaf.settimeout(0.5)
        while taken < 64 * 2**20 and _is_taken(deaf, signed(number) * 50):
            taken += 50 * len(signed(number))
        reset(deaf)
    shows("P6", requests=len(genuine.answers), figure=f"{taken / 2**20:.0f} MiB taken from who never reads")

    assert taken < 64 * 2**20
    assert 1 == replies(ask(worker, signed(number)))


def _is_taken(connection, piece):
    try:
        connection.sendall(piece)
    except OSError:
        return False
    return True
