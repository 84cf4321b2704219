"""A row of a table of fixed size, in which entries stand in the order of their last note: what the two tables have in common.

The same is compiled, where it could be (`edge/compiled/rows.c`).
"""


def start_of(table: memoryview, number: int, row_bytes: int) -> int:
    """Return where the row begins to which a number leads, in a table whose rows are a power of two."""
    return (number & len(table) // row_bytes - 1) * row_bytes


def place_of(row: bytes, mark: bytes, entry_bytes: int) -> int | None:
    """Return where the entry that begins with a mark stands in a row; None if there is none."""
    place = row.find(mark)
    while place >= 0 and place % entry_bytes:
        place = row.find(mark, place + 1)
    return place if place >= 0 else None


def to_front(row: bytes, entry: bytes, place: int | None) -> bytes:
    """Return a row with an entry in front, in the place of another one, or of the last one if nobody's is given up."""
    out = len(row) - len(entry) if place is None else place
    return entry + row[:out] + row[out + len(entry) :]
