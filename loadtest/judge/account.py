"""The money that the harness has seen, added up on its own: each message id once, whoever was answered how often."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from loadtest.judge.seen import Key, Reply, Unpaid
from loadtest.provider.prices import Prices


class Account(msgspec.Struct, frozen=True):
    """The cost of a flood's replies."""

    paid: dict[Key, Reply]
    """By message the first reply that was seen."""
    again: list[Reply]
    """Replies to a message that had been answered before."""
    open: dict[Key, Unpaid]
    """By message what may have been paid without anybody seeing it."""
    seen_micros: int
    open_micros: int
    """The most that this may have cost."""

    @classmethod
    def of(cls, unknown: Iterable[Unpaid], seen: Iterable[Reply], prices: Sequence[Prices]) -> "Account":
        """Return the account of a flood: the replies that were seen, and the messages of which nobody knows."""
        paid: dict[Key, Reply] = {}
        replies = sorted(seen, key=lambda reply: (reply.done_us, reply.index))
        again = [reply for reply in replies if paid.setdefault(reply.key, reply) is not reply]
        unseen = {
            unpaid.key: unpaid
            for unpaid in sorted(unknown)
            if unpaid.kind.is_message and unpaid.key not in paid and prices[unpaid.number].serves(unpaid.sender)
        }
        return cls(
            paid=paid,
            again=again,
            open=unseen,
            seen_micros=sum(reply.price_micros for reply in paid.values()),
            open_micros=sum(prices[unpaid.number].expected_micros(unpaid.sender) for unpaid in unseen.values()),
        )

    def replies(self) -> Iterator[Reply]:
        """Yield the replies that cost money, in the order in which they were seen."""
        return iter(self.paid.values())

    def by_sender(self) -> dict[str, list[Reply]]:
        """Return the replies that cost money, by who got them."""
        senders: dict[str, list[Reply]] = {}
        for reply in self.replies():
            senders.setdefault(reply.sender, []).append(reply)
        return senders
