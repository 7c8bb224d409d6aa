"""Reads one picture file as raw numbers, upright, with its own depth and channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_explorer.picture_files import Unreadable, check_size, content_of, is_array, is_deep, opened, reading, upright

_GREY, _COLOURS = ("1", "L"), "RGB"
_CHANNELS = (1, 3)


def read_pixels(path: str, background: int, page: int = 0) -> NDArray[Any]:
    """Return the pixels (h, w, 1) or (h, w, 3) of a picture file: bytes, or the numbers of a deep image.

    Transparent parts get the grey level `background`. Raises `Unreadable`.
    """
    with reading(path):
        content = content_of(path)
        if is_array(content):
            return _from_array(path)
        with opened(path, content) as image:
            if page:
                image.seek(page)
            check_size(path, image.width * image.height)
            image.load()
            pixels = np.asarray(image if is_deep(image) else _on_background(image, background))
            pixels = upright(pixels, image)
            return _native(pixels)


def _native(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return pixels (h, w) or (h, w, c) as (h, w, c), in the machine's order of bytes."""
    native = np.asarray(pixels, pixels.dtype.newbyteorder("="))
    return native[..., None] if native.ndim == 2 else native


def _from_array(path: str) -> NDArray[Any]:
    """Return the image of a .npy file, (h, w), (h, w, 1 or 3) or (1 or 3, h, w)."""
    values = np.lib.format.open_memmap(path, mode="r")
    shape = values.shape
    is_image = values.ndim == 2 or (values.ndim == 3 and (shape[2] in _CHANNELS or shape[0] in _CHANNELS))
    if not is_image or not values.size:
        raise Unreadable(path, f"holds an array of shape {shape}, which is not one image; add the file by itself")
    check_size(path, values.size)
    if values.dtype.kind not in "biuf":
        raise Unreadable(path, f"holds {values.dtype}, which is no grey level; save whole numbers or floats")
    return _native(values if values.ndim == 2 or shape[2] in _CHANNELS else np.moveaxis(values, 0, -1))


def _on_background(image: Image.Image, background: int) -> Image.Image:
    """Return an image of 8-bit channels as L or RGB without transparency."""
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        behind = Image.new("RGBA", image.size, (background, background, background, 255))
        return Image.alpha_composite(behind, coloured).convert(_COLOURS)
    if image.mode in _GREY:
        return image.convert("L")
    return image if image.mode == _COLOURS else image.convert(_COLOURS)


def grey_plane(pixels: NDArray[Any], path: str) -> NDArray[Any]:
    """Return one channel (h, w) of an image (h, w, c). Raises `Unreadable` if its channels differ."""
    if (pixels != pixels[..., :1]).any():
        raise Unreadable(path, "is coloured; a file of one channel is grey")
    return pixels[..., 0]
