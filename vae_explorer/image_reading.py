"""Reads a person's image file in the shape that a model takes, and notes its choices.

Loads neither torch nor Qt.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

from vae_explorer.errors import UserError
from vae_explorer.fitting import fitted
from vae_explorer.grey_levels import grey_levels
from vae_explorer.picture_files import check_size, content_of, is_array, is_deep, opened, pages_of, reading, upright
from vae_explorer.shapes import ImageShape

READABLE = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".npy")  # endings that file dialogs offer
SETS = (".csv", ".tsv", ".npz", "-ubyte", "-ubyte.gz")  # endings of files that hold many images
_FAR_PROPORTIONS = 3.0  # an image whose proportions differ by this factor is noted
_MODES = {1: "L", 3: "RGB"}  # of Pillow, by channels
_GREY = ("1", "L", "LA")
_Bytes = NDArray[np.uint8]


def is_set(path: Path) -> bool:
    """Tell whether a folder or file holds many images, as far as its name says, and not one image."""
    return path.is_dir() or path.name.lower().endswith(SETS)


@dataclass(frozen=True, slots=True)
class OwnImage:
    """A person's image in the shape that a model takes."""

    pixels: _Bytes  # (H, W, C)
    notes: tuple[str, ...] = ()  # one sentence for each choice that the reader made


def read_image(path: str | os.PathLike[str], shape: ImageShape) -> OwnImage:
    """Read image file `path`, upright, with the channels and the size of `shape` = (H, W, C).

    The content tells the kind of file, not the name: a picture, or a numpy array. For C = 1 colours become grey, and for C = 3
    a grey image gets three equal channels. Other C need an array (h, w, C) or (C, h, w), or a TIFF of C grey pages. The image
    keeps its proportions; the colour of its border fills the rest. Raises `UserError` naming file and fault.
    """
    notes: list[str] = []
    with reading(path):
        pixels = (_from_array if is_array(content_of(path)) else _from_picture)(path, shape[2], notes)
        _note_proportions(pixels.shape, shape[:2], notes)
        return OwnImage(fitted(pixels, shape[:2]), tuple(notes))


def _from_array(path: str | os.PathLike[str], channels: int, notes: list[str]) -> _Bytes:
    """Return the bytes (h, w, C) of a .npy file.

    numpy compares header and file size before reading.
    """
    held: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    values = _channels_last(held, channels)
    known = {channels} if channels not in _MODES else set(_MODES)
    if values.ndim != 3 or values.shape[2] not in known or not values.size:
        wanted = "(height, width), or (height, width, 3) with colours"
        raise UserError(
            f"{path} holds an array of shape {held.shape}; an image has shape "
            + (wanted if channels in _MODES else f"(height, width, {channels}) for this model")
        )
    check_size(path, values.size)
    if values.dtype.kind not in "biuf":
        raise UserError(f"{path} holds {values.dtype}, which is no grey level; save whole numbers or floats")
    levels = grey_levels(values, notes)
    if channels == levels.shape[2]:
        return levels
    return _in_mode(Image.fromarray(levels[..., 0] if levels.shape[2] == 1 else levels), channels, notes)


def _channels_last(values: NDArray[Any], channels: int) -> NDArray[Any]:
    """Return an array (h, w), (h, w, c) or (c, h, w) as (h, w, c), as far as it is one of these."""
    if values.ndim == 2:
        return values[..., None]
    first_alone = values.ndim == 3 and len(values) in {1, channels} and values.shape[2] not in {1, 3, channels}
    return np.moveaxis(values, 0, -1) if first_alone or (values.ndim == 3 and len(values) == 1) else values


def _from_picture(path: str | os.PathLike[str], channels: int, notes: list[str]) -> _Bytes:
    with opened(path) as image:
        pages = pages_of(image)
        if channels not in _MODES:
            return _from_pages(path, image, pages, channels, notes)
        check_size(path, image.width * image.height)
        image.load()
        deep = grey_levels(np.asarray(image), notes) if is_deep(image) else None
        plain = Image.fromarray(deep) if deep is not None else _on_background(image, channels, notes)
        pixels = upright(_in_mode(plain, channels, notes), image)
    if pages > 1:
        notes.append(f"It holds {pages} pages or frames; the first is read.")
    return pixels


def _from_pages(path: str | os.PathLike[str], image: Image.Image, pages: int, channels: int, notes: list[str]) -> _Bytes:
    """Return the pages of a picture as channels, (h, w, C). Raises `UserError` unless there are C grey pages of one size."""
    planes: list[NDArray[Any]] = []
    size = image.size
    check_size(path, pages * image.width * image.height)
    for page in range(pages if pages == channels else 0):
        image.seek(page)
        if image.size != size:  # Pillow checks the size of the first page alone
            break
        planes.append(upright(np.asarray(image), image))
    if len(planes) < channels or {(plane.ndim, plane.shape) for plane in planes} != {(2, planes[0].shape)}:
        raise UserError(
            f"{path} has no {channels} channels, as this model's images have; "
            f"give a TIFF of {channels} grey pages, or an array (height, width, {channels}) as a .npy file"
        )
    return grey_levels(np.stack(planes, axis=-1), notes)


def _in_mode(image: Image.Image, channels: int, notes: list[str]) -> _Bytes:
    """Return an image without transparency as grey (h, w, 1) or RGB (h, w, 3)."""
    if channels == 3 and image.mode in _GREY:
        notes.append("It is grey; all three channels get its grey level.")
    pixels = np.asarray(image.convert(_MODES[channels]))
    return pixels[..., None] if channels == 1 else pixels


def _on_background(image: Image.Image, channels: int, notes: list[str]) -> Image.Image:
    """Return an image of 8-bit channels without transparency, for a model of C channels.

    Transparent pixels become white behind dark ink, and black behind light ink.
    """
    if not image.has_transparency_data:
        return image
    coloured = image.convert("RGBA")
    opacity, grey = coloured.getchannel("A"), coloured.convert("L")
    plain = grey if channels == 1 or image.mode in _GREY else coloured.convert("RGB")
    least, most = opacity.getextrema()
    if least == 255:
        return plain
    if not most:
        notes.append("It is wholly transparent, and shown black.")
        return Image.new(plain.mode, grey.size)
    background = 255 if ImageStat.Stat(grey, opacity).mean[0] < 128 else 0
    notes.append(f"Its transparent parts are shown {'white' if background else 'black'}.")
    behind = Image.new("L", grey.size, background).convert(plain.mode)
    return Image.composite(plain, behind, opacity)


def _note_proportions(own: tuple[int, ...], shape: tuple[int, int], notes: list[str]) -> None:
    """Note proportions far from those of `shape` (H, W), since such an image fills only a strip."""
    ratio = own[1] * shape[0] / (own[0] * shape[1])
    if max(ratio, 1 / ratio) >= _FAR_PROPORTIONS:
        notes.append(f"It is scaled from {own[1]} × {own[0]} pixels, so it fills only a strip.")
