"""Facts about the table of what was seen lately."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.sightings import DISTANCE, ENTRY_BYTES, ROW_BYTES, ROWS, TABLE_BYTES, Sightings

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


@given(
    st.lists(st.sampled_from([b"\0" * 7 + b"\1", b"\1" + b"\0" * 7, b"\0\1" * 4, b"\1\0" * 4, b"\1" * 8]), max_size=30)
)
def test_what_lies_across_two_entries_is_none(hashes):
    """Expected by a list: an entry is found where entries begin, and nowhere between."""
    row, places = bytes(ROW_BYTES), []
    for entry in hashes:
        place = Sightings._place(row, entry)
        expected = places.index(entry) if entry in places else ROW_BYTES // ENTRY_BYTES - 1
        assert expected == place // ENTRY_BYTES
        row = entry + row[:place] + row[place + ENTRY_BYTES :]
        places = [row[at : at + ENTRY_BYTES] for at in range(0, ROW_BYTES, ENTRY_BYTES)]


def test_the_table_has_a_fixed_size():
    """Eight megabytes, whoever writes."""
    assert 8 * 2**20 == TABLE_BYTES == ROWS * ROW_BYTES


def test_any_id_can_be_seen(sightings):
    """Half a surrogate pair, say, which no encoding takes."""
    assert [False, True] == [sightings.see("\ud800") for _ in range(2)]
