"""Reads one picture file as raw numbers, upright, with its own depth and channels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_explorer.picture_files import Unreadable, check_size, is_array, is_deep, opened, reading, upright

_GREY, _COLOURS = ("1", "L"), "RGB"


def read_pixels(path: str, background: int, page: int = 0) -> NDArray[Any]:
    """Return the pixels (h, w, 1) or (h, w, 3) of a picture file: bytes, or the numbers of a deep image.

    Transparent parts get the grey level `background`. Raises `Unreadable`.
    """
    with reading(path):
        if is_array(path):
            raise Unreadable(path, "is a numpy array; add the array by itself")
        with opened(path) as image:
            if page:
                image.seek(page)
            check_size(path, image.width * image.height)
            image.load()
            pixels = np.asarray(image if is_deep(image) else _on_background(image, background))
            pixels = upright(pixels, image)
    native = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return native[..., None] if native.ndim == 2 else native


def _on_background(image: Image.Image, background: int) -> Image.Image:
    """Return an image of 8-bit channels as L or RGB without transparency."""
    if image.has_transparency_data:
        coloured = image.convert("RGBA")
        behind = Image.new("RGBA", image.size, (background, background, background, 255))
        return Image.alpha_composite(behind, coloured).convert(_COLOURS)
    if image.mode in _GREY:
        return image.convert("L")
    return image if image.mode == _COLOURS else image.convert(_COLOURS)
