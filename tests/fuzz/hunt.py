"""A hunt: one check on a corpus of nasty inputs, and then on whatever Hypothesis makes up, for as long as is asked.

1. `FUZZ_SECONDS` says how long each target is hunted at least (`make fuzz`); without it some hundred examples are tried,
   under torture some thousand.
2. What breaks a check is kept in `.hypothesis` and tried first the next time; what was mended belongs into the corpus.
"""

import functools
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from tests.torture import rounds

EXAMPLES = rounds(80, many=1_500)
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))


def hunt(check: Callable[[Any], object], strategy: SearchStrategy[Any], corpus: Iterable[Any] = ()) -> int:
    """Try a check on the corpus and on examples; return how many inputs it has withstood."""
    tried = 0

    @functools.wraps(check)
    def counted(*case: Any, **named: Any) -> None:
        nonlocal tried
        tried += 1
        check(*case, **named)

    for case in corpus:
        counted(case)
    one_round = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))(given(strategy)(counted))
    until_s = time.monotonic() + SECONDS
    one_round()
    while time.monotonic() < until_s:
        one_round()
    sys.stdout.write(f"{check.__module__}.{check.__name__}: {tried:,} inputs\n")
    return tried
