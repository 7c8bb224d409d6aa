"""A mailbox in which the latest request of each kind wins. Shared by the thread that asks and the one that answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """One place a key. Posting to a key replaces what lies there unread; taking goes by the order of the keys, first one first."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._order = tuple(keys)
        self._letters: dict[str, T] = {}
        self._changed = threading.Condition()
        self._closed = False

    def post(self, key: str, letter: T) -> None:
        """Microseconds; never waits for the reader. Raises `KeyError` on a key that has no place in the order."""
        if key not in self._order:
            raise KeyError(key)
        with self._changed:
            self._letters[key] = letter
            self._changed.notify()

    def take(self) -> T | None:
        """The most urgent letter; waits for one. None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._letters))
            return None if self._closed else self._most_urgent(self._order)

    def take_before(self, key: str) -> T | None:
        """The most urgent letter more urgent than `key`, or None; does not wait."""
        with self._changed:
            return None if self._closed else self._most_urgent(self._order[: self._order.index(key)])

    def is_overtaken(self, key: str, seconds: float) -> bool:
        """Wait for so long before work under `key`; whether it is no longer wanted then, which ends the wait."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or key in self._letters, seconds)

    def is_stale(self, key: str) -> bool:
        """Whether work under `key` is no longer wanted: a newer letter has come, or the mailbox is closed."""
        with self._changed:
            return self._closed or key in self._letters

    def close(self) -> None:
        """Wake the reader for good."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _most_urgent(self, keys: Sequence[str]) -> T | None:
        for key in keys:
            if key in self._letters:
                return self._letters.pop(key)
        return None
