"""Labels of a data set: columns of categories, numbers or texts, with missing values.

One column may be the class. A data set without labels has no columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent
from vae_explorer.codes import UNKNOWN, Labels
from vae_explorer.errors import UserError
from vae_explorer.kinds import Word

MISSING = -1  # the number of a missing category
_TURNS = dict.fromkeys(("°", "deg", "degree", "degrees"), 360.0) | dict.fromkeys(("rad", "radian", "radians"), math.tau)
_ROUNDING = 1e-6  # share of a turn by which numbers of 32 bits may exceed it


class ColumnKind(Word):
    """What the values of a column are."""

    CATEGORICAL = "categorical"
    CONTINUOUS = "continuous"
    TEXT = "text"


@dataclass(frozen=True, slots=True, eq=False)
class Texts(ByContent, Sequence[str]):
    """Texts of any length in two arrays, which may be mapped from files."""

    letters: NDArray[np.uint8]  # all texts in UTF-8, one after another
    ends: NDArray[np.int64]  # (n,) where each text ends in `letters`

    @staticmethod
    def of(texts: Sequence[str]) -> Texts:
        encoded = [text.encode(errors="surrogateescape") for text in texts]
        letters = np.frombuffer(b"".join(encoded), np.uint8)
        return Texts(letters, np.cumsum([len(text) for text in encoded], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.ends)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[each] for each in range(*row.indices(len(self)))]
        place = range(len(self))[row]
        start = int(self.ends[place - 1]) if place else 0
        return self.letters[start : int(self.ends[place])].tobytes().decode(errors="surrogateescape")


Values = NDArray[Any] | Texts


@dataclass(frozen=True, slots=True, eq=False)
class Column(ByContent):
    """One label of every image. `values` depend on `kind`.

    Categorical: (n,) int32 places in `names`, or `MISSING`. Continuous: (n,) float64, NaN where missing. Text: `Texts`, "" where
    missing.
    """

    name: str
    kind: ColumnKind
    values: Values
    names: tuple[str, ...] = ()  # of the categories
    unit: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def is_sound(self) -> bool:
        """Return whether the values are of the kind."""
        if self.kind is ColumnKind.TEXT or isinstance(self.values, Texts):
            return self.kind is ColumnKind.TEXT and isinstance(self.values, Texts)
        values = np.asarray(self.values)
        numbers = "iuf" if self.kind is ColumnKind.CONTINUOUS else "iu"
        if values.ndim != 1 or values.dtype.kind not in numbers:
            return False
        is_number = self.kind is ColumnKind.CONTINUOUS or not len(values)
        return is_number or bool(values.min() >= MISSING and values.max() < len(self.names))

    @property
    def missing(self) -> int:
        """Return the number of images without a value."""
        if isinstance(self.values, Texts):
            starts = np.concatenate([[0], self.values.ends[:-1]]) if len(self.values) else self.values.ends
            return int(np.count_nonzero(starts == self.values.ends))
        absent = np.isnan(self.values) if self.kind is ColumnKind.CONTINUOUS else self.values == MISSING
        return int(np.count_nonzero(absent))

    @property
    def range(self) -> tuple[float, float] | None:
        """Return the least and the largest number of a continuous column; None without numbers."""
        if self.kind is not ColumnKind.CONTINUOUS or self.missing == len(self):
            return None
        return float(np.nanmin(self.values)), float(np.nanmax(self.values))

    @property
    def turn(self) -> tuple[float, float] | None:
        """Return start and size of the turn whose ends are equal, such as 0 and 360; None for numbers that are no angles.

        Angles are in degrees or radians, lie within one turn from 0 or around 0, and over more than a half of it. So longitudes
        are angles on a turn, and latitudes are not.
        """
        span, turn = self.range, _TURNS.get(self.unit.casefold())
        if span is None or turn is None or span[1] - span[0] <= turn / 2:
            return None
        rest = _ROUNDING * turn
        return next(((low, turn) for low in (0.0, -turn / 2) if low - rest <= span[0] and span[1] <= low + turn + rest), None)

    @property
    def classes(self) -> tuple[str, ...]:
        """Return the names of the categories, and `UNKNOWN` after them if values are missing."""
        return (*self.names, UNKNOWN) if self.missing else self.names

    @property
    def labels(self) -> Labels:
        """Return the places (n,) in `classes` of a categorical column. Raises `UserError` on a number without a name."""
        numbers = np.where(self.values == MISSING, len(self.names), self.values)
        if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(self.classes):
            raise UserError(f"column {self.name} has numbers without a name")
        labels: Labels = numbers.astype(np.uint8 if len(self.classes) <= 1 << 8 else np.uint16)
        return labels

    def text(self, row: int) -> str:
        """Return the value of an image as text, with its unit; "" where missing."""
        value = self.values[row]
        if self.kind is ColumnKind.CONTINUOUS:
            return "" if np.isnan(value) else f"{value:.6g} {self.unit}".rstrip()
        if self.kind is ColumnKind.CATEGORICAL:
            return "" if value == MISSING else self.names[int(value)]
        return str(value)

    def rows(self, rows: NDArray[np.int64]) -> Column:
        """Return the column of images `rows`, in that order."""
        if isinstance(self.values, Texts):
            return replace(self, values=Texts.of([self.values[int(row)] for row in rows]))
        return replace(self, values=self.values[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Columns(ByContent):
    """All columns of a data set: of its training images, then of its test images."""

    columns: tuple[Column, ...] = ()
    class_name: str | None = None  # the column that is the class

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        """Return the column called `name`. Raises `UserError` that lists the columns."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns) or "none"
        raise UserError(f"there is no column {name!r}; known: {known}")

    @property
    def the_class(self) -> Column | None:
        """Return the categorical column that is the class, None for a set without classes."""
        return None if self.class_name is None else self[self.class_name]

    def rows(self, rows: NDArray[np.int64]) -> Columns:
        """Return the columns of images `rows`, in that order."""
        return Columns(tuple(column.rows(rows) for column in self.columns), self.class_name)


def is_known(column: Column) -> NDArray[np.bool_]:
    """Return whether each image has a category or a number, (n,)."""
    values = np.asarray(column.values)
    known: NDArray[np.bool_] = values != MISSING if column.kind is ColumnKind.CATEGORICAL else np.isfinite(values)
    return known


def varies(column: Column) -> bool:
    """Return whether a column of categories or numbers has two different values."""
    values = np.asarray(column.values)[is_known(column)]
    return len(values) > 0 and bool((values != values[0]).any())
