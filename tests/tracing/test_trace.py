"""Facts about the trace of what a worker met: what a line says, who can read it, and where it ends."""

import errno
import fcntl
import json
import logging
import os
import resource
import threading
from contextlib import contextmanager

import pytest

import edge.tracing.trace
from edge.core.text.optout import Word
from edge.core.wire.message import Message
from edge.core.wire.reason import Reason
from edge.errors import ConfigError
from edge.tracing.trace import CUT, Trace, check_folder, head, try_folder
from tests.parts import HASH_KEY, NOW_MS, Clock

PAUL, MARC = "+33639981312", "+33639989999"


HEAD = head(["+33"])
SHORT = [NOW_MS, "0" * 16, "paused", 1, "0" * 16, "", [], False, "", None]
"""What a message from nobody with a price is recorded as."""


def trace_in(folder, *, bytes_max=1_000_000, key=HASH_KEY, clock=None, prefix=""):
    """Return a trace; whoever is recorded has that prefix."""
    return Trace(
        folder, bytes_max=bytes_max, key=key, clock=clock or Clock(), prefixes=["+33"], prefix_of=lambda _: prefix
    )


def said(sender, text="salut", **given):
    """Return a message."""
    return Message(sender, text, "SM1", **given)


def lines(folder):
    """Return what stands in the only file of a folder, decoded."""
    (path,) = folder.iterdir()
    return [json.loads(line) for line in path.read_text().splitlines()]


@contextmanager
def files_of_at_most(size):
    """Let no file of this process grow beyond a size, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_line_says_all_that_decides_what_a_message_is_answered_for(tmp_path):
    """Below a head that says what the fields are, and which prefixes had a price; who is genuine nobody knows."""
    clock = Clock()
    trace = trace_in(tmp_path, clock=clock, prefix="+33")
    trace.add(Reason.ANSWERED, said(PAUL, segments=2))
    clock.now_ms += 5
    trace.add(Reason.OPTED_OUT, said(PAUL, "Stop !", has_media=True))
    trace.write()

    first_line, *written = lines(tmp_path)
    first, second = (dict(zip(first_line["fields"], line, strict=True)) for line in written)
    fields = ["ms", "sender", "reason", "segments", "message", "prefix", "blocks", "media", "word", "genuine"]

    assert ("antirelou", 2, fields, ["+33"]) == tuple(first_line.values())
    assert [NOW_MS, "answered", 2, "+33", False, "", None] == [
        first[name] for name in ("ms", "reason", "segments", "prefix", "media", "word", "genuine")
    ]
    assert [NOW_MS + 5, "opted_out", 1, True, "stop"] == [
        second[name] for name in ("ms", "reason", "segments", "media", "word")
    ]
    assert {16} == {len(hashed) for hashed in (first["sender"], first["message"])}
    assert {12} == {len(hashed) for hashed in first["blocks"]}
    assert (first["sender"], first["message"]) == (second["sender"], second["message"])


def test_what_the_provider_says_a_message_asks_for_goes_first(tmp_path):
    """In whatever language it was."""
    trace = trace_in(tmp_path)
    trace.add(Reason.OPTED_OUT, said(PAUL, "aide", word=Word.HELP))
    trace.write()

    assert "help" == lines(tmp_path)[1][8]


def test_numbers_that_are_alike_share_the_blocks_that_they_are_alike_in(tmp_path):
    """By their last 2, 3, 4 and 5 digits; who has no price has none."""
    trace = trace_in(tmp_path, prefix="+33")
    for sender in (PAUL, "+33639981399", "+33639981999", "+33639989999", "+33639999999", "+33629999999"):
        trace.add(Reason.PAUSED, said(sender))
    trace.write()
    alike = [line[6] for line in lines(tmp_path)[1:]]

    assert [4, 3, 2, 1, 0] == [sum(map(str.__eq__, alike[0], other)) for other in alike[1:]]


def test_who_has_no_price_has_no_block(tmp_path):
    """Nothing would be decided by it."""
    trace = trace_in(tmp_path)
    trace.add(Reason.UNSERVED, said("+15550100000"))
    trace.add(Reason.NOT_A_PERSON, said(""))
    trace.write()

    assert [["", []], ["", []]] == [line[5:7] for line in lines(tmp_path)[1:]]
    assert "" == lines(tmp_path)[2][1]


def test_a_sender_has_one_hash_that_hangs_on_the_key(tmp_path):
    """In all traces of a number the same, in those of another key another."""
    hashes = []
    for folder, key, sender in [
        ("a", HASH_KEY, PAUL),
        ("b", HASH_KEY, PAUL),
        ("c", HASH_KEY, MARC),
        ("d", b"x" * 32, PAUL),
    ]:
        (tmp_path / folder).mkdir()
        trace = trace_in(tmp_path / folder, key=key)
        trace.add(Reason.ANSWERED, said(sender))
        trace.write()
        hashes.append(lines(tmp_path / folder)[1][1])

    assert hashes[0] == hashes[1]
    assert 3 == len(set(hashes))


def test_any_sender_can_be_recorded(tmp_path):
    """A provider may write what is no number, and not even text."""
    trace = trace_in(tmp_path)
    trace.add(Reason.NOT_A_PERSON, said("\ud800 INFO"))
    trace.write()

    assert "not_a_person" == lines(tmp_path)[1][2]


def test_nothing_is_written_until_something_was_met(tmp_path):
    """An idle worker leaves no file."""
    trace_in(tmp_path).write()

    assert [] == list(tmp_path.iterdir())


def test_a_trace_is_its_owners_to_read(tmp_path):
    """Mode 0600, whatever the folder's is."""
    trace = trace_in(tmp_path)
    trace.add(Reason.PAUSED, said(PAUL))
    trace.write()

    assert [0o600] == [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()]


