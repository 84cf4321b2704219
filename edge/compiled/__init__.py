"""What of the worker is compiled, where somebody's compiler was there.

Forms are taken apart in one pass (`onepass.c`), and rows of tables say who was seen (`rows.c`). Each does as the Python beside it
(:mod:`edge.providers.forms`, :mod:`edge.core.seen`), which stands for it where it was not compiled, or where `ANTIRELOU_PYTHON` is
set, whatever to: that is for tests of the Python.
"""

import importlib
import os
from collections.abc import Callable
from types import ModuleType

OnePass = Callable[[bytes, tuple[bytes, ...]], tuple[bytes, tuple[bytes | None, ...]] | None]
"""Returns what is signed of a form, and the values of names in it, None for a missing one; None for an unusual form."""
See = Callable[[memoryview, bytes], bool]
"""Notes a mark of eight bytes in a table, and returns whether it was known."""
Note = Callable[[memoryview, bytes, int, int, int], bool]
"""Notes in a table that somebody has written, and returns whether they knock."""


def find(name: str) -> ModuleType | None:
    """Return a module that was compiled, if it was and may be used."""
    if os.environ.get("ANTIRELOU_PYTHON"):
        return None
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ImportError:
        return None


_forms, _rows = find("onepass"), find("rows")
one_pass: OnePass | None = None if _forms is None else _forms.read
see_row: See | None = None if _rows is None else _rows.see
note_row: Note | None = None if _rows is None else _rows.note
