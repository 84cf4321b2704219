"""The messages that were seen lately, in a table of fixed size: so that a message is booked once, however often it is delivered.

1. An entry is 63 bits of a keyed hash of the message's id, and one that says whether it came again. It stands in one of the places of one row; the row is that which the
   hash says, and its entries are in the order of their last sighting. A new one goes to the front, and the last one falls out.
2. So an id is known again unless eight others of its row came between. Of `DISTANCE` others that is fewer than one in ten
   million; nobody can aim at a row without the key.
3. The work on a row is compiled where it could be (`edge/compiled/rows.c`); the Python here does the same.
4. Forgetting books a message twice, never less. So does a row that two workers write at the same instant.
"""

import hashlib
from struct import Struct

from edge.compiled import see_row

ENTRY_BYTES = 8
ROW_BYTES = 8 * ENTRY_BYTES
ROWS = 1 << 17
TABLE_BYTES = ROWS * ROW_BYTES
DISTANCE = ROWS // 2
"""The number of other messages after which an id is certainly known, but for one in seventeen million.

Of so many, a row gets half a one on average, and eight with a probability of 6e-8 (Poisson).
"""
_PERSON = b"antirelou id"
_ROW = Struct(f"{ROW_BYTES}s")
_AGAIN = 1
"""The bit of an entry that says that it came again."""
_ONCE = (1 << 8 * ENTRY_BYTES) - 1 - _AGAIN


class Sightings:
    """What one worker, or all of a machine, have seen."""

    def __init__(self, key: bytes, table: memoryview) -> None:
        """Take the key of the hash, and `TABLE_BYTES` bytes, blank at first; or fewer rows, in a power of two."""
        self._hash = hashlib.blake2b(key=key[:64], person=_PERSON, digest_size=ENTRY_BYTES)
        self._table = table
        self._last_row = len(table) // ROW_BYTES - 1

    def see(self, message_id: str) -> bool:
        """Note an id, and return whether it was known."""
        return _see(self._table, self._digest(message_id))

    def came_again(self, message_id: str) -> bool:
        """Return whether an id has been seen more than once, by whichever worker."""
        number = int.from_bytes(self._digest(message_id))
        (row,) = _ROW.unpack_from(self._table, (number >> 1 & self._last_row) * ROW_BYTES)
        return _place(row, (number | _AGAIN).to_bytes(ENTRY_BYTES)) is not None

    def _digest(self, message_id: str) -> bytes:
        hashed = self._hash.copy()
        hashed.update(message_id.encode("utf-8", "surrogatepass"))
        return hashed.digest()


def see_in_python(table: memoryview, mark: bytes) -> bool:
    """Note a mark in its row, and return whether it was known."""
    number = int.from_bytes(mark)
    start = (number >> 1 & len(table) // ROW_BYTES - 1) * ROW_BYTES
    (row,) = _ROW.unpack_from(table, start)
    once, again = (number & _ONCE).to_bytes(ENTRY_BYTES), (number | _AGAIN).to_bytes(ENTRY_BYTES)
    place = _place(row, again)
    if place is None:
        place = _place(row, once)
    known = place is not None
    out = ROW_BYTES - ENTRY_BYTES if place is None else place
    _ROW.pack_into(table, start, (again if known else once) + row[:out] + row[out + ENTRY_BYTES :])
    return known


def _place(row: bytes, entry: bytes) -> int | None:
    """Return where an entry stands in a row; None if it does not."""
    place = row.find(entry)
    while place >= 0 and place % ENTRY_BYTES:
        place = row.find(entry, place + 1)
    return place if place >= 0 else None


_see = see_row or see_in_python