def test_one_file_holds_what_is_written_in_turn(tmp_path):
    """Its head stands there once."""
    trace = trace_in(tmp_path)
    for _ in range(3):
        trace.add(Reason.PAUSED, said(PAUL))
        trace.write()

    assert 4 == len(lines(tmp_path))


def test_a_trace_that_was_moved_away_goes_on_in_another_file(tmp_path):
    """Both are whole, heads included."""
    (tmp_path / "traces").mkdir()
    trace = trace_in(tmp_path / "traces")
    trace.add(Reason.PAUSED, said(PAUL))
    trace.write()
    (path,) = (tmp_path / "traces").iterdir()
    path.rename(tmp_path / "kept")
    trace.add(Reason.PAUSED, said(MARC))
    trace.write()

    assert [2, 2] == [len((tmp_path / "kept").read_text().splitlines()), len(lines(tmp_path / "traces"))]


def test_a_full_folder_ends_the_trace_which_says_so(tmp_path, caplog):
    """In itself and once in the log; whole lines only, and never more bytes than allowed."""
    line = len(json.dumps(SHORT, separators=(",", ":"))) + 1
    bytes_max = 2 * len(HEAD) + len(CUT) + 10 * line + line // 2  # room for the head of another file is kept
    trace = trace_in(tmp_path, bytes_max=bytes_max)
    with caplog.at_level(logging.WARNING, "antirelou"):
        for _ in range(4):
            for _ in range(4):
                trace.add(Reason.PAUSED, said(PAUL))
            trace.write()
    (path,) = tmp_path.iterdir()

    assert HEAD in path.read_bytes()
    assert path.read_bytes().endswith(CUT)
    assert 1 + 10 + 1 == len(path.read_bytes().splitlines())
    assert path.stat().st_size <= bytes_max
    assert [f"trace: {tmp_path} holds what trace-mb-max allows; nothing more is recorded"] == caplog.messages


def test_what_lies_in_the_folder_counts(tmp_path, caplog):
    """A worker that starts anew, or another one, has no room of its own; where there is none it makes no file."""
    (tmp_path / "trace-1-1.jsonl").write_bytes(b"x" * 1_000)
    (tmp_path / "trace-2-2.jsonl").symlink_to("gone")  # as if it were moved away while it is looked at
    trace = trace_in(tmp_path, bytes_max=1_000)
    trace.add(Reason.PAUSED, said(PAUL))
    trace.write()

    assert 2 == len(list(tmp_path.iterdir()))
    assert "trace-mb-max" in caplog.text


