"""When a worker that was told to end may cut off who is left: once nothing has been answered for half a second."""

import asyncio

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
