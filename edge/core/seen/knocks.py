"""Who wrote of late and was not answered, in a table of fixed size: so that somebody who writes again is known to have knocked before.

1. An entry is 64 bits of a keyed hash of the sender, the instant of their last message, and how many they have sent. It stands
   in one of the places of one row; the row is that which the hash says, its entries are in the order of their last message,
   and when a new one comes the last one falls out.
2. So a sender is known unless eight others of their row wrote since. Of `DISTANCE` others that is fewer than one in ten
   million; nobody can aim at a row without the key.
3. A knock decides who is answered first, never what may be spent. So forgetting one, or two workers that write to a row at the
   same instant, costs fairness and no money.
"""

import hashlib
from struct import Struct, unpack

from edge.compiled import note_row
from edge.core.seen.rows import place_of, start_of, to_front
from edge.units import DAY_MS

_HASH_BYTES = 8
_ENTRY_BYTES = 2 * _HASH_BYTES
_PLACES = 8
ROW_BYTES = _PLACES * _ENTRY_BYTES
ROWS = 1 << 16
TABLE_BYTES = ROWS * ROW_BYTES
DISTANCE = ROWS // 2
"""The number of others after which a sender is certainly known, but for one in seventeen million (see :mod:`edge.core.seen.sightings`)."""
FORGOTTEN_MS = DAY_MS
"""Whoever was silent for so long begins anew."""
_PERSON = b"antirelou knock"
_ROW = Struct(f"{ROW_BYTES}s")
_ENTRY = Struct(f">{_HASH_BYTES}sQ")
_CHUNK_BYTES = 1 << 18
"""What is looked at in one go, so that no copy of the table is made."""
_COUNT_BITS = 16
_COUNT_MAX = (1 << _COUNT_BITS) - 1


class Knocks:
    """What one worker, or all of a machine, have seen of senders who were not answered."""

    def __init__(self, key: bytes, table: memoryview, *, after_ms: int, most: int) -> None:
        """Take the key of the hash, and `TABLE_BYTES` bytes, blank at first; or fewer rows, in a power of two.

        A message knocks if its sender's last one is at least `after_ms` old, and it is no more than the `most`-th of them.
        """
        self._hash = hashlib.blake2b(key=key[:64], person=_PERSON, digest_size=_HASH_BYTES)
        self._table = table
        self._after_ms = after_ms
        self._most = most

    def note(self, sender: str, now_ms: int) -> bool:
        """Note a message that nobody delivered before, and return whether it knocks."""
        hashed = self._hash.copy()
        hashed.update(sender.encode())
        return _note(self._table, hashed.digest(), now_ms, self._after_ms, self._most)


def senders_since(table: memoryview, at_ms: int) -> int | None:
    """Return how many senders wrote at an instant or later, as far as it was noted: at least so many did; None for nobody.

    Not noted are messages that were refused before the pace was looked at, such as those of somebody who has had their answer:
    who was answered since then is counted all the same, since that message was noted. Newer ones push others out of a full table.
    """
    least, found = at_ms << _COUNT_BITS, 0
    for start in range(0, len(table), _CHUNK_BYTES):
        chunk = table[start : start + _CHUNK_BYTES]
        words = unpack(f">{len(chunk) // _HASH_BYTES}Q", chunk)
        for place in range(_PLACES):  # the newest of each row, then the next ones: each other word is an instant
            since = sum(map(least.__le__, words[1 + 2 * place :: 2 * _PLACES]))
            found += since
            if since == 0:
                break
    return found or None


def note_in_python(table: memoryview, mark: bytes, now_ms: int, after_ms: int, most: int) -> bool:
    """Note in its row that somebody has written, and return whether they knock."""
    start = start_of(table, int.from_bytes(mark), ROW_BYTES)
    (row,) = _ROW.unpack_from(table, start)
    place, knocks, count = place_of(row, mark, _ENTRY_BYTES), False, 1
    if place is not None:
        _, seen = _ENTRY.unpack_from(row, place)
        since_ms = now_ms - (seen >> _COUNT_BITS)
        if since_ms < FORGOTTEN_MS:  # in the past of a clock that stepped back as well
            count = min((seen & _COUNT_MAX) + 1, _COUNT_MAX)
            knocks = since_ms >= after_ms and count <= most
    _ROW.pack_into(table, start, to_front(row, _ENTRY.pack(mark, now_ms << _COUNT_BITS | count), place))
    return knocks


_note = note_row or note_in_python
