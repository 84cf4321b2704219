"""When a worker that was told to end may cut off who is left: once nothing has been answered for half a second."""

import asyncio
import signal

import pytest

from edge.web.ending import Ending
from tests.parts import play_in_leaps


@pytest.mark.parametrize(
    ("begins_s", "lasts_s", "expected"), [(0, 0, 0.5), (0, 3, 3.5), (0.25, 0, 0.75), (0.25, 0.5, 1.25), (1, 1, 0.5)]
)
def test_quiet_comes_half_a_second_after_the_last_request(begins_s, lasts_s, expected):
    """Half a second after the last that was awaited, whether it began before or meanwhile; or from now, if there is none."""

    async def scene(loop):
        ending = Ending()

        async def answer():
            await asyncio.sleep(begins_s)
            await ending.after(asyncio.sleep(lasts_s))

        answering = asyncio.create_task(answer())
        await asyncio.sleep(0)
        await ending.quiet(lambda: False)
        at_s = loop.time()
        answering.cancel()
        return at_s

    assert expected == play_in_leaps(scene)


def test_quiet_comes_after_the_bodies():
    """As long as bodies are read, looked at every half second, it is not quiet."""

    async def scene(loop):
        await Ending().quiet(lambda: loop.time() < 1.75)
        return loop.time()

    assert 2 == play_in_leaps(scene)


@pytest.fixture
def own_signals():
    """Give the handlers of a test's own back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    signal.signal(
        signal.SIGTERM, signal.SIG_IGN
    )  # one that still waits is no longer for anybody, and least for the tests
    signal.pthread_sigmask(signal.SIG_UNBLOCK, before)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_what_was_told_before_anybody_listened_is_heard():
    """A SIGTERM that waits, since it is blocked while a worker starts, is heard as soon as the worker listens."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    signal.raise_signal(signal.SIGTERM)  # to this thread: one beside it that does not block it would be ended by it

    async def scene():
        ending = Ending()
        ending.listen()
        await asyncio.wait_for(ending.told(), 60)

    asyncio.run(scene())
