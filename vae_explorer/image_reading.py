"""Reads a person's image file as grey pixels, and notes its choices.

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
from vae_explorer.picture_files import check_size, is_array, is_deep, opened, pages_of, reading, upright

READABLE = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".npy")  # endings that file dialogs offer
SETS = (".csv", ".tsv", ".npz", "-ubyte", "-ubyte.gz")  # endings of files that hold many images
_FAR_PROPORTIONS = 3.0  # an image whose proportions differ by this factor is noted


def is_set(path: Path) -> bool:
    """Tell whether a folder or file holds many images, as far as its name says, and not one image."""
    return path.is_dir() or path.name.lower().endswith(SETS)


@dataclass(frozen=True, slots=True)
class GreyImage:
    """A person's image in the size that a model takes."""

    pixels: NDArray[np.uint8]  # (H, W)
    notes: tuple[str, ...] = ()  # one sentence for each choice that the reader made


def read_grey(path: str | os.PathLike[str], shape: tuple[int, int]) -> GreyImage:
    """Read image file `path`, grey, upright and scaled to `shape` = (H, W).

    The content tells the kind of file, not the name: a picture, or a numpy array (h, w), (1, h, w), (h, w, 1) or (h, w, 3). The
    image keeps its proportions; grey of its border fills the rest. Raises `UserError` naming file and fault.
    """
    notes: list[str] = []
    with reading(path):
        grey = _from_array(path, notes) if is_array(path) else _from_picture(path, notes)
        _note_proportions(grey.shape, shape, notes)
        return GreyImage(fitted(grey[..., None], shape)[..., 0], tuple(notes))


def _from_array(path: str | os.PathLike[str], notes: list[str]) -> NDArray[np.uint8]:
    """Return the grey levels (h, w) of a .npy file.

    numpy compares header and file size before reading.
    """
    values: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    shape, values = values.shape, values[0] if values.ndim == 3 and len(values) == 1 else values
    values = values[..., 0] if values.ndim == 3 and values.shape[-1] == 1 else values
    is_colour = values.ndim == 3 and values.shape[-1] == 3
    if not (values.ndim == 2 or is_colour) or not values.size:
        raise UserError(
            f"{path} holds an array of shape {shape}; an image has shape (height, width), or (height, width, 3) with colours"
        )
    check_size(path, values.size)
    if values.dtype.kind not in "biuf":
        raise UserError(f"{path} holds {values.dtype}, which is no grey level; save whole numbers or floats")
    levels = grey_levels(values, notes)
    return np.asarray(Image.fromarray(levels).convert("L")) if is_colour else levels


def _from_picture(path: str | os.PathLike[str], notes: list[str]) -> NDArray[np.uint8]:
    with opened(path) as image:
        check_size(path, image.width * image.height)
        image.load()
        grey = grey_levels(np.asarray(image), notes) if is_deep(image) else np.asarray(_on_background(image, notes))
        grey, pages = upright(grey, image), pages_of(image)
    if pages > 1:
        notes.append(f"It holds {pages} pages or frames; the first is read.")
    return grey


def _on_background(image: Image.Image, notes: list[str]) -> Image.Image:
    """Return an image of 8-bit channels as grey, (h, w).

    Transparent pixels become white behind dark ink, and black behind light ink.
    """
    if not image.has_transparency_data:
        return image.convert("L")
    coloured = image.convert("RGBA")
    opacity, grey = coloured.getchannel("A"), coloured.convert("L")
    least, most = opacity.getextrema()
    if least == 255:
        return grey
    if not most:
        notes.append("It is wholly transparent, and shown black.")
        return Image.new("L", grey.size)
    background = 255 if ImageStat.Stat(grey, opacity).mean[0] < 128 else 0
    notes.append(f"Its transparent parts are shown {'white' if background else 'black'}.")
    return Image.composite(grey, Image.new("L", grey.size, background), opacity)


def _note_proportions(own: tuple[int, ...], shape: tuple[int, int], notes: list[str]) -> None:
    """Note proportions far from those of `shape` (H, W), since such an image fills only a strip."""
    ratio = own[1] * shape[0] / (own[0] * shape[1])
    if max(ratio, 1 / ratio) >= _FAR_PROPORTIONS:
        notes.append(f"It is scaled from {own[1]} × {own[0]} pixels, so it fills only a strip.")
