"""The messages that were seen lately, in a table of fixed size: so that a message is booked once, however often it is delivered.

1. An entry is 63 bits of a keyed hash of the message's id, and one that says whether it came again. It stands in one of the places of one row; the row is that which the
   hash says, and its entries are in the order of their last sighting. A new one goes to the front, and the last one falls out.
2. So an id is known again unless eight others of its row came between. Of `DISTANCE` others that is fewer than one in ten
   million; nobody can aim at a row without the key.
3. Forgetting books a message twice, never less. So does a row that two workers write at the same instant.
"""

import hashlib

ENTRY_BYTES = 8
ROW_BYTES = 8 * ENTRY_BYTES
ROWS = 1 << 17
TABLE_BYTES = ROWS * ROW_BYTES
DISTANCE = ROWS // 2
"""The number of other messages after which an id is certainly known, but for one in seventeen million.

Of so many, a row gets half a one on average, and eight with a probability of 6e-8 (Poisson).
"""
_PERSON = b"antirelou id"


class Sightings:
    """What one worker, or all of a machine, have seen."""

    def __init__(self, key: bytes, table: memoryview) -> None:
        """Take the key of the hash, and `TABLE_BYTES` bytes, blank at first; or fewer rows, in a power of two."""
        self._hash = hashlib.blake2b(key=key[:64], person=_PERSON, digest_size=ENTRY_BYTES)
        self._table = table
        self._last_row = len(table) // ROW_BYTES - 1

    def see(self, message_id: str) -> bool:
        """Note an id, and return whether it was known."""
        once, again, start = self._entry(message_id)
        table = self._table
        if table[start : start + ENTRY_BYTES] == again:
            return True
        row = bytes(table[start : start + ROW_BYTES])
        place = _place(row, again)
        if place is None:
            place = _place(row, once)
        known = place is not None
        out = ROW_BYTES - ENTRY_BYTES if place is None else place
        table[start : start + ROW_BYTES] = (again if known else once) + row[:out] + row[out + ENTRY_BYTES :]
        return known

    def came_again(self, message_id: str) -> bool:
        """Return whether an id has been seen more than once, by whichever worker."""
        _, again, start = self._entry(message_id)
        return _place(bytes(self._table[start : start + ROW_BYTES]), again) is not None

    def _entry(self, message_id: str) -> tuple[bytes, bytes, int]:
        """Return the entry of an id that was seen once, and more often, and where its row begins."""
        hashed = self._hash.copy()
        hashed.update(message_id.encode("utf-8", "surrogatepass"))
        number = int.from_bytes(hashed.digest()) | 1
        row = (number >> 1) & self._last_row
        return (number - 1).to_bytes(ENTRY_BYTES), number.to_bytes(ENTRY_BYTES), row * ROW_BYTES


def _place(row: bytes, entry: bytes) -> int | None:
    """Return where an entry stands in a row; None if it does not."""
    place = row.find(entry)
    while place >= 0 and place % ENTRY_BYTES:
        place = row.find(entry, place + 1)
    return place if place >= 0 else None
