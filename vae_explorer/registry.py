"""A table of named things, such as families and data sets."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, Generic, TypeVar

from vae_explorer.errors import UserError
from vae_explorer.foreign import short

T = TypeVar("T")


class Registry(Generic[T]):
    """Names and their items in order of registration.

    Refuses duplicates and explains unknown names.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._items: dict[str, T] = {}

    def register(self, name: str, item: T) -> T:
        """Add `item`. Raises `ValueError` if `name` is taken."""
        if name in self._items:
            raise ValueError(f"{self._kind} {name!r} is registered twice")
        self._items[name] = item
        return item

    def remove(self, name: str) -> None:
        """Forget the item called `name`. Raises `KeyError` if there is none."""
        del self._items[name]

    def __getitem__(self, name: str) -> T:
        """Return the item called `name`. Raises `UserError` that lists the known names."""
        try:
            return self._items[name]
        except KeyError:
            known = ", ".join(sorted(self._items))
            raise UserError(f"unknown {self._kind} {short(name)!r}; known: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __contains__(self, name: str) -> bool:
        return name in self._items

    def names(self) -> list[str]:
        return list(self._items)


def resolve(target: str) -> Any:
    """Import the module of 'package.module:name' now, and return the named object."""
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
