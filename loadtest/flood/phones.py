"""Made-up telephone numbers: every phase of a flood has ten million of its own, and so has a trace."""

from loadtest.flood.mobiles import MOBILES

PHASE_NUMBERS = 10_000_000
"""How many numbers a phase may use before it meets those of another."""
_NUMBER_DIGITS = 11
"""Of a made-up number of no country, country code included."""
_BLOCK_NUMBERS = _BLOCKS = 10_000
_PHASE_BLOCKS = PHASE_NUMBERS // _BLOCK_NUMBERS
_BLOCK_SPREAD = 7_919
"""Coprime to ten as well."""
_SPREAD = 7_368_787
"""Coprime to every power of ten, so that multiplying by it visits every number once and scatters neighbours."""


def scattered(prefix: str, home: int, k: int) -> str:
    """Return a phase's k-th number: no two alike, and neighbours far apart."""
    return number(prefix, (home * PHASE_NUMBERS + k + 1) * _SPREAD)


def in_blocks(prefix: str, home: int, blocks: int, k: int) -> str:
    """Return a phase's k-th number where it has them in so many blocks, one after the other; no two blocks are neighbours."""
    block = home * _PHASE_BLOCKS + k % blocks + 1
    return number(prefix, block * _BLOCK_SPREAD % _BLOCKS * _BLOCK_NUMBERS + k // blocks)


def number(prefix: str, suffix: int) -> str:
    """Return the number with a prefix whose other digits are, or end like, a suffix: as long as a mobile there."""
    digits = max(1, len(_mobile(prefix)) - len(prefix))
    return f"{prefix}{suffix % 10**digits:0{digits}}"


def somebody(prefix: str) -> str:
    """Return a number with a prefix that a person can have: a mobile, if the prefix allows it."""
    mobile = _mobile(prefix)
    return mobile if mobile.startswith(prefix) else number(prefix, int(mobile[1:]))


def _mobile(prefix: str) -> str:
    """Return a mobile of the country that a prefix is in, or begins."""
    digits = prefix.removeprefix("+")
    code = next((code for code in MOBILES if digits.startswith(code) or code.startswith(digits)), "")
    return f"+{code}{MOBILES[code]}" if code else "+" + "0" * _NUMBER_DIGITS
