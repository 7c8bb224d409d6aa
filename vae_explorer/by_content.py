"""Equality by content for dataclasses that hold arrays.

A dataclass compares arrays with `==`; this gives an array instead of one answer, and raises.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np


class ByContent:
    """A base for dataclasses with `eq=False`: values are equal if all their fields are equal.

    Arrays are equal in type, shape and every number, where NaN equals NaN. The values cannot be keys of a dict.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self is other or all(_same(getattr(self, each.name), getattr(other, each.name)) for each in fields(self))  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]


def _same(one: Any, other: Any) -> bool:
    if not isinstance(one, np.ndarray):
        return bool(one == other)
    return one is other or (one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f"))
