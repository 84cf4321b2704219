"""Every other kind of channel, through apprise: mail, Signal, Telegram, Matrix and some two hundred more.

It is large (some 35 MB in memory), so it is loaded when the first address asks for it, and works in a thread. Redirects are
not followed, and its own log, which would hold secrets, is not written.
"""

import asyncio
import logging
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from edge.api.fate import Fate, Reached
from edge.core.alerting.alert import Alert, Link
from edge.errors import ConfigError

WHOLE_S = 30.0
"""The longest that is waited for: apprise gives mail 15 seconds for a connection, and as long for an answer."""


class Others:
    """The channels that apprise knows."""

    def __init__(self, whole_s: float = WHOLE_S) -> None:
        self._whole_s = whole_s

    async def say(self, url: str, alert: Alert, links: Sequence[Link] = ()) -> Fate:
        """Say an alert, and return what became of it. Raises ConfigError where the library is missing."""
        try:
            async with asyncio.timeout(self._whole_s):
                return await asyncio.to_thread(_say, url, alert, links)
        except TimeoutError:
            return Fate(Reached.UNKNOWN, f"not done within {self._whole_s:g} s")


def _say(url: str, alert: Alert, links: Sequence[Link]) -> Fate:
    apprise = _library()
    for name in ("apprise", "urllib3"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        sender = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False, async_mode=False))
        if not sender.add(url):
            return Fate(Reached.REFUSED, "apprise does not understand this address")
        body = "\n\n".join([alert.text, *(f"{link.label}: {link.url}" for link in links)])
        done = bool(sender.notify(title=alert.title, body=body))
    except Exception as error:  # noqa: BLE001 — two hundred plugins; what one raises may hold the address
        return Fate(Reached.UNKNOWN, f"apprise failed ({type(error).__name__})")
    return Fate(Reached.DONE, "sent") if done else Fate(Reached.UNKNOWN, "apprise could not send it")


def _library() -> Any:
    try:
        return import_module("apprise")
    except ImportError as error:
        raise ConfigError(
            f"alert: this kind of address needs apprise ({error}); install it beside this program: "
            "pip install 'apprise>=2.3,<3'"
        ) from None
