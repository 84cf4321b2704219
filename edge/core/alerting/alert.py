"""An alert: what must be known, in the words that are sent. Values only; no number, no text and no secret is ever in one.

What can be done about it goes beside it, made when it is said: whoever has such an address may have the number silent, or
detached, for a while.
"""

import msgspec


class Alert(msgspec.Struct, frozen=True):
    """One thing to say, on every channel."""

    name: str
    """The kind of the event, for programs; one word for each, never renamed."""
    title: str
    text: str
    urgent: bool = False
    """Whether it is worth waking somebody."""
    of: str = ""
    """The key in the static file of the one of several numbers that it is about; blank where it is about all."""


class Link(msgspec.Struct, frozen=True):
    """One thing that may be done about an alert: the words on the button, and the address behind it."""

    name: str
    """What it does, for programs; one word for each, never renamed."""
    label: str
    url: str
