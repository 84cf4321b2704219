"""The clock of the workers and the commands."""

import time


def clock() -> int:
    """Return the wall clock in milliseconds: states outlive the process, so they need an epoch."""
    return time.time_ns() // 1_000_000
