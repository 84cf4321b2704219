"""Buckets in memory, forgotten exactly when they equal a fresh one.

Two generations of a dict. An entry that was not written for `lifetime_ms` holds a value that decides like none at all, so
turning the generations over once per lifetime drops nothing that matters, in constant time and without a sweep.

A refusal never writes, so the table holds at most what was granted in two generations.
"""

from typing import Generic, TypeVar

Key = TypeVar("Key", bytes, str)


class Generations(Generic[Key]):
    """A mapping of keys to positive integers; a key that is not there has 0."""

    def __init__(self, lifetime_ms: int) -> None:
        self._lifetime_ms = lifetime_ms
        self._young: dict[Key, int] = {}
        self._old: dict[Key, int] = {}
        self._turned_ms = 0

    def __len__(self) -> int:
        return len(self._young.keys() | self._old.keys())

    def get(self, key: Key) -> int:
        """Return the value of a key, or 0."""
        return self._young.get(key) or self._old.get(key, 0)

    def put(self, key: Key, value: int, now_ms: int) -> None:
        """Keep a value for at least a lifetime from now."""
        if now_ms - self._turned_ms >= self._lifetime_ms:
            self._old = self._young if now_ms - self._turned_ms < 2 * self._lifetime_ms else {}
            self._young = {}
            self._turned_ms = now_ms
        self._young[key] = value

    def drop(self, key: Key) -> None:
        """Forget a key."""
        self._young.pop(key, None)
        self._old.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._young = {}
        self._old = {}
        self._turned_ms = 0
