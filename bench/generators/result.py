"""What one generator came to in one run. A value only."""

import msgspec


class Result(msgspec.Struct, frozen=True):
    """One generator, once."""

    messages: int
    seconds: float
    cpu_s: float
    p95_ms: float = 0.0
    p99_ms: float = 0.0
    lag_p99_ms: float = 0.0
