"""Kept: what a part of the window writes down, so that it can be the same again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol, TypeVar

K = TypeVar("K", bound="Kept")
BESIDE: Mapping[str, bool] = {"beside": True}  # metadata of a field that stays in memory


@dataclass(frozen=True)
class Kept:
    """A record of numbers, strings, truth values, None, and tuples of these.

    A field with the metadata BESIDE refers to values that are too large for JSON. The record is complete without such fields.
    """

    def as_json(self) -> dict[str, Any]:
        """Return what `json.dumps` takes."""
        return {each.name: getattr(self, each.name) for each in fields(self) if "beside" not in each.metadata}

    @classmethod
    def from_json(cls: type[K], values: dict[str, Any]) -> K:
        """Return the record of what `json.loads` has read."""
        return cls(**{name: _with_tuples(value) for name, value in values.items()})


def _with_tuples(value: Any) -> Any:
    return tuple(_with_tuples(each) for each in value) if isinstance(value, list) else value


class Keeper(Protocol):
    """A part of the window that can be written down."""

    @property
    def kept_as(self) -> str:
        """The name of this part in a record of the whole window; empty where there is nothing to keep."""

    def kept(self) -> Kept:
        """What `take_back` needs to make this part as it is now."""

    def take_back(self, kept: Kept) -> None:
        """Be again as `kept` says, as far as the model on screen allows it."""
