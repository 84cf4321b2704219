"""Facts about who has knocked: who wrote before, was not answered, and writes again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.seen.knocks import DISTANCE, FORGOTTEN_MS, ROW_BYTES, TABLE_BYTES, Knocks, senders_since
from tests.worker import sender

NOW_MS = 1_800_000_000_000
MINUTE_MS = 60_000
PAUL, MARC = sender(1), sender(2)


def knocks(table=None, **changes):
    """Return what nobody has written to yet."""
    table = memoryview(bytearray(TABLE_BYTES)) if table is None else table
    return Knocks(b"k" * 32, table, **{"after_ms": 5 * MINUTE_MS, "most": 3} | changes)


def noted(*minutes, **changes):
    """Return what came of one sender's messages, at those minutes."""
    known = knocks(**changes)
    return [known.note(PAUL, NOW_MS + minute * MINUTE_MS) for minute in minutes]


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ([0], [False]),
        ([0, 5], [False, True]),
        ([0, 4], [False, False]),
        ([0, 20, 40, 60], [False, True, True, False]),
        ([0, 1, 6], [False, False, True]),
        ([0, 4, 8, 12], [False, False, False, False]),
        ([0, -10, 0], [False, False, True]),
    ],
    ids=["first", "second", "too soon", "fourth", "last one counts", "types on", "clock stepped back"],
)
def test_a_message_knocks_if_the_last_one_is_old_and_they_are_few(minutes, expected):
    """Five minutes after the last one, not after the first; three in all; never at a time that lies before."""
    assert expected == noted(*minutes)


def test_whoever_was_silent_for_a_day_begins_anew():
    """Neither a knock nor one more of too many."""
    day = FORGOTTEN_MS // MINUTE_MS

    assert [False, True, True, False, False, True] == noted(0, 10, 20, 30, 30 + day, 40 + day)


def test_others_are_others():
    """Somebody else's message is no knock of mine."""
    known = knocks()

    assert [False, False] == [known.note(PAUL, NOW_MS), known.note(MARC, NOW_MS + 10 * MINUTE_MS)]


def test_workers_of_a_machine_share_what_they_have_seen():
    """The second message may come to another one."""
    table = memoryview(bytearray(TABLE_BYTES))
    knocks(table).note(PAUL, NOW_MS)

    assert knocks(table).note(PAUL, NOW_MS + 10 * MINUTE_MS)


def test_a_sender_is_remembered_while_few_others_write():
    """Of as many others as are promised, nobody is forgotten."""
    known = knocks()
    known.note(PAUL, NOW_MS)
    for other in range(2, DISTANCE, 7):
        known.note(sender(other), NOW_MS)

    assert known.note(PAUL, NOW_MS + 10 * MINUTE_MS)


def test_nine_in_a_row_are_one_too_many():
    """Who wrote longest ago is forgotten, and the others are not."""
    known = knocks(memoryview(bytearray(ROW_BYTES)))
    for number in range(9):
        known.note(sender(number), NOW_MS)

    assert [True] * 8 == [known.note(sender(number), NOW_MS + 10 * MINUTE_MS) for number in range(8, 0, -1)]
    assert not known.note(sender(0), NOW_MS + 10 * MINUTE_MS)


def test_very_many_messages_are_too_many_for_ever():
    """The count stops where it can no longer be written down."""
    known = knocks(after_ms=1, most=1_000)
    for ms in range(70_000):
        known.note(PAUL, NOW_MS + ms)

    assert not known.note(PAUL, NOW_MS + 80_000)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-5, 12)), max_size=60))
def test_a_table_knows_what_a_list_knows(messages):
    """Of senders who have all room: by a naive list of what each has sent."""
    known, at_ms, sent = knocks(), NOW_MS, {}
    for number, minutes in messages:
        at_ms += minutes * MINUTE_MS
        mine = sent.setdefault(number, [])
        expected = bool(mine) and at_ms - mine[-1] >= 5 * MINUTE_MS and len(mine) < 3
        mine.append(at_ms)

        assert expected == known.note(sender(number), at_ms)


def test_a_mark_between_two_entries_is_no_entry():
    """Bytes that look like a sender's hash, where none begins."""
    table = memoryview(bytearray(ROW_BYTES))
    known = knocks(table)
    known.note(PAUL, NOW_MS)
    row = bytes(table)
    table[:] = bytes(5) + row[:8] + bytes(ROW_BYTES - 13)

    assert not known.note(PAUL, NOW_MS + 10 * MINUTE_MS)
    assert known.note(PAUL, NOW_MS + 20 * MINUTE_MS)


def test_senders_are_counted_by_their_last_message():
    """Each once, however often they wrote; who wrote before the instant only is none; of nobody there is no count."""
    table = memoryview(bytearray(TABLE_BYTES))
    blank, known = senders_since(table, 1), knocks(table)
    for n in range(1_000):
        known.note(sender(n), NOW_MS + n)
    for n in range(300):
        known.note(sender(n), NOW_MS + 5_000)
    counted = [senders_since(table, NOW_MS + at_ms) for at_ms in (0, 300, 900, 1_000, 5_000, 5_001)]

    assert blank is None
    assert [1_000, 1_000, 400, 300, 300, None] == counted


def test_no_more_senders_are_counted_than_wrote():
    """Newer ones push others out of a table that is full: at least so many did."""
    table = memoryview(bytearray(16 * ROW_BYTES))
    known = knocks(table)
    for n in range(500):
        known.note(sender(n), NOW_MS)

    assert 16 * 8 == senders_since(table, NOW_MS)
