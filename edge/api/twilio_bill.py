"""What messages have cost at Twilio: https://www.twilio.com/docs/messaging/api/message-resource.

1. The list is asked for twice, by `To` and by `From`, between two instants: `DateSent>=` and `DateSent<=` (in a query the
   comparison is part of the name), in GMT. Of a message that came, `date_sent` is when Twilio called us.
2. `price` is negative, a text, in `price_unit`, and null until Twilio knows it. Of one that failed or was canceled it stays
   null: "failed messages are not charged" (https://www.twilio.com/docs/api/errors/14107), so those have cost nothing.
3. An answer has up to 1,000 messages; each is some 1 kB, and its text, which is not read, up to ten more.
4. A list that goes on without anything new is not gone on with: it would have no end.
"""

from urllib.parse import urlencode

import msgspec

from edge.api.bill import BilledMessage
from edge.api.call import Calls
from edge.api.fate import Fate, Reached
from edge.api.twilio_rest import Failed, Rest, next_page, read
from edge.api.webhook import Access

PAGE = 1_000
"""So many in an answer."""
PAGES_MAX = 300
"""So many answers are read for one bill: three hundred thousand messages, a flood of 2017 a dozen times."""
_FREE = frozenset({"failed", "canceled"})


class _Message(msgspec.Struct):
    """A message in a list of Twilio's, as far as the bill is about it."""

    sid: str
    to: str | None
    direction: str
    from_: str | None = msgspec.field(name="from")
    num_segments: str | None = None
    price: str | None = None
    price_unit: str | None = None
    status: str | None = None
    date_sent: str | None = None
    date_created: str | None = None


class _Messages(msgspec.Struct):
    messages: list[_Message]
    next_page_uri: str | None = None


class TwilioBill:
    """The bill of one number at Twilio."""

    def __init__(self, access: Access, phone: str) -> None:
        self._phone = phone
        self._rest = Rest(access)

    def messages(self, since: str, until: str) -> Calls[list[BilledMessage] | Fate]:
        """Return the calls that read all messages from and to the number between two instants."""
        try:
            to_us = yield from self._side("To", since, until, PAGES_MAX)
            from_us = yield from self._side("From", since, until, PAGES_MAX)
        except Failed as failed:
            return failed.fate
        return list((to_us | from_us).values())

    def _side(self, side: str, since: str, until: str, left: int) -> Calls[dict[str, BilledMessage]]:
        """Return those of which the number is one side, by their ids. Raises Failed."""
        found: dict[str, BilledMessage] = {}
        query = {side: self._phone, "DateSent<": until, "DateSent>": since, "PageSize": PAGE}
        url = f"{self._rest.account}/Messages.json?{urlencode(query)}"
        while url:
            returned = yield self._rest.get(url)
            page, before = read(returned, _Messages), len(found)
            found |= {message.sid: _billed(message) for message in page.messages}
            url, left = next_page(url, page.next_page_uri), left - 1
            if url and len(found) == before:
                raise Failed(Fate(Reached.UNKNOWN, "goes on without anything new, so its list is not read to the end"))
            if url and left == 0:
                raise Failed(Fate(Reached.REFUSED, "has more messages than are read at once; give fewer days"))
        return found


def _billed(message: _Message) -> BilledMessage:
    price = "0" if message.price is None and message.status in _FREE else message.price
    return BilledMessage(
        id=message.sid,
        from_=message.from_ or "",
        to=message.to or "",
        time=message.date_sent or message.date_created or "",
        direction=message.direction,
        segments=message.num_segments or "",
        price=price or "",
        currency=(message.price_unit or "").upper(),
    )
