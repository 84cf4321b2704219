"""Facts about the rows of the tables of who was seen, as they are compiled: the Python is the oracle."""

import importlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.seen import knocks, sightings
from edge.core.seen.knocks import FORGOTTEN_MS, note_in_python
from edge.core.seen.sightings import see_in_python
from tests.needs import need

MARKS = [number.to_bytes(8) for number in (0, 1, 2, 3, 1 << 8, (1 << 64) - 1, (1 << 64) - 2, 0x0101010101010101)]
"""Those whose bytes are alike across entries, and a blank one; so few that they meet again."""
marks = st.sampled_from(MARKS) | st.binary(min_size=8, max_size=8)
tables = st.sampled_from([1, 2, 4])
instants = st.integers(0, 3) | st.integers(0, 2 * FORGOTTEN_MS) | st.sampled_from([(1 << 47) - 1])


@pytest.fixture(scope="module")
def rows():
    """Return what was compiled."""
    need("compiled forms")
    return importlib.import_module("edge.compiled.rows")


@given(tables, st.lists(marks, max_size=40))
def test_both_see_alike(rows, count, seen):
    """Whatever comes in whatever order, both know the same marks and leave the same bytes."""
    ours, python = (memoryview(bytearray(count * sightings.ROW_BYTES)) for _ in range(2))

    assert [see_in_python(python, mark) for mark in seen] == [rows.see(ours, mark) for mark in seen]
    assert bytes(python) == bytes(ours)


@given(tables, st.integers(0, 5), st.integers(0, 5), st.lists(st.tuples(marks, instants), max_size=40))
def test_both_note_alike(rows, count, after_ms, most, written):
    """Whoever writes whenever, both say of the same ones that they knock, and leave the same bytes."""
    ours, python = (memoryview(bytearray(count * knocks.ROW_BYTES)) for _ in range(2))
    terms = after_ms, most

    assert [note_in_python(python, *one, *terms) for one in written] == [
        rows.note(ours, *one, *terms) for one in written
    ]
    assert bytes(python) == bytes(ours)


def test_a_count_has_an_end(rows):
    """Who writes more often than two bytes can count stays at the most of them."""
    table, entry = bytearray(knocks.ROW_BYTES), MARKS[2] + (7 << 16 | 0xFFFF).to_bytes(8)
    table[:16] = entry

    assert (False, True) == tuple(rows.note(table, MARKS[2], 7, 0, most) for most in (0xFFFE, 0xFFFF))
    assert entry == bytes(table[:16])


@pytest.mark.parametrize("length", [0, 7, 9])
def test_a_mark_has_eight_bytes(rows, length):
    """Another one is refused, and nothing is written."""
    table = bytearray(knocks.ROW_BYTES)

    for use in (lambda: rows.see(table, b"m" * length), lambda: rows.note(table, b"m" * length, 1, 1, 1)):
        with pytest.raises(ValueError, match="a mark has 8 bytes"):
            use()
    assert not any(table)


@pytest.mark.parametrize("size", [0, 1, 63, 3 * 128])
def test_a_table_has_whole_rows_in_a_power_of_two(rows, size):
    """Nothing else is a table: a row would lie beside it."""
    for use in (lambda: rows.see(bytearray(size), MARKS[0]), lambda: rows.note(bytearray(size), MARKS[0], 1, 1, 1)):
        with pytest.raises(ValueError, match="power of two"):
            use()


@pytest.mark.parametrize("now_ms", [-1, 1 << 47, 1 << 70])
def test_an_instant_fits_into_six_bytes(rows, now_ms):
    """A time that cannot be noted is an error: the year is 6429, or it is no time."""
    with pytest.raises(OverflowError):
        rows.note(bytearray(knocks.ROW_BYTES), MARKS[0], now_ms, 1, 1)


def test_what_is_no_table_or_cannot_be_written_is_refused(rows):
    """Wrong arguments are errors of Python's, as everywhere."""
    for call in (
        lambda: rows.see(bytearray(64)),
        lambda: rows.see("x", MARKS[0]),
        lambda: rows.see(bytearray(64), "x"),
        lambda: rows.note(bytearray(128), MARKS[0]),
        lambda: rows.note(bytearray(128), MARKS[0], "x", 1, 1),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(BufferError):
        rows.see(bytes(64), MARKS[0])
