"""Pages that are loaded when somebody first asks."""

import asyncio
import subprocess
import sys
import threading

from starlette.responses import PlainTextResponse

from edge.web.ondemand import OnDemand
from tests.parts import call, play

DEAR = ("jinja2", "markupsafe", "prometheus_client")
"""What the page and the metrics are made with."""


def test_a_worker_of_whom_nobody_asks_goes_without():
    """All that a worker is made of is there, and nothing of what the page and the metrics are made with."""
    code = "import sys, edge.serving.worker, edge.wiring; print([name for name in sys.modules if name in sys.argv])"
    done = subprocess.run([sys.executable, "-c", code, *DEAR], capture_output=True, text=True, check=True)

    assert "[]\n" == done.stdout


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
