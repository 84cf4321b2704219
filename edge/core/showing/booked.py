"""What a ledger holds of our numbers, held against the bill of one after the other. Pure.

Of several numbers each has its own replies and hours. What an earlier version of the program has paid and told says no number, so
it may be on the bill of any of them: as much as a bill lacks of it, or has more than is booked, is no difference.
"""

from collections.abc import Callable, Mapping, Sequence

from edge.core.kept.hours import Hour
from edge.core.kept.paid import Paid
from edge.core.showing.reconciling import Billed, Received, Replies, Span, match, received, touched


class Booked:
    """All of it, but for the replies that are on a bill by now."""

    def __init__(
        self,
        paid: Sequence[Paid],
        hours: Sequence[Hour],
        hours_of_each: Mapping[str, Sequence[Hour]],
        key_of: Callable[[str], bytes],
    ) -> None:
        """Take what the ledger has kept, and what hashes a number as it does."""
        self.hours = hours
        self._paid, self._hours_of_each, self._key_of = list(paid), hours_of_each, key_of
        self._explained = 0

    def replies(self, phone: str, rows: Sequence[Billed], span: Span) -> Replies:
        """Return what came of the replies of a number's bill; a blank one is our only number."""
        ours = [paid for paid in self._paid if not phone or paid.number in {phone, ""}]
        replies = match(ours, rows, self._key_of, span)
        if phone:
            on_bill = {id(paid) for paid, _ in replies.matched}
            self._paid = [paid for paid in self._paid if id(paid) not in on_bill]
            replies.of_no_number = [paid for paid in replies.missing if not paid.number]
            replies.missing = [paid for paid in replies.missing if paid.number]
        return replies

    def received(self, phone: str, rows: Sequence[Billed], span: Span) -> tuple[Received, Received]:
        """Return what came of receiving, by our books and by a number's bill."""
        return received(rows, self._hours_of_each.get(phone, ()) if phone else self.hours, span)

    def explained(self, phone: str, more: int, span: Span) -> int:
        """Return how many of so many messages that a bill has more may be those that say no number; on the next one they are not."""
        if not phone or more <= 0:
            return 0
        of_each = (hour for hours in self._hours_of_each.values() for hour in touched(hours, span))
        of_none = sum(hour.messages for hour in touched(self.hours, span)) - sum(hour.messages for hour in of_each)
        explained = min(more, max(0, of_none - self._explained))
        self._explained += explained
        return explained
