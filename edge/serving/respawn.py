"""When a worker that died is started again: always, at once the first time, and after growing pauses if it goes on dying.

Granian itself ends the whole server, healthy workers included, when one dies twice within seconds. A number that is silent
for a moment is better than one that is gone. Pure: it takes instants in seconds and reads no clock.
"""

PAUSE_S = 1.0
PAUSE_MAX_S = 30.0
STEADY_S = 60.0
"""Whoever has lived so long did not die of how it was started."""


class Respawn:
    """The workers that died, and the instant at which each is due again."""

    def __init__(self) -> None:
        self._born_s: dict[int, float] = {}
        self._pauses_s: dict[int, float] = {}
        self._due_s: dict[int, float] = {}

    def died(self, worker: int, now_s: float) -> float:
        """Note a death, and return the pause before the next start."""
        lived_s = now_s - self._born_s.get(worker, -STEADY_S)
        before_s = self._pauses_s.get(worker)
        is_first = before_s is None or lived_s >= STEADY_S
        pause_s = 0.0 if is_first else min(PAUSE_MAX_S, max(PAUSE_S, 2 * (before_s or 0.0)))
        self._pauses_s[worker] = pause_s
        self._due_s[worker] = now_s + pause_s
        return pause_s

    def take_due(self, now_s: float) -> list[int]:
        """Return the workers to be started now; they count as born."""
        due = sorted(worker for worker, due_s in self._due_s.items() if due_s <= now_s)
        for worker in due:
            del self._due_s[worker]
            self._born_s[worker] = now_s
        return due

    def wait_s(self, now_s: float) -> float | None:
        """Return how long nothing is due; None if nobody is."""
        return max(0.0, min(self._due_s.values()) - now_s) if self._due_s else None

    def forget(self) -> None:
        """Begin anew: a reload replaces all workers, and may bring what mends them."""
        for known in (self._born_s, self._pauses_s, self._due_s):
            known.clear()
