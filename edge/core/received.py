"""What receiving has cost a worker so far: each message once, however often it was delivered."""

from edge.core.message import Message
from edge.core.receiving import Receiving
from edge.core.sightings import Sightings


class Received:
    """The running sum, in micros; it grows before a message is noted as seen, so that a crash in between books it twice."""

    def __init__(self, price: Receiving, sightings: Sightings) -> None:
        self._price = price
        self._sightings = sightings
        self.micros = 0

    def book(self, message: Message) -> int:
        """Add what receiving a message costs, and return it; 0 if it was received before."""
        micros = self._price.price_micros(message)
        self.micros += micros
        if self._sightings.see(message.id):
            self.micros -= micros
            return 0
        return micros

    def take_back(self, micros: int) -> None:
        """Take out again what turned out to have been booked by somebody else."""
        self.micros -= micros
