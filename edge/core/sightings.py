"""The messages that were seen lately, in a table of fixed size: so that a message is booked once, however often it is delivered.

1. An entry is 64 bits of a keyed hash of the message's id. It stands in one of the places of one row; the row is that which the
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
        hashed = self._hash.copy()
        hashed.update(message_id.encode("utf-8", "surrogatepass"))
        entry = hashed.digest()
        table = self._table
        start = (int.from_bytes(entry) & self._last_row) * ROW_BYTES
        end = start + ROW_BYTES
        if table[start : start + ENTRY_BYTES] == entry:
            return True
        row = bytes(table[start:end])
        place = self._place(row, entry)
        table[start:end] = entry + row[:place] + row[place + ENTRY_BYTES :]
        return row[place : place + ENTRY_BYTES] == entry

    @staticmethod
    def _place(row: bytes, entry: bytes) -> int:
        """Return where an entry stands in a row, or the last place."""
        place = row.find(entry)
        while place >= 0 and place % ENTRY_BYTES:
            place = row.find(entry, place + 1)
        return place if place >= 0 else ROW_BYTES - ENTRY_BYTES
