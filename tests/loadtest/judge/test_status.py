"""Facts about what a worker says of itself, as the harness reads it."""

import json

import pytest

from loadtest.judge.status import Booked, Spent, Status, read_status

STATUS = {
    "messages": 3,
    "replies": 1,
    "by_reason": {"answered": 1, "sender_limit": 2, "bad_signature": 5},
    "currency": "EUR",
    "spent": {"replies": "0.0763", "received": "0.0225"},
    "kitty_left": "1999.9012",
    "pace_left": "8.67",
    "lasts_until": "2030-01-01",
}


def test_a_status_is_read():
    """Money as micros."""
    status = read_status(json.dumps(STATUS))

    assert (76_300, 22_500, 3) == (status.replies_micros, status.received_micros, status.messages)


@pytest.mark.parametrize(
    "body", ["", "{}", "[]", json.dumps(STATUS | {"messages": "three"}), json.dumps(STATUS | {"kitty_left": "much"})]
)
def test_what_is_no_status_is_refused(body):
    """The error is one that the harness can show."""
    with pytest.raises(ValueError, match=r"status|found"):
        read_status(body)


def test_a_flood_is_booked_as_the_difference_of_two_accounts():
    """Counts and money since the flood began, and what did not come from the provider."""
    before = Status(1, 0, {"sender_limit": 1}, "EUR", Spent("0.00", "0.0075"), "1999.99", "8.75")
    booked = Booked.between(before, read_status(json.dumps(STATUS)))

    assert Booked(2, 1, {"answered": 1, "bad_signature": 5, "sender_limit": 1}, 76_300, 15_000) == booked


def test_the_replies_of_each_of_several_numbers_are_read():
    """In the order of the file; a worker with one says nothing of it."""
    before = read_status(
        json.dumps(STATUS | {"numbers": [{"number": "number[0]", "replies": 1}, {"number": "number[1]", "replies": 0}]})
    )
    after = read_status(
        json.dumps(STATUS | {"numbers": [{"number": "number[0]", "replies": 3}, {"number": "number[1]", "replies": 1}]})
    )

    assert [2, 1] == Booked.between(before, after).numbers
    assert [] == read_status(json.dumps(STATUS)).numbers
