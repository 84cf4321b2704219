"""An address that is called every five minutes: a dead machine can say nothing, so somebody else has to miss it."""

import asyncio
import logging

from edge.api.client import Client
from edge.api.fate import Reached
from edge.errors import AntirelouError

BEAT_S = 300.0

log = logging.getLogger("antirelou")


class Heartbeat:
    """One worker's calls; whoever has just written to the ledger makes them, so they stop when nobody can."""

    def __init__(self, url: str, client: Client, beat_s: float = BEAT_S) -> None:
        self._url = url
        self._client = client
        self._beat_s = beat_s
        self._next_s = 0.0
        self._failed = False
        self._call: asyncio.Task[None] | None = None

    def beat(self) -> None:
        """Call, if it is time."""
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._next_s:
            self._next_s = now_s + self._beat_s
            self._call = asyncio.create_task(self._beat())

    async def _beat(self) -> None:
        try:
            fate = await self._client.get(self._url)
        except AntirelouError as error:
            log.warning("alert: heartbeat: %s", error)
            return
        failed = fate.reached is not Reached.DONE
        if failed and not self._failed:
            log.warning("alert: the heartbeat fails: %s", fate.said)
        self._failed = failed
