"""Facts about the table of what was seen lately."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.seen.rows import place_of
from edge.core.seen.sightings import DISTANCE, ENTRY_BYTES, ROW_BYTES, ROWS, TABLE_BYTES, Sightings

KEY = b"k" * 32


@pytest.fixture
def sightings():
    """Return an empty table."""
    return Sightings(KEY, memoryview(bytearray(TABLE_BYTES)))


def test_an_id_is_known_from_its_second_sighting_on(sightings):
    """The first time it is new, and then known, however often."""
    assert [False, True, True] == [sightings.see("SM1") for _ in range(3)]


def test_whoever_shares_the_table_knows_it():
    """Workers of one machine: what one has seen is known to the others, with the same key only."""
    table = memoryview(bytearray(TABLE_BYTES))
    Sightings(KEY, table).see("SM1")

    assert [True, False] == [Sightings(key, table).see("SM1") for key in (KEY, b"x" * 32)]


def test_an_id_is_known_as_long_as_fewer_others_came_between(sightings):
    """The number that `check` prints: all of the last so many are known again, and each sighting renews them."""
    ids = [f"SM{number:032x}" for number in range(DISTANCE)]

    assert 0 == sum(map(sightings.see, ids))
    assert DISTANCE == sum(map(sightings.see, ids))


@given(st.lists(st.integers(0, 12), max_size=60))
def test_a_row_keeps_those_seen_last(numbers):
    """Expected by a list: the eight that were seen last are known, and no other."""
    sightings, row = Sightings(KEY, memoryview(bytearray(ROW_BYTES))), []
    for number in numbers:
        known = number in row
        row = [number, *(other for other in row if other != number)][: ROW_BYTES // ENTRY_BYTES]
        assert known == sightings.see(str(number))


SAME_BYTES = [b"\0" * 7 + b"\1", b"\1" + b"\0" * 7, b"\0\1" * 4, b"\1\0" * 4, b"\1" * 8]


@given(st.lists(st.sampled_from(SAME_BYTES), min_size=8, max_size=8))
def test_what_lies_across_two_entries_is_none(entries):
    """Expected by a list: an entry is found where entries begin, and nowhere between."""
    row = b"".join(entries)
    for entry in (*entries, b"\0" * 8):
        expected = entries.index(entry) * ENTRY_BYTES if entry in entries else None
        assert expected == place_of(row, entry, ENTRY_BYTES)


def test_it_is_known_whether_an_id_came_again(sightings):
    """Not at its first sighting, and from the second one on; of an id that was never seen, not at all."""
    came = []
    for _ in range(3):
        sightings.see("SM1")
        came.append(sightings.came_again("SM1"))

    assert [False, True, True] == came
    assert not sightings.came_again("SM2")


def test_the_table_has_a_fixed_size():
    """Eight megabytes, whoever writes."""
    assert 8 * 2**20 == TABLE_BYTES == ROWS * ROW_BYTES


def test_any_id_can_be_seen(sightings):
    """Half a surrogate pair, say, which no encoding takes."""
    assert [False, True] == [sightings.see("\ud800") for _ in range(2)]


def test_what_looks_like_an_id_across_two_entries_is_not_that_id():
    """All but one byte of an id's hash stand in its row, where no entry begins: it is new, and then known."""
    table = memoryview(bytearray(ROW_BYTES))
    sightings = Sightings(KEY, table)
    table[5 : 5 + ENTRY_BYTES - 1] = sightings._digest("SM1")[:-1]

    assert [False, True] == [sightings.see("SM1") for _ in range(2)]
