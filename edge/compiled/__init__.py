"""What of the worker is compiled, where somebody's compiler was there: forms taken apart in one pass (`onepass.c`).

It reads as the Python beside it does (:mod:`edge.providers.forms`), which stands for it where it was not compiled, or where
`ANTIRELOU_PYTHON_FORMS` is set, whatever to: that is for tests of the Python.
"""

import os
from collections.abc import Callable

OnePass = Callable[[bytes, tuple[bytes, ...]], tuple[bytes, tuple[bytes | None, ...]] | None]
"""Returns what is signed of a form, and the values of names in it, None for a missing one; None for an unusual form."""


def find() -> OnePass | None:
    """Return what was compiled, if it was and may be used."""
    if os.environ.get("ANTIRELOU_PYTHON_FORMS"):
        return None
    try:
        from edge.compiled.onepass import read  # noqa: PLC0415 — it may be missing
    except ImportError:
        return None
    return read


one_pass = find()
