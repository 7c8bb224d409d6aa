"""Turns the texts of a table, or the names of folders, into label columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.columns import MISSING, Column, ColumnKind, Columns, Texts
from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS

CLASS_WORDS = ("class", "label", "labels", "target", "targets", "category", "y", "classes", "species", "diagnosis")
NO_COLUMN = "none"  # what a person writes for a set without a class
_MOST_CLASSES = LIMITS["classes"].most
_FEW = 20  # whole numbers of so many values are categories
_ABSENT = {"", "na", "n/a", "nan", "null"}
_UNIT = re.compile(r"(.*\S)\s*[\[(]([^\[\]()]+)[\])]")
_COMMA = re.compile(r"[+-]?\d+(,\d+)?")
_DIGITS = re.compile(r"(\d+)")
_NOUGHT = Decimal(0)
NaturalKey = tuple[tuple[int, Decimal, str], ...]


def columns_of(
    labels: Mapping[str, Sequence[str]],
    kinds: Mapping[str, ColumnKind],
    class_name: str | None,
    wanted: str | None = None,
    asked: Mapping[str, ColumnKind] = MappingProxyType({}),
) -> Columns:
    """Return the columns of `labels`, an entry for each image.

    The source knows some `kinds`, and the person asked for others. The class is the column `wanted`, none for NO_COLUMN; without a
    wish it is `class_name`, else the column with a usual name, else the only categorical column. Raises `UserError` if a column
    does not exist or cannot have the kind.
    """
    kinds = {**kinds, **{_named(name, labels): kind for name, kind in asked.items()}}
    if wanted not in (None, NO_COLUMN):
        wanted = _named(wanted, labels)
        kinds = {**kinds, wanted: ColumnKind.CATEGORICAL}
    columns = tuple(column_of(name, texts, kinds.get(name)) for name, texts in labels.items())
    if wanted == NO_COLUMN:
        return Columns(columns)
    if wanted is not None:
        return Columns(columns, columns[list(labels).index(wanted)].name)
    return Columns(columns, class_name or _usual_class(columns))


def column_of(name: str, texts: Sequence[str], kind: ColumnKind | None = None) -> Column:
    """Return a column of the kind that `texts` look like, or of `kind`. A name "age [years]" gives a unit."""
    present = [text.strip() for text in texts]
    present = ["" if text.casefold() in _ABSENT else text for text in present]
    bare, unit = _split_unit(name)
    numbers = _numbers(present)
    kind = kind or _kind(name, bool(unit), present, numbers)
    if kind is ColumnKind.CONTINUOUS:
        if numbers is None:
            raise UserError(f"column {name} holds values that are no numbers; leave it categorical or text")
        return Column(bare, kind, numbers, unit=unit)
    if kind is ColumnKind.TEXT:
        return Column(name, kind, Texts.of(texts))
    return _categorical(name, present)


def natural(text: str) -> NaturalKey:
    """Return a key that sorts "2" before "10", and "a2" before "a10"."""
    parts = _DIGITS.split(text.casefold())
    # `int` refuses texts of more than 4,300 digits.
    return tuple((1, Decimal(part), part) if place % 2 else (0, _NOUGHT, part) for place, part in enumerate(parts) if part)


def _categorical(name: str, present: Sequence[str]) -> Column:
    names = sorted({_printable(text) for text in present if text}, key=lambda text: (_number(text), natural(text), text))
    if len(names) > _MOST_CLASSES:
        raise UserError(f"column {name} has {len(names):,} values, and at most {_MOST_CLASSES:,} classes are possible")
    places = {text: place for place, text in enumerate(names)} | {"": MISSING}
    values = np.array([places[_printable(text)] for text in present], np.int32)
    return Column(name, ColumnKind.CATEGORICAL, values, tuple(names))


def _kind(name: str, has_unit: bool, present: Sequence[str], numbers: NDArray[np.float64] | None) -> ColumnKind:
    values = {text for text in present if text}
    count = len(present) - present.count("")
    if name.casefold() in CLASS_WORDS and 0 < len(values) <= _MOST_CLASSES:
        return ColumnKind.CATEGORICAL
    if numbers is not None and values:
        whole = bool((np.rint(numbers) == numbers)[~np.isnan(numbers)].all())
        few = len(values) <= min(_FEW, count // 2)
        return ColumnKind.CATEGORICAL if whole and few and not has_unit else ColumnKind.CONTINUOUS
    return ColumnKind.CATEGORICAL if 2 <= len(values) <= min(count // 2, _MOST_CLASSES) else ColumnKind.TEXT


def _numbers(present: Sequence[str]) -> NDArray[np.float64] | None:
    """Return the numbers of a column, NaN where missing; None if any text is no number.

    A comma may stand for the decimal point.
    """
    if any("," in text for text in present) and all(_COMMA.fullmatch(text) for text in present if text):
        present = [text.replace(",", ".") for text in present]
    try:
        numbers = np.array([float(text) if text else math.nan for text in present])
    except ValueError:
        return None
    return np.where(np.isfinite(numbers), numbers, math.nan)


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return math.inf
    return number if math.isfinite(number) else math.inf


def _usual_class(columns: Sequence[Column]) -> str | None:
    categorical = [column.name for column in columns if column.kind is ColumnKind.CATEGORICAL]
    for word in CLASS_WORDS:
        for name in categorical:
            if name.casefold() == word:
                return name
    return categorical[0] if len(categorical) == 1 else None


def _named(wanted: str, labels: Mapping[str, Sequence[str]]) -> str:
    for name in labels:
        if wanted in (name, _split_unit(name)[0]):
            return name
    raise UserError(f"there is no column {wanted!r}; known: {', '.join(labels) or NO_COLUMN}")


def _split_unit(name: str) -> tuple[str, str]:
    match = _UNIT.fullmatch(name.strip())
    return (match[1], match[2].strip()) if match else (name, "")


def _printable(text: str) -> str:
    """Return `text` without halves of characters, which a model file cannot hold."""
    return text.encode(errors="replace").decode()
