"""Facts about what receiving has cost."""

import pytest

from edge.core.seen.received import Received
from edge.core.seen.sightings import TABLE_BYTES, Sightings
from edge.core.seen.sums import Sums
from edge.core.wire.message import Message
from edge.core.wire.receiving import Receiving

PRICES = Receiving(7_500, 16_500)


def message(number=1, **billed):
    """Return a message."""
    return Message("+33639980001", "Salut", f"SM{number}", **billed)


@pytest.fixture
def received():
    """Return what has cost nothing yet."""
    return Received(PRICES, Sightings(b"k" * 32, memoryview(bytearray(TABLE_BYTES))), Sums())


@pytest.mark.parametrize(
    ("billed", "expected"),
    [
        ({}, 7_500),
        ({"segments": 10}, 75_000),
        ({"has_media": True}, 16_500),
        ({"segments": 10, "has_media": True}, 16_500),
    ],
)
def test_a_message_costs_its_segments_or_its_pictures(received, billed, expected):
    """Segments times the price of one; with pictures the price of those, whatever the text."""
    assert (expected, expected) == (received.book(message(**billed)), received.micros)


def test_a_message_is_received_once(received):
    """However often it is delivered, and whatever its provider says of it then."""
    booked = [received.book(message(segments=segments)) for segments in (1, 10, 1)]

    assert ([7_500, None, None], 7_500) == (booked, received.micros)


def test_segments_are_summed_as_they_are_booked(received):
    """Once for each message, taken back with what it cost."""
    sums = received._sums
    for number, segments in ((1, 10), (1, 10), (2, 3)):
        received.book(message(number, segments=segments))
    received.was_paid_elsewhere(message(3, segments=5), received.book(message(3, segments=5)))

    assert (13, 13 * 7_500) == (sums.tally().segments, sums.tally().received_micros)


def test_messages_add_up(received):
    """Different ones are different, though they say the same."""
    for number in range(300):
        received.book(message(number, segments=10))

    assert 22_500_000 == received.micros


def test_what_another_machine_has_answered_is_taken_back(received):
    """A retry of it came here: this machine had not seen it before."""
    received.was_paid_elsewhere(message(), received.book(message()))

    assert 0 == received.micros


def test_what_may_have_been_answered_here_stays(received):
    """Two workers of one machine ask at the same time; one has booked it, and the other one was faster."""
    booked = received.book(message())
    other = received.book(message())
    received.was_paid_elsewhere(message(), booked)

    assert (7_500, None, 7_500) == (booked, other, received.micros)


def test_what_was_not_booked_is_not_taken_back(received):
    """A retry that was seen here before."""
    received.book(message())
    received.was_paid_elsewhere(message(), received.book(message()))

    assert 7_500 == received.micros
