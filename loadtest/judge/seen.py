"""The records that a Locust process keeps of what it saw; :mod:`loadtest.judge.tally` adds them up."""

import msgspec

from loadtest.flood.arrival import Arrival, Kind
from loadtest.provider.billing import Billed

SECOND_US = 1_000_000
MOMENT_US = 100_000
"""The course of a flood is kept as finely as this."""
Key = tuple[int, str]
"""What tells one message from another: the place of the number that it was written to, and the id that is that number's own."""


class Reply(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """One answer with money in it. The instants are offsets from the flood's start, like `Arrival.at_us`."""

    index: int
    kind: Kind
    sender: str
    message_id: str
    text: str
    segments: int
    price_micros: int
    """The provider's charge for it, whatever the worker says."""
    sent_us: int
    done_us: int
    number: int = 0
    """The place of the number that was written to."""

    @property
    def key(self) -> Key:
        """Return which message was answered."""
        return self.number, self.message_id


class Unpaid(msgspec.Struct, frozen=True, gc=False, array_like=True, order=True):
    """A request without a reply that matters later: its outcome is unknown, or it repeats another one."""

    index: int
    kind: Kind
    sender: str
    message_id: str
    sent_us: int
    billed: Billed
    """What the provider bills for receiving it."""
    number: int = 0

    @property
    def key(self) -> Key:
        """Return which message it was."""
        return self.number, self.message_id

    @classmethod
    def of(cls, arrival: Arrival, sent_us: int) -> "Unpaid":
        """Return what is kept of an arrival."""
        billed = Billed.of(arrival.text, picture=arrival.picture)
        return cls(
            arrival.index, arrival.kind, arrival.sender, arrival.message_id, sent_us, billed, number=arrival.number
        )


class Moment(msgspec.Struct, gc=False, array_like=True):
    """The requests sent in a tenth of a second of the flood, and those answered in it."""

    sent: int = 0
    done: int = 0
