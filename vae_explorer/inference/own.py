"""Makes a model, and a data set, of functions and arrays that a person gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.data.columns import ColumnKind, Columns
from vae_explorer.data.own.labels import columns_of
from vae_explorer.errors import UserError
from vae_explorer.inference.given import numbers
from vae_explorer.inference.trained import to_pixels
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.callers import Function
from vae_explorer.models.own.finding import Found, find_out
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.making import live_model
from vae_explorer.models.own.own_images import OwnImages, own_images
from vae_explorer.shapes import ImageShape

_LABEL = "label"


@dataclass(frozen=True, slots=True)
class OwnModel:
    """A model of a person's functions, and the images whose codes it has."""

    file: ModelFile
    dataset: Dataset | None


def model_of(
    decode: Function,
    encode: Function | None = None,
    images: Any = None,
    labels: ArrayLike | Mapping[str, ArrayLike] | None = None,
    name: str = "own model",
    given: Given | None = None,
) -> OwnModel:
    """Find out what functions take and give, and encode the images.

    `labels` are (n,) numbers or texts, or several such columns by name. Raises `UserError` with one line.
    """
    given = given or Given()
    for what, function in (("decode", decode), ("encode", encode)):
        if function is not None and not callable(function):
            raise UserError(f"{what} must be a function that can be called, not a {type(function).__name__}")
    if labels is not None and images is None:
        raise UserError("labels were given without images; give images, too")
    seen = None if images is None else own_images(images, given.image_shape)
    found = find_out(decode, encode, seen, given)
    return with_codes(name, found, given, seen, labels)


def with_codes(
    name: str, found: Found, given: Given, seen: OwnImages | None, labels: ArrayLike | Mapping[str, ArrayLike] | None
) -> OwnModel:
    """Return a model of functions that were called, with the codes of its images."""
    if seen is None:
        return OwnModel(live_model(name, found, given), None)
    columns = _columns(labels, len(seen))
    kind = columns.the_class
    classes = kind.classes if kind is not None else ()
    label = kind.labels if kind is not None else np.zeros(len(seen), np.uint8)
    file = live_model(name, found, given, seen, label, classes)
    pixels = _pixels(seen, file.card.spec.image_shape)
    train = ImageSet(pixels[:0], label[:0])
    return OwnModel(file, Dataset(train, ImageSet(pixels, label), columns=columns))


def _columns(labels: ArrayLike | Mapping[str, ArrayLike] | None, n: int) -> Columns:
    named = {} if labels is None else labels if isinstance(labels, Mapping) else {_LABEL: labels}
    arrays = {name: _array(name, values, n) for name, values in named.items()}
    kinds = {name: ColumnKind.CONTINUOUS for name, array in arrays.items() if _is_measured(array)}
    if not isinstance(labels, Mapping):
        kinds = {name: kinds.get(name, ColumnKind.CATEGORICAL) for name in arrays}
    return columns_of({name: [str(each) for each in array.tolist()] for name, array in arrays.items()}, kinds, None)


def _array(name: str, values: ArrayLike, n: int) -> NDArray[Any]:
    array = np.asarray(values) if np.asarray(values).dtype.kind in "UO" else numbers(values, f"labels {name!r}")
    if array.shape != (n,):
        raise UserError(f"labels {name!r} have shape {array.shape}, and there are {n} images; give one label for each image")
    whole = array.dtype.kind == "f" and not _is_measured(array)
    return array.astype(np.int64) if whole else array


def _is_measured(array: NDArray[Any]) -> bool:
    """Whether numbers are no whole numbers, and so no classes."""
    return array.dtype.kind == "f" and not bool((array == np.rint(array)).all())


def _pixels(images: OwnImages, shape: ImageShape) -> NDArray[np.uint8]:
    return to_pixels(images.unit(shape).numpy()).reshape(-1, *shape)
