"""Decides whether a ledger is asked at all: a flood meets a dead disk or a silent server at memory speed, not at its time limit.

1. While it answers, everybody may ask.
2. After a failure nobody may for RETRY_S, and then one. Whoever comes while that one waits is refused as well.
3. The first answer lets everybody in again.
"""

from edge.errors import LedgerDown

RETRY_S = 0.25


class Breaker:
    """One worker's knowledge of its ledger's health. Instants are those of the event loop, in seconds."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        """The time for the one that tries; after that it is somebody else's turn."""
        self._complaint: str | None = None
        self._next_try = 0.0

    def enter(self, now: float) -> None:
        """Let a question through, or raise LedgerDown."""
        if self._complaint is None:
            return
        if now < self._next_try:
            raise LedgerDown(self._complaint)
        self._next_try = now + self._patience_s

    def failed(self, now: float, complaint: str) -> None:
        """Keep everybody out."""
        self._complaint = complaint
        self._next_try = now + RETRY_S

    def worked(self) -> None:
        """Let everybody in."""
        self._complaint = None
