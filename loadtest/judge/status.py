"""The worker's public status, `/status.json`, read as any dashboard would."""

from collections import Counter
from typing import Self

import msgspec

from edge.core.wire.reason import Reason
from loadtest.provider.money import read_money


class Spent(msgspec.Struct, frozen=True):
    """The money that is gone from the kitty, as decimal strings."""

    replies: str
    received: str


class OfNumber(msgspec.Struct, frozen=True):
    """One of several numbers."""

    replies: int


class Status(msgspec.Struct, frozen=True):
    """The worker's own sums over everything since its ledger was made."""

    messages: int
    replies: int
    by_reason: dict[str, int]
    currency: str
    spent: Spent
    kitty_left: str
    pace_left: str
    lasts_until: str = ""
    numbers: list[OfNumber] = []
    """Each number's, in the order of the file; nothing where there is one."""

    @property
    def replies_micros(self) -> int:
        """The cost of replies so far."""
        return read_money(self.spent.replies)

    @property
    def received_micros(self) -> int:
        """The cost of receiving so far."""
        return read_money(self.spent.received)


def read_status(body: bytes | str) -> Status:
    """Return what a body says. Raises ValueError if it is not a status."""
    try:
        status = msgspec.json.decode(body, type=Status)
        _amounts = status.replies_micros, status.received_micros, read_money(status.kitty_left)
    except msgspec.DecodeError as error:
        raise ValueError(f"/status.json: {error}") from None
    return status


class Booked(msgspec.Struct, frozen=True):
    """One flood as it stands in the worker's books: the difference of two statuses."""

    messages: int
    replies: int
    by_reason: dict[str, int]
    replies_micros: int
    received_micros: int
    numbers: list[int] = []
    """The replies of each of several numbers."""

    @classmethod
    def between(cls, before: Status, after: Status) -> Self:
        """Return what has been added."""
        by_reason = Counter(after.by_reason)
        by_reason.subtract(before.by_reason)
        return cls(
            messages=after.messages - before.messages,
            replies=after.replies - before.replies,
            by_reason={reason: count for reason, count in sorted(by_reason.items()) if count},
            replies_micros=after.replies_micros - before.replies_micros,
            received_micros=after.received_micros - before.received_micros,
            numbers=[
                mine.replies - theirs.replies for mine, theirs in zip(after.numbers, before.numbers, strict=False)
            ],
        )

    def of(self, *reasons: Reason) -> int:
        """Return how many messages had one of the reasons."""
        return sum(self.by_reason.get(reason.value, 0) for reason in reasons)
