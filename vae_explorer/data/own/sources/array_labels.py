"""Labels in arrays: numbers, texts, one-hot rows and several numbers an image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.sources.rows import ArrayFile
from vae_explorer.errors import UserError

_MOST_NUMBERS = 64  # of one array for each image; each number becomes a column
_MOST_LETTERS = 1 << 30  # bytes of an array of labels


@dataclass(slots=True)
class Labels:
    """Texts of label columns, by name, and the arrays that they come from."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, ColumnKind] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)  # names of arrays


def labels_of(
    parts: Sequence[Mapping[str, ArrayFile]], images: str, counts: Sequence[int], names: Mapping[str, ArrayFile]
) -> Labels:
    """Return the labels of images whose parts have `counts` entries. Raises `UserError` on a damaged array.

    An array is a label if it stands in every part with an entry for each image. `names` may hold the names of classes.
    """
    labels = Labels()
    for name in parts[0]:
        arrays = [part[name] for part in parts if name in part]
        fits = len(arrays) == len(parts) and all(_fits(each, count) for each, count in zip(arrays, counts, strict=True))
        if name != images and fits and _add(labels, name, np.concatenate([_loaded(each) for each in arrays])):
            labels.used |= {each.name for each in arrays}
    _name_classes(labels, names)
    return labels


def _fits(array: ArrayFile, images: int) -> bool:
    shape = array.shape
    return len(shape) in (1, 2) and shape[0] == images and (len(shape) == 1 or shape[1] > 0) and array.size <= _MOST_LETTERS


def _add(labels: Labels, name: str, values: NDArray[Any]) -> bool:
    """Add the columns of an array; tell whether there are any."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 1:
        labels.texts[name] = _texts(values)
    elif _is_one_hot(values):
        labels.texts[name] = _texts(values.argmax(axis=1))
        labels.kinds[name] = ColumnKind.CATEGORICAL
    elif values.shape[1] <= _MOST_NUMBERS:
        labels.texts |= {f"{name} {place}": _texts(values[:, place]) for place in range(values.shape[1])}
    else:
        return False
    return True


def _is_one_hot(values: NDArray[Any]) -> bool:
    if values.dtype.kind not in "biuf":
        return False
    return bool(((values == 0) | (values == 1)).all() and (np.count_nonzero(values, axis=1) == 1).all())


def _texts(values: NDArray[Any]) -> list[str]:
    if values.dtype.kind == "S":
        return [each.decode(errors="replace") for each in values.tolist()]
    if values.dtype.kind == "f" and np.isfinite(values).all() and (values == np.rint(values)).all():
        values = values.astype(np.int64)
    return [str(each) for each in values.tolist()]


def _name_classes(labels: Labels, arrays: Mapping[str, ArrayFile]) -> None:
    """Replace numbers by names where an array of texts has a name for each number of a label."""
    for name, array in arrays.items():
        if array.dtype.kind not in "US" or len(array.shape) != 1 or name in labels.used or array.size > _MOST_LETTERS:
            continue
        names = _texts(_loaded(array))
        for column, texts in labels.texts.items():
            numbers = set(texts)
            if numbers <= set(map(str, range(len(names)))) and len(numbers) > 1:
                labels.texts[column] = [names[int(text)] for text in texts]
                labels.kinds[column] = ColumnKind.CATEGORICAL
                labels.used.add(name)
                break


def _loaded(array: ArrayFile) -> NDArray[Any]:
    try:
        return array.loaded()
    except (OSError, ValueError, EOFError) as error:
        raise UserError(f"the labels {array.name} in {array.path} cannot be read: {error}; save them again") from error
