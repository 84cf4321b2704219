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
from edge.core.seen.rows import place_of, start_of, to_front

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

    def see(self, message_id: str) -> bool:
        """Note an id, and return whether it was known."""
        return _see(self._table, self._digest(message_id))

    def came_again(self, message_id: str) -> bool:
        """Return whether an id has been seen more than once, by whichever worker."""
        number = int.from_bytes(self._digest(message_id))
        (row,) = _ROW.unpack_from(self._table, start_of(self._table, number >> 1, ROW_BYTES))
        return place_of(row, (number | _AGAIN).to_bytes(ENTRY_BYTES), ENTRY_BYTES) is not None

    def _digest(self, message_id: str) -> bytes:
        hashed = self._hash.copy()
        hashed.update(message_id.encode("utf-8", "surrogatepass"))
        return hashed.digest()


def see_in_python(table: memoryview, mark: bytes) -> bool:
    """Note a mark in its row, and return whether it was known."""
    number = int.from_bytes(mark)
    start = start_of(table, number >> 1, ROW_BYTES)
    (row,) = _ROW.unpack_from(table, start)
    once, again = (number & _ONCE).to_bytes(ENTRY_BYTES), (number | _AGAIN).to_bytes(ENTRY_BYTES)
    place = place_of(row, again, ENTRY_BYTES)
    if place is None:
        place = place_of(row, once, ENTRY_BYTES)
    known = place is not None
    _ROW.pack_into(table, start, to_front(row, again if known else once, place))
    return known


_see = see_row or see_in_python
