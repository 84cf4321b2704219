"""What receiving has cost a worker so far: each message once, however often it was delivered."""

from edge.core.seen.sightings import Sightings
from edge.core.seen.sums import Sums
from edge.core.wire.message import Message
from edge.core.wire.receiving import Receiving


class Received:
    """The running sum; it grows before a message is noted as seen, so that a crash in between books it twice, never less."""

    def __init__(self, price: Receiving, sightings: Sightings, sums: Sums) -> None:
        self._price = price
        self._sightings = sightings
        self._sums = sums

    @property
    def micros(self) -> int:
        """The sum, in micros."""
        return self._sums.received_micros

    def book(self, message: Message) -> int | None:
        """Add what receiving a message costs, and return it; None if it was received before."""
        micros = self._price.price_micros(message)
        self._sums.receive(micros, message.segments)
        if self._sightings.see(message.id):
            self._sums.receive(-micros, -message.segments)
            return None
        return micros

    def was_paid_elsewhere(self, message: Message, booked_micros: int | None) -> None:
        """Take out again what was booked for a message that another machine has answered, and so booked.

        If it came again, another worker here may have put the same question, without booking anything, and have been faster:
        what is booked stays. It had come again before its answer, so nothing is missed.
        """
        if booked_micros and not self._sightings.came_again(message.id):
            self._sums.receive(-booked_micros, -message.segments)
