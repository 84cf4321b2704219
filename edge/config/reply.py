"""`[reply]`: what is answered."""

import msgspec

from edge.config.prefixes import require_prefixes
from edge.config.table import Count, Table, require
from edge.units import Millis

TEXT_LENGTH_MAX = 1_600
"""https://www.twilio.com/docs/api/errors/14103; a segment is a tenth of it."""


def _require_text(text: str) -> None:
    require(text.strip() != "", "text: empty; write what is to be answered")
    require(len(text) <= TEXT_LENGTH_MAX, f"text: {len(text)} characters; providers take {TEXT_LENGTH_MAX}; shorten it")
    odd = next((c for c in text if c < " " and c != "\n"), None)
    require(odd is None, f"text: holds the control character {odd!r}, which no telephone shows; leave it out")


class ReplyIn(Table, frozen=True):
    """Another text for senders whose number starts with one of the prefixes; the longest prefix wins."""

    prefixes: list[str]
    text: str

    def __post_init__(self) -> None:
        require_prefixes(self.prefixes, "prefixes")
        _require_text(self.text)


class Reply(Table, frozen=True):
    """The text that is answered. One segment by default: a second one doubles the bill, and few texts need it."""

    text: str
    segments_max: Count = 1
    after: Millis = Millis(0)
    in_: list[ReplyIn] = msgspec.field(default_factory=list, name="in")

    def __post_init__(self) -> None:
        _require_text(self.text)
        require(
            self.after == 0,
            'after: delayed replies are not available in this version; write "0s" or leave the key out',
        )
