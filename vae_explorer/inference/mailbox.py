"""A mailbox between two threads in which the latest request of each kind wins."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Holds one unread letter a key.

    A newer letter replaces it; the order of the keys is the urgency.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        self._order = tuple(keys)
        self._letters: dict[str, T] = {}
        self._changed = threading.Condition()
        self._closed = False

    def post(self, key: str, letter: T) -> None:
        """Post a letter, in microseconds, without waiting. Raises `KeyError` on an unknown key."""
        if key not in self._order:
            raise KeyError(key)
        with self._changed:
            self._letters[key] = letter
            self._changed.notify()

    def take(self) -> T | None:
        """Wait for a letter and return the most urgent letter. None once the mailbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or bool(self._letters))
            return None if self._closed else self._most_urgent(self._order)

    def take_before(self, key: str) -> T | None:
        """Return the most urgent letter above `key`, or None, without waiting."""
        with self._changed:
            return None if self._closed else self._most_urgent(self._order[: self._order.index(key)])

    def is_overtaken(self, key: str, seconds: float) -> bool:
        """Wait up to `seconds` before work under `key`; True as soon as the work is unwanted."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or key in self._letters, seconds)

    def is_stale(self, key: str) -> bool:
        """Tell whether work under `key` is unwanted, by a newer letter or a closed mailbox."""
        with self._changed:
            return self._closed or key in self._letters

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _most_urgent(self, keys: Sequence[str]) -> T | None:
        for key in keys:
            if key in self._letters:
                return self._letters.pop(key)
        return None
