"""Buttons that undo themselves: whoever has the address of one may have the number silent, or detached, for an hour, and once.

1. Whoever may read an alert may read its addresses. So they can only lower what is spent: by a pause by hand, or a time off by
   hand, and neither is ever shortened.
2. An address is an instant, the name of an event, and a keyed hash of both; the key follows from the ledger's and from what the
   button does (and to which of several numbers), so all workers of all machines know it, no button passes for the other, and
   nothing is kept of an address before it is used.
3. Which ones were used is kept in the ledger until they are too old, and of no more than the newest: an older one than
   those counts no longer.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from enum import StrEnum, auto

import msgspec

from edge.units import HOUR_MS

FOR_MS = HOUR_MS
"""So long what a button does lasts."""
VALID_MS = 12 * HOUR_MS
"""As long as ntfy keeps a message: an alert of the night is still one in the morning."""
USED_MAX = 64
"""How many used ones are kept."""

_INSTANT_BYTES, _EVENT_BYTES, _MAC_BYTES = 8, 8, 16
_QUERY = re.compile(rb"[A-Za-z0-9_-]{43}")
"""So many letters are that many bytes."""


class Act(StrEnum):
    """What a button does."""

    SILENCE = auto()
    """Nobody is answered."""
    DETACH = auto()
    """The provider is asked to deliver nothing."""

    @property
    def path(self) -> str:
        """Where the button is; its address has a query behind it."""
        return f"/{self}"


class Button(msgspec.Struct, frozen=True):
    """One button, of one alert."""

    mark: str
    """Tells it from every other one; hexadecimal digits."""
    expires_ms: int
    """By the ledger's time."""

    @property
    def kept(self) -> str:
        """As a ledger keeps a used one."""
        return f"{self.expires_ms}:{self.mark}"


class Signer:
    """Makes the addresses of the buttons that do one thing, and knows its own again."""

    def __init__(self, hash_key: bytes, act: Act, number: str = "") -> None:
        """Take the ledger's key, of which what is signed with tells nothing; and the number, if it is done to one of several."""
        self.act = act
        self.number = number
        self._key = hashlib.blake2b(f"{act} {number}".rstrip().encode(), key=hash_key, digest_size=32).digest()

    def query_of(self, event: str, said_ms: int) -> str:
        """Return the query of the button in an alert, by the name of its event and the instant at which it was first to be said."""
        expires_ms = said_ms + VALID_MS
        body = expires_ms.to_bytes(_INSTANT_BYTES, "big") + _digest(event.encode(), _EVENT_BYTES)
        return base64.urlsafe_b64encode(body + self._mac(body)).rstrip(b"=").decode()

    def button_of(self, query: bytes) -> Button | None:
        """Return the button that a query is of, or None where we have not made it; whether it counts is the ledger's to say."""
        if _QUERY.fullmatch(query) is None:
            return None
        raw = base64.urlsafe_b64decode(query + b"=")
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            return None
        return Button(mac.hex(), int.from_bytes(body[:_INSTANT_BYTES], "big"))

    def _mac(self, body: bytes) -> bytes:
        return hashlib.blake2b(body, key=self._key, digest_size=_MAC_BYTES).digest()


def used_after(used: Sequence[str], button: Button, now_ms: int) -> list[str] | None:
    """Return which buttons are used after one more, or None where it does not count: used, too old, or older than all that are kept."""
    kept = sorted((text for text in used if _expires_ms(text) > now_ms), key=_expires_ms)
    is_full = len(kept) >= USED_MAX
    if button.expires_ms <= now_ms or button.kept in kept or (is_full and button.expires_ms <= _expires_ms(kept[0])):
        return None
    return [*(kept[1:] if is_full else kept), button.kept]


def _expires_ms(kept: str) -> int:
    return int(kept.partition(":")[0])


def _digest(text: bytes, size: int) -> bytes:
    return hashlib.blake2b(text, digest_size=size).digest()
