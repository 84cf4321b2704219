"""An alert: what must be known, in the words that are sent. Values only; no number, no text and no secret is ever in one."""

import msgspec


class Alert(msgspec.Struct, frozen=True):
    """One thing to say, on every channel."""

    name: str
    """The kind of the event, for programs; one word for each, never renamed."""
    title: str
    text: str
    urgent: bool = False
    """Whether it is worth waking somebody."""
