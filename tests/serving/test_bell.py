"""Facts about what the server waits for: no signal is missed, whenever it comes."""

import os
import random
import signal
import threading
from contextlib import contextmanager

import pytest

from edge.serving.bell import Bell

MOMENTS = 5_000
SOON_S = 40e-6
"""So long a turn of the loop takes: the signals come at all moments of it."""


@contextmanager
def hearing(number, handler):
    """Have a handler for a signal, and the bell ring at signals, in this process for as long as the block takes."""
    bell, descriptor, before = Bell(), signal.set_wakeup_fd(-1), signal.signal(number, handler)
    try:
        bell.ring_at_signals()
        yield bell
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(descriptor)
        signal.signal(number, before)


def test_it_rings_until_it_is_cleared():
    """Rung once or a hundred thousand times, whoever waits goes on, again and again; then nobody does."""
    bell = Bell()
    found = [bell.wait(0)]
    for times in (1, 100_000):
        for _ in range(times):
            bell.set()
        found += [bell.wait(), bell.wait()]
        bell.clear()
        found.append(bell.wait(0))

    assert [False, True, True, False, True, True, False] == found


def test_no_signal_is_missed_whenever_it_comes():
    """Between any two steps of the loop, its handler has rung the bell before the next wait is over."""
    heard = []
    chance = random.Random(1)
    with hearing(signal.SIGALRM, lambda *_: (heard.append(None), bell.set())) as bell:
        for moment in range(MOMENTS):
            signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-6, SOON_S))
            while len(heard) == moment:
                bell.wait()
                bell.clear()

    assert MOMENTS == len(heard)


def test_a_signal_that_another_thread_takes_ends_the_wait():
    """Its handler is the main thread's, which waits and is not interrupted."""
    heard = []
    with hearing(signal.SIGALRM, lambda *_: heard.append(None)) as bell:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})

        def take():
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
            signal.raise_signal(signal.SIGALRM)

        other = threading.Thread(target=take)
        other.start()
        rung = bell.wait(20)
        other.join()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})

    assert (True, 1) == (rung, len(heard))


def test_signals_of_a_child_ring_nothing():
    """A worker is forked with the pipe, and its signals are its own affair."""
    with hearing(signal.SIGALRM, lambda *_: None) as bell:
        child = os.fork()
        if child == 0:
            signal.raise_signal(signal.SIGALRM)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        rung = bell.wait(0)

    assert (0, False) == (status, rung)


def test_only_the_main_thread_can_have_it_ring():
    """Elsewhere Python refuses, as for every handler."""
    refused = []

    def ask():
        with pytest.raises(ValueError, match="main thread") as error:
            Bell().ring_at_signals()
        refused.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()

    assert 1 == len(refused)
