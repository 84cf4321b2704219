"""Has alerts said on their channels, beside whatever else goes on: a call may take longer than a lease."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from edge.api.fate import Fate, Reached
from edge.core.alerting.alert import Link
from edge.core.alerting.deliveries import add, failing, ready, settle
from edge.core.alerting.watching import Due, Notes
from edge.errors import AntirelouError
from edge.watch.channels import Channels

log = logging.getLogger("antirelou")


class Delivery:
    """The calls that are under way for one set of notes. What is to be kept is in the notes before a call begins."""

    def __init__(
        self, channels: Channels, language: str, links_of: Callable[[Due], Sequence[Link]] = lambda _: ()
    ) -> None:
        """Take what may be done about an alert, which is made anew each time it is said: in no ledger it lies before it is used."""
        self._links_of = links_of
        self._channels = channels
        self._language = language
        self._calls: list[tuple[Due, str, asyncio.Task[Fate]]] = []

    def settle(self, notes: Notes, now_ms: int) -> None:
        """Note what has become of the calls that are done, and have the other channels be told of one that fails."""
        done = [call for call in self._calls if call[2].done()]
        self._calls = [call for call in self._calls if call not in done]
        for due, name, task in done:
            fate = task.result()
            if settle(notes, due, name, fate.reached.value, now_ms):
                log.warning("alert: channel %s fails: %s", name, fate.said)
                others = [other for other in self._channels.names if other not in notes.failing]
                add(notes, [failing(self._language, name, fate.said)], others, now_ms)

    def mark(self, notes: Notes, now_ms: int) -> list[tuple[Due, str]]:
        """Return the calls that are due, which the notes say to be under way from now on."""
        return list(ready(notes, self._channels.names, now_ms))

    def begin(self, calls: list[tuple[Due, str]]) -> None:
        """Begin them; the notes are kept by now."""
        for due, name in calls:
            index = self._channels.names.index(name)
            self._calls.append((due, name, asyncio.create_task(self._say(index, due))))

    def forget(self) -> None:
        """Leave the calls to themselves: somebody else has the notes."""
        self._calls = []

    async def finish(self, timeout_s: float) -> None:
        """Wait for the calls that are under way, for so long."""
        if self._calls:
            await asyncio.wait([task for _, _, task in self._calls], timeout=timeout_s)

    async def _say(self, index: int, due: Due) -> Fate:
        try:
            return await self._channels.say(index, due.alert, self._links_of(due))
        except AntirelouError as error:  # a library is missing
            return Fate(Reached.REFUSED, str(error))
