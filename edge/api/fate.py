"""What became of a call to somebody else's server, as far as one can know it. Values only: no address, no secret in them."""

from enum import StrEnum

import msgspec


class Reached(StrEnum):
    """How far a call got: whoever repeats it has to know whether it may have been done."""

    DONE = "done"
    """The server said so."""
    NOT_SENT = "not_sent"
    """Nothing has reached the server."""
    REFUSED = "refused"
    """The server has said no, and will say it again: the address or the secret is wrong."""
    BUSY = "busy"
    """The server has not done it, and may do it later."""
    UNKNOWN = "unknown"
    """It was sent, and nobody knows whether it was done."""


class Fate(msgspec.Struct, frozen=True):
    """What became of a call, and what to say of it: one line for the operator, without address and secret."""

    reached: Reached
    said: str


_TOO_MANY, _REQUEST_TIMEOUT = 429, 408


def fate_of(status: int) -> Fate:
    """Return what an HTTP status says of a call; a redirect is not followed, since it would take secrets elsewhere."""
    said = f"answered {status}"
    if 200 <= status < 300:  # noqa: PLR2004 — the statuses of success
        return Fate(Reached.DONE, said)
    if 300 <= status < 400:  # noqa: PLR2004 — those of redirects
        return Fate(Reached.REFUSED, f"{said}, a redirect, which is not followed: write the address that it leads to")
    if status in {_TOO_MANY, _REQUEST_TIMEOUT}:
        return Fate(Reached.BUSY, said)
    return Fate(Reached.REFUSED if status < 500 else Reached.UNKNOWN, said)  # noqa: PLR2004 — 5xx: the server's own fault
