"""Kept: a record of a part of the window, from which the part can be restored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar, runtime_checkable

K = TypeVar("K", bound="Kept")
MEMORY_ONLY: Mapping[str, bool] = {"memory_only": True}  # metadata of a field that JSON leaves out


@dataclass(frozen=True)
class Kept:
    """A record of numbers, strings, truth values, None, and tuples of these.

    Fields with the metadata MEMORY_ONLY hold values too large for JSON. The record is complete without them.
    """

    def as_json(self) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in fields(self) if "memory_only" not in each.metadata}

    @classmethod
    def from_json(cls: type[K], values: dict[str, Any]) -> K:
        return cls(**{name: _with_tuples(value) for name, value in values.items()})


def _with_tuples(value: Any) -> Any:
    return tuple(_with_tuples(each) for each in value) if isinstance(value, list) else value


@runtime_checkable
class Keeper(Protocol):
    @property
    def kept_as(self) -> str:
        """The name of this part in a record of the window, or empty to keep nothing."""

    def kept(self) -> Kept: ...

    def take_back(self, kept: Kept) -> None: ...
