"""Draws a posterior as the window's map does: heat, contours, and lines to compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw

from vae_explorer import colours
from vae_explorer.latent.contours import Loop, contour
from vae_explorer.latent.regions import Range

_FINER = 3  # oversampling, for smooth lines
_WIDTH = 1.6  # pixels
DASHED, DOTTED = (7.0, 4.0), (1.6, 3.2)  # pixels of line and gap
Line = tuple[Sequence[Loop], str, tuple[float, float] | None]  # points, colour, dash


def borders_of(density: NDArray[np.floating], sides: tuple[Range, Range], levels: Sequence[float]) -> list[Loop]:
    """Return the contour lines at all levels of a density (rows, columns) from the lowest row."""
    return [loop for level in levels for loop in contour(density, *sides, level)]


def posterior_picture(density: NDArray[np.float32], sides: tuple[Range, Range], lines: Sequence[Line]) -> NDArray[np.uint8]:
    """Draw a density (rows, columns) from the lowest row on black, with `lines` over it.

    The picture is (rows, columns, 3), from the highest row.
    """
    rows, columns = density.shape
    heat = np.clip(density[::-1] / density.max(), 0, 1)
    base = Image.fromarray(np.rint(heat[..., None] * np.array(ImageColor.getrgb(colours.HEAT))).astype(np.uint8))
    canvas = base.resize((_FINER * columns, _FINER * rows), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(canvas)
    (left, right), (low, high) = sides
    scale = np.array([canvas.width / (right - left), -canvas.height / (high - low)])
    for loops, colour, dash in lines:
        for loop in loops:
            pixels = (loop - np.array([left, high])) * scale
            for piece in _pieces(np.vstack([pixels, pixels[:1]]), dash):
                pen.line([tuple(place) for place in piece.tolist()], colour, round(_FINER * _WIDTH), joint="curve")
    return np.asarray(canvas.resize((columns, rows), Image.Resampling.BOX))


def _pieces(line: Loop, dash: tuple[float, float] | None) -> Iterator[Loop]:
    if dash is None:
        yield line
        return
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    on, off = (_FINER * part for part in dash)
    for start in np.arange(0.0, along[-1], on + off):
        places = np.linspace(start, min(start + on, along[-1]), 5)
        yield np.stack([np.interp(places, along, line[:, axis]) for axis in range(2)], axis=1)
