"""Says an alert on a channel, once, and tells what became of it. Who repeats it, and when, is decided elsewhere."""

import asyncio
from collections.abc import Sequence

import msgspec

from edge.api.client import Client
from edge.api.fate import Fate
from edge.core.alerting.alert import Alert, Link
from edge.watch.address import NTFY, OTHER, Channel
from edge.watch.others import Others

_JSON = {"content-type": "application/json"}
_DEFAULT, _URGENT = 3, 5
"""Priorities of ntfy: as any, and with sound whatever the telephone is set to (https://docs.ntfy.sh/publish/#message-priority)."""


class Channels:
    """All channels of a number, for one event loop."""

    def __init__(self, channels: Sequence[Channel], client: Client) -> None:
        self._channels = channels
        self._client = client
        self._others = Others()

    @property
    def names(self) -> list[str]:
        """What may be said of each: its place, and its kind."""
        return [channel.name for channel in self._channels]

    async def say_everywhere(self, alert: Alert) -> list[Fate]:
        """Say an alert on all of them at once, and return what became of it on each."""
        return list(await asyncio.gather(*(self.say(index, alert) for index in range(len(self._channels)))))

    async def say(self, index: int, alert: Alert, links: Sequence[Link] = ()) -> Fate:
        """Say an alert on one of them, with what may be done about it. Raises ConfigError where a library is missing."""
        channel = self._channels[index]
        if channel.kind == OTHER:
            return await self._others.say(channel.url, alert, links)
        body = _ntfy(channel, alert, links) if channel.kind == NTFY else _webhook(alert, links)
        headers = _JSON | ({"authorization": channel.authorization} if channel.authorization else {})
        return await self._client.post(channel.url, body, headers)


def _ntfy(channel: Channel, alert: Alert, links: Sequence[Link]) -> bytes:
    """Return what publishes a message (https://docs.ntfy.sh/publish/#publish-as-json); its buttons are pressed by the telephone itself."""
    message: dict[str, object] = {
        "topic": channel.topic,
        "title": alert.title,
        "message": alert.text,
        "priority": _URGENT if alert.urgent else _DEFAULT,
    }
    if links:
        message["actions"] = [
            {"action": "http", "label": link.label, "url": link.url, "method": "POST", "clear": True} for link in links
        ]
    return msgspec.json.encode(message)


def _webhook(alert: Alert, links: Sequence[Link]) -> bytes:
    said = {"version": 1, "event": alert.name, "title": alert.title, "text": alert.text, "urgent": alert.urgent}
    return msgspec.json.encode(said | {f"{link.name}_url": link.url for link in links})
