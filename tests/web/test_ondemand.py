"""Pages that are loaded when somebody first asks."""

import asyncio
import threading

from starlette.responses import PlainTextResponse

from edge.web.ondemand import OnDemand
from tests.parts import call, play


def test_it_is_loaded_once_in_a_thread_when_somebody_asks():
    """However many ask meanwhile; before that nothing is loaded, and no message waits for it."""
    loaded = []

    def load():
        loaded.append(threading.current_thread() is threading.main_thread())
        return PlainTextResponse("here")

    pages = OnDemand(load)
    before = list(loaded)

    async def crowd():
        return await asyncio.gather(*(call(pages, method="GET") for _ in range(5)))

    answers = [*play(crowd), play(lambda: call(pages, method="GET"))]

    assert ([], [False]) == (before, loaded)
    assert [b"here"] * 6 == [answer.body for answer in answers]
