"""What is said on stderr never waits for who reads it; what is lost is counted."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

from edge.system import logs
from edge.system.logs import Output
from tests import ROOT

SAID = "25 lines of this process were lost, since nobody read them\n"


@contextmanager
def pipe(*, full=False):
    """Return both ends of a pipe, and how many bytes fill it."""
    reading, writing = os.pipe()
    junk = 0
    if full:
        os.set_blocking(writing, False)
        try:
            while True:
                junk += os.write(writing, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writing, True)
    try:
        yield reading, writing, junk
    finally:
        os.close(reading)
        os.close(writing)


def read(descriptor, size):
    """Return so many bytes."""
    got = b""
    while len(got) < size:
        got += os.read(descriptor, size - len(got))
    return got


def test_lines_arrive_in_their_order():
    """What several threads write comes whole, and each thread's lines in their order."""
    with pipe() as (reading, writing, _):
        stderr = Output(writing)

        def write(name):
            for number in range(100):
                stderr.write(f"{name}{number:02}\n")

        threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
        for thread in threads:
            thread.start()
        lines = read(reading, 3 * 100 * 4).decode().splitlines()
        for thread in threads:
            thread.join()

    assert [f"{name}{number:02}" for name in "abc" for number in range(100)] == sorted(lines)
    assert all(
        [line for line in lines if line[0] == name] == sorted(line for line in lines if line[0] == name)
        for name in "abc"
    )


def test_what_does_not_fit_is_lost_and_counted():
    """A full pipe stops nobody who writes; once it is read come the lines that waited, and how many did not."""
    with pipe(full=True) as (reading, writing, junk):
        stderr = Output(writing)
        stderr.write("first\n")
        while not stderr._texts.empty():  # until the thread has taken it, and waits for room
            os.sched_yield()
        for number in range(logs.LINES_MAX + 25):
            stderr.write(f"{number:04}\n")
        stderr.end()  # no longer than it says, though nothing can be written
        read(reading, junk)
        waited = read(reading, len("first\n") + logs.LINES_MAX * 5).decode().splitlines()
        said = read(reading, len(SAID)).decode()

    assert ["first", *(f"{number:04}" for number in range(logs.LINES_MAX))] == waited
    assert SAID == said


@pytest.mark.parametrize("blocking", [True, False])
def test_a_line_longer_than_the_room_is_written_whole(blocking):
    """Whether the pipe waits for room or says that there is none, all of a long line arrives."""
    text = "é" * 100_000 + "\n"
    with pipe(full=True) as (reading, writing, junk):
        os.set_blocking(writing, blocking)
        stderr = Output(writing)
        written = stderr.write(text)
        stderr.end()  # by then the thread has met the full pipe
        read(reading, junk)
        got = read(reading, len(text.encode()))

    assert (len(text), text) == (written, got.decode())


def test_who_has_gone_is_no_failure():
    """Lines for a reader that has closed the pipe are dropped, and the thread goes on."""
    reading, writing = os.pipe()
    os.close(reading)
    stderr = Output(writing)
    stderr.write("nobody\n")
    stderr.write("at home\n")
    stderr.end()
    os.close(writing)

    assert stderr._texts.empty()


def test_it_is_a_text_file():
    """It has the descriptor and the encoding that libraries ask for, is a terminal if that is one, and refuses bytes."""
    with pipe() as (_, writing, _):
        stderr = Output(writing)
        assert (writing, False, "utf-8") == (stderr.fileno(), stderr.isatty(), stderr.encoding)
        with pytest.raises(AttributeError):
            stderr.write(b"bytes")


LAST_WORDS = """
import logging, multiprocessing, sys, warnings
from edge.system import logs

def child():
    logging.getLogger("antirelou").warning("the child's")

if __name__ == "__main__":
    logs.never_wait()
    logging.getLogger("antirelou").warning("the parent's")
    multiprocessing.get_context(sys.argv[1]).Process(target=child).start()
    1 / 0
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_last_words_of_a_process_are_written(tmp_path, method):
    """Lines and tracebacks of a process, and of those that it starts, are there when they have ended; each once."""
    script = tmp_path / "script.py"
    script.write_text(LAST_WORDS)
    done = subprocess.run(
        [sys.executable, str(script), method],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    lines = done.stderr.splitlines()

    assert [1, 1, 1] == [
        lines.count(line) for line in ("the parent's", "the child's", "ZeroDivisionError: division by zero")
    ]
