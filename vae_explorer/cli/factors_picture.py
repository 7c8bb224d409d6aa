"""Draws how important each latent is for each factor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vae_explorer.foreign import short

_CELL, _LEFT, _TOP, _MARGIN = 44, 64, 40, 12  # pixels
_SIZE = 15  # of the type, in pixels
_DARK, _INK, _PAPER = (31, 75, 153), (32, 33, 36), (255, 255, 255)
_NAME = 14  # characters of a factor


def matrix_picture(importance: NDArray[np.float64], latents: Sequence[str], factors: Sequence[str]) -> NDArray[np.uint8]:
    """Draw importances (d, k) in [0, 1] as squares, whose area is the importance, (h, w, 3)."""
    width = max(_CELL, max((_SIZE * 2 * min(len(name), _NAME) // 3 for name in factors), default=_CELL))
    size = (_LEFT + width * len(factors) + _MARGIN, _TOP + _CELL * len(latents) + _MARGIN)
    canvas = Image.new("RGB", size, _PAPER)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(_SIZE)
    for column, name in enumerate(factors):
        pen.text((_LEFT + width * (column + 0.5), _TOP / 2), short(name, _NAME), _INK, font, anchor="mm")
    for row, name in enumerate(latents):
        middle = _TOP + _CELL * (row + 0.5)
        pen.text((_LEFT - _MARGIN, middle), name, _INK, font, anchor="rm")
        for column in range(len(factors)):
            centre = _LEFT + width * (column + 0.5)
            half = 0.5 * (_CELL - 4) * float(np.sqrt(np.clip(importance[row, column], 0, 1)))
            pen.rectangle((centre - half, middle - half, centre + half, middle + half), _DARK)
    return np.asarray(canvas)
