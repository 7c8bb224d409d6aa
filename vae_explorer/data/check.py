"""Checks a data set before use: converts unambiguous arrays, refuses others."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.data.columns import ColumnKind, Columns
from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.mapped import is_mapped, release
from vae_explorer.shapes import CHANNELS, SIDES, ImageShape, without_grey_axis, written

MAX_CLASSES = LIMITS["classes"].most  # codes have 16 bits for a class, the evidence's tile names 15
WHITE = 255
CHUNK_BYTES = 1 << 20  # images are checked in chunks of so many bytes
MOST_CONVERTED = 4 << 30  # bytes; largest uint8 copy of a mapped file's images
_WAY_OUT = f"Give uint8 from 0 to {WHITE}, or floats from 0 to 1."


def check_dataset(name: str, dataset: Dataset, shape: ImageShape, classes: int) -> Dataset:
    """Return data set `name` with images (n, H, W, C) uint8 and labels (n,) uint8 or uint16.

    Labels are uint16 beyond 256 `classes`. Accepts images of bool, of integers 0 to 255 and of floats 0 to 1, as (n, H, W, C),
    (n, C, H, W) or (n, H · W · C), and grey images as (n, H, W). Accepts labels of any type with whole numbers from 0 to
    `classes` − 1, and one-hot rows. Correct arrays come back uncopied. Mapped files are read in chunks; mapped uint8 images are
    read up to the first chunk with brightness. The columns stay. Raises `UserError` with one line on everything else.
    """
    _check_sides(name, shape)
    images, labels = [], []
    for split, part in (("training", dataset.train), ("test", dataset.test)):
        what = f"the {split} images of {name}"
        found = as_array(part.images, what)
        if not found.ndim or not len(found):
            raise UserError(f"{name} has no {split} images. Give at least one.")
        found = _shaped(found, shape, what)
        labels.append(_numbers(part.labels, len(found), classes, f"{split} labels of {name}"))
        images.append(_levels(found, what))
    _check_range(name, labels, classes)
    kind = np.uint8 if classes <= 1 << 8 else np.uint16
    parts = (ImageSet(own, label.astype(kind, copy=False)) for own, label in zip(images, labels, strict=True))
    columns = _columns(name, dataset.columns, sum(map(len, images)))
    return Dataset(*parts, columns=columns, channels=_channel_names(name, dataset.channels, shape[2]))


def _channel_names(name: str, channels: Sequence[str], count: int) -> tuple[str, ...]:
    names = tuple(channels)
    if names and (len(names) != count or not all(isinstance(each, str) and each for each in names)):
        raise UserError(f"{name} names {len(names)} channels, and its images have {count}. Give a word for each, or none.")
    return names


def _columns(name: str, columns: Columns, images: int) -> Columns:
    for column in columns:
        if len(column) != images:
            raise UserError(
                f"column {column.name} of {name} has {len(column):,} values for {images:,} images. Give one for each."
            )
        if not column.is_sound:
            raise UserError(
                f"column {column.name} of {name} holds values that are not {column.kind}. See Column for the kinds."
            )
    the_class = columns.the_class
    if the_class is not None and the_class.kind is not ColumnKind.CATEGORICAL:
        raise UserError(f"column {the_class.name} of {name} is {the_class.kind} and cannot be the class. Name another column.")
    return columns


def as_array(values: Any, what: str) -> NDArray[Any]:
    """Return `values` as an array. Raises `UserError` that calls them `what`."""
    # numpy imports `numpy.ma` at its first use, which costs 15 ms. So only subclasses of ndarray are asked for a mask.
    if isinstance(values, np.ndarray) and type(values) not in (np.ndarray, np.memmap) and np.ma.is_masked(values):
        raise UserError(f"{what} have masked values. Fill them.")
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{what} cannot be read as one array ({error}). Give a numpy array.") from error


def _check_sides(name: str, shape: ImageShape) -> None:
    *sides, channels = shape
    if not (SIDES[0] <= min(sides) and max(sides) <= SIDES[1] and CHANNELS[0] <= channels <= CHANNELS[1]):
        raise UserError(
            f"{name} has images of {written(shape)}. Give images of {SIDES[0]} to {SIDES[1]} pixels a side with {CHANNELS[0]} to "
            f"{CHANNELS[1]} channels."
        )


def _shaped(images: NDArray[Any], shape: ImageShape, what: str) -> NDArray[Any]:
    """Reshape images of any accepted shape to (n, H, W, C), without copying."""
    height, width, channels = shape
    given = images.shape[1:]
    if given == shape:
        return images
    if given == (channels, height, width):
        return np.moveaxis(images, 1, -1)
    if given == (math.prod(shape),) or (channels == 1 and given == (height, width)):
        return images.reshape(len(images), *shape)
    wanted = "Give (n, {})".format(", ".join(map(str, without_grey_axis(shape))))
    if channels > 1:
        wanted += f", with {channels} channels" if given == (height, width) else ""
    elif images.ndim == 3 and images.shape[:2] == (height, width):
        wanted += ", with images.transpose(2, 0, 1)"
    elif given == (width, height):
        wanted += ", with images.transpose(0, 2, 1)"
    elif images.ndim == 4 and 3 in (given[0], given[-1]):
        wanted += ", which are grey and not coloured"
    sides = written(shape).replace("×", " × ")
    raise UserError(f"{what} have shape {images.shape}, but the data set's images are {sides}. {wanted}.")


def _levels(images: NDArray[Any], what: str) -> NDArray[np.uint8]:
    if images.dtype.kind not in "buif":
        raise UserError(f"{what} are of type {images.dtype}. {_WAY_OUT}")
    mapped = is_mapped(images)
    if images.dtype == np.uint8:
        _check_brightness(images, what)
        return images if mapped else np.require(images, requirements=["C", "W"])
    if mapped and images.size > MOST_CONVERTED:
        raise UserError(
            f"{what} are a file of {images.size:,} pixels of type {images.dtype}. Save them as uint8 from 0 to {WHITE}."
        )
    grey = np.empty(images.shape, np.uint8)
    for part in _chunks(images):
        grey[part] = checked_levels(images[part], part.start, what)
        release(images)
    if images.dtype != np.bool_:
        _check_brightness(grey, what)
    return grey


def checked_levels(images: NDArray[Any], first: int, what: str) -> NDArray[Any]:
    """Return grey levels 0 to 255 of a chunk that begins with image number `first`."""
    is_float = images.dtype.kind == "f"
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.rint(images.astype(np.result_type(images, np.float32)) * WHITE) if is_float else images
    levels: NDArray[Any] = images * np.uint8(WHITE) if images.dtype == np.bool_ else scaled
    right = (levels >= 0) & (levels <= WHITE)
    if not right.all():
        place = int(np.argmin(right.reshape(len(right), -1).all(axis=1)))
        bad = images[place]
        if not np.isfinite(bad).all():
            raise UserError(f"{what} hold values that are no finite numbers, the first in image {first + place}. Replace them.")
        span = f"values from {bad.min():g} to {bad.max():g} in image {first + place}, of type {images.dtype}"
        raise UserError(f"{what} hold {span}; white is {1 if is_float else WHITE}. {_WAY_OUT}")
    return levels


def _check_brightness(grey: NDArray[np.uint8], what: str) -> None:
    """Raise `UserError` if level 1 is the brightest: zeros and ones, or two divisions by 255.

    Wholly black images pass.
    """
    brightest = 0
    for part in _chunks(grey):
        brightest = max(brightest, int(grey[part].max(initial=0)))
        release(grey)
        if brightest > 1:
            return
    if brightest:
        raise UserError(f"{what} have no pixel above 1/{WHITE} of white. Give zeros and ones as bool, or times {WHITE}.")


def _chunks(images: NDArray[Any]) -> Iterator[slice]:
    rows = max(1, CHUNK_BYTES // max(1, images[0].nbytes))
    return (slice(start, min(start + rows, len(images))) for start in range(0, len(images), rows))


def _numbers(labels: Any, n: int, classes: int, what: str) -> NDArray[Any]:
    numbers = f"from 0 to {classes - 1}" if classes > 1 else "which is 0"
    way_out = f"Give each image the number of its class, {numbers}."
    if labels is None:
        raise UserError(f"there are no {what}. {way_out}")
    values = as_array(labels, f"the {what}")
    if values.dtype.kind not in "buif":
        raise UserError(f"the {what} are of type {values.dtype}. {way_out}")
    if values.shape == (n, classes) and classes > 1:
        return _of_one_hot(values, f"the {what} have shape {values.shape} and are not one-hot. {way_out}")
    values = values[:, 0] if values.shape == (n, 1) else values
    if values.shape != (n,):
        raise UserError(f"the {what} have shape {values.shape}, and there are {n:,} images. {way_out}")
    if values.dtype.kind == "f" and not (np.isfinite(values) & (values == np.rint(values)) & (abs(values) < 2**31)).all():
        raise UserError(f"the {what} are no whole numbers. {way_out}")
    return values.astype(np.int64) if values.dtype.kind in "bf" else values


def _of_one_hot(values: NDArray[Any], refusal: str) -> NDArray[np.int64]:
    if not (((values == 0) | (values == 1)).all() and (np.count_nonzero(values, axis=1) == 1).all()):
        raise UserError(refusal)
    numbers: NDArray[np.int64] = values.argmax(axis=1)
    return numbers


def _check_range(name: str, labels: list[NDArray[Any]], classes: int) -> None:
    low, high = min(int(own.min()) for own in labels), max(int(own.max()) for own in labels)
    if low < 0 or high >= classes:
        names = f"{classes:,} class{'' if classes == 1 else 'es'}"
        other = f"{high + 1:,} names, or " if classes <= high < MAX_CLASSES else ""
        other += "labels " + (f"from 0 to {classes - 1}" if classes > 1 else "of 0")
        raise UserError(f"{name} holds labels from {low} to {high} but names {names}. Give {other}.")
