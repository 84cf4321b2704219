"""Says an alert on a channel, once, and tells what became of it. Who repeats it, and when, is decided elsewhere."""

import asyncio
from collections.abc import Sequence

import msgspec

from edge.api.client import Client
from edge.api.fate import Fate
from edge.core.alerting.alert import Alert, Link
from edge.watch.address import NTFY, OTHER, Address
from edge.watch.others import Others

_JSON = {"content-type": "application/json"}
_DEFAULT, _URGENT = 3, 5
"""Priorities of ntfy: as any, and with sound whatever the telephone is set to (https://docs.ntfy.sh/publish/#message-priority)."""


class Channels:
    """All channels of a number, for one event loop."""

    def __init__(self, addresses: Sequence[Address], client: Client) -> None:
        self._addresses = addresses
        self._client = client
        self._others = Others()

    @property
    def names(self) -> list[str]:
        """What may be said of each: its place, and its kind."""
        return [address.name for address in self._addresses]

    async def say_everywhere(self, alert: Alert) -> list[Fate]:
        """Say an alert on all of them at once, and return what became of it on each."""
        return list(await asyncio.gather(*(self.say(index, alert) for index in range(len(self._addresses)))))

    async def say(self, index: int, alert: Alert, links: Sequence[Link] = ()) -> Fate:
        """Say an alert on one of them, with what may be done about it. Raises ConfigError where a library is missing."""
        address = self._addresses[index]
        if address.kind == OTHER:
            return await self._others.say(address.url, alert, links)
        body = _ntfy(address, alert, links) if address.kind == NTFY else _webhook(alert, links)
        headers = _JSON | ({"authorization": address.authorization} if address.authorization else {})
        return await self._client.post(address.url, body, headers)


def _ntfy(address: Address, alert: Alert, links: Sequence[Link]) -> bytes:
    """Return what publishes a message (https://docs.ntfy.sh/publish/#publish-as-json); its buttons are pressed by the telephone itself."""
    message: dict[str, object] = {
        "topic": address.topic,
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
