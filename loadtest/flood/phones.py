"""Made-up telephone numbers: every phase of a flood has ten million of its own, and so has a trace."""

PHASE_NUMBERS = 10_000_000
"""A phase may use so many numbers before it meets those of another."""
NUMBER_DIGITS = 11
"""The digits of a made-up number, country code included."""
_SPREAD = 7_368_787
"""Coprime to every power of ten, so that multiplying by it visits every number once and scatters neighbours."""


def scattered(prefix: str, home: int, k: int) -> str:
    """Return a phase's k-th number: no two alike, and neighbours far apart."""
    return number(prefix, (home * PHASE_NUMBERS + k + 1) * _SPREAD)


def number(prefix: str, suffix: int) -> str:
    """Return the number with a prefix whose other digits are, or end like, a suffix."""
    digits = NUMBER_DIGITS + 1 - len(prefix)
    return f"{prefix}{suffix % 10**digits:0{digits}}"