def test_several_workers_that_write_at_once_keep_to_the_bound_together(tmp_path):
    """No two of them take the same room."""
    bytes_max = 20_000
    traces = [trace_in(tmp_path, bytes_max=bytes_max, clock=Clock(NOW_MS + n)) for n in range(8)]
    for trace in traces:
        for _ in range(200):
            trace.add(Reason.PAUSED, said(PAUL))
    threads = [threading.Thread(target=trace.write) for trace in traces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    held = sum(path.stat().st_size for path in tmp_path.iterdir())

    assert bytes_max - 1_000 < held <= bytes_max


def test_a_full_disk_ends_the_trace_and_nothing_else(tmp_path, caplog):
    """What fitted is kept, its last line cut short; the log says it once."""
    trace = trace_in(tmp_path)
    with files_of_at_most(len(HEAD) + 100):
        for _ in range(10):
            trace.add(Reason.PAUSED, said(PAUL))
        trace.write()
    trace.add(Reason.PAUSED, said(PAUL))
    trace.write()
    (path,) = tmp_path.iterdir()

    assert len(HEAD) + 100 == path.stat().st_size
    assert [f"trace: {tmp_path}: File too large; nothing more is recorded"] == caplog.messages


def test_a_folder_that_is_gone_ends_the_trace_and_nothing_else(tmp_path, caplog):
    """The worker goes on."""
    trace = trace_in(tmp_path / "gone")
    trace.add(Reason.PAUSED, said(PAUL))
    trace.write()

    assert [f"trace: {tmp_path / 'gone'}: No such file or directory; nothing more is recorded"] == caplog.messages


def test_while_somebody_else_has_locked_the_folder_what_is_recorded_waits(tmp_path, caplog):
    """It is said once; what waited is written once, as soon as it can be."""
    trace = trace_in(tmp_path)
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    for _ in range(2):
        trace.add(Reason.PAUSED, said(PAUL))
        trace.write()
    meanwhile = list(tmp_path.iterdir())
    os.close(folder)
    trace.write()

    assert ([], 1 + 2) == (meanwhile, len(lines(tmp_path)))
    assert [f"trace: {tmp_path} is locked by another process; what is recorded waits in memory"] == caplog.messages


def test_memory_holds_so_many_lines_and_no_more(tmp_path, caplog, monkeypatch):
    """Where the disk does not keep up the trace ends, with what it holds and its mark."""
    monkeypatch.setattr(edge.tracing.trace, "LINES_MAX", 5)
    trace = trace_in(tmp_path)
    for _ in range(10):
        trace.add(Reason.PAUSED, said(PAUL))
    trace.write()

    assert 1 + 5 + 1 == len(lines(tmp_path))
    assert ["trace: more came than the disk took; nothing more is recorded"] == caplog.messages


def test_two_threads_that_write_keep_the_order(tmp_path):
    """A page may ask for the totals, and so for the trace, while it is written."""
    clock = Clock()
    trace = trace_in(tmp_path, clock=clock)
    over = threading.Event()

    def write():
        while not over.is_set():
            trace.write()

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(2_000):
        clock.now_ms += 1
        trace.add(Reason.PAUSED, said(PAUL))
    over.set()
    for thread in threads:
        thread.join()
    trace.write()
    instants = [line[0] for line in lines(tmp_path)[1:]]

    assert (2_000, sorted(instants)) == (len(instants), instants)


@pytest.mark.parametrize(("name", "why"), [("nowhere", "No such file or directory"), ("file", "Not a directory")])
def test_a_folder_that_cannot_take_a_trace_is_refused(tmp_path, name, why):
    """Before a worker starts, on one line; one that can is left as it was."""
    (tmp_path / "file").touch()
    check_folder(tmp_path)

    with pytest.raises(ConfigError) as refused:
        check_folder(tmp_path / name)

    assert (
        f"server.trace: nothing can be written to {tmp_path / name}: {why}; make the folder, or choose another"
        == str(refused.value)
    )
    assert ["file"] == [path.name for path in tmp_path.iterdir()]


def test_a_folder_that_cannot_be_locked_is_refused(tmp_path, monkeypatch):
    """Some file systems of a network lock files alone: said before a worker starts, not a second later."""

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with pytest.raises(
        ConfigError, match=r"server\.trace: nothing can be written to .*: it cannot be locked: No locks available; "
    ):
        check_folder(tmp_path)


def test_a_folder_that_is_locked_can_be(tmp_path):
    """A worker that runs writes to it just now."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)

    assert check_folder(tmp_path) is None
    os.close(descriptor)


def test_a_folder_that_takes_nothing_is_found_out_by_writing(tmp_path, monkeypatch):
    """A disk without room for one more file, which only `serve` tries."""

    def refuse(**_):
        raise OSError(errno.ENOSPC, "No space left on device")

    try_folder(tmp_path)
    monkeypatch.setattr(edge.tracing.trace, "TemporaryFile", refuse)

    with pytest.raises(ConfigError, match=r"server\.trace: nothing can be written to .*: No space left on device; "):
        try_folder(tmp_path)
    assert check_folder(tmp_path) is None


def test_of_several_numbers_each_line_says_to_which_was_written(tmp_path):
    """One more field, and the head says of how many."""
    trace = Trace(
        tmp_path, bytes_max=10_000, key=HASH_KEY, clock=Clock(), prefixes=["+33"], prefix_of=lambda _: "", numbers=2
    )
    trace.add(Reason.PAUSED, said(PAUL))
    trace.add(Reason.PAUSED, said(PAUL), number=1)
    trace.write()
    first_line, *written = lines(tmp_path)

    assert (2, "number") == (first_line["numbers"], first_line["fields"][-1])
    assert [0, 1] == [dict(zip(first_line["fields"], line, strict=True))["number"] for line in written]
