"""Fits an image of any size into the size of a data set or model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_explorer.kinds import Fit

_Bytes = NDArray[np.uint8]  # (h, w, c)
_FILTER = Image.Resampling.LANCZOS


def fitted(pixels: _Bytes, shape: tuple[int, int], fit: Fit = Fit.PAD) -> _Bytes:
    """Scale `pixels` (h, w, c) to (H, W, c)."""
    height, width = pixels.shape[:2]
    if (height, width) == shape:
        return np.array(pixels)
    if fit is Fit.STRETCH:
        return _resized(pixels, shape)
    ratios = [side / own for side, own in zip(shape, (height, width), strict=True)]
    if fit is Fit.CROP:
        kept = (shape[0] / max(ratios), shape[1] / max(ratios))
        corner = (max(0.0, height - kept[0]) / 2, max(0.0, width - kept[1]) / 2)  # rounding could go below 0
        return _resized(pixels, shape, (*corner, *kept))
    inner = (max(1, round(height * min(ratios))), max(1, round(width * min(ratios))))
    canvas = np.empty((*shape, pixels.shape[2]), np.uint8)
    canvas[:] = _border(pixels)
    top, left = (shape[0] - inner[0]) // 2, (shape[1] - inner[1]) // 2
    canvas[top : top + inner[0], left : left + inner[1]] = _resized(pixels, inner)
    return canvas


def _resized(pixels: _Bytes, shape: tuple[int, int], part: tuple[float, float, float, float] | None = None) -> _Bytes:
    """Scale `part` (top, left, height, width) of `pixels` (h, w, c), or all of it, to (H, W, c)."""
    top, left, height, width = part or (0, 0, *pixels.shape[:2])
    box = (left, top, min(left + width, pixels.shape[1]), min(top + height, pixels.shape[0]))
    planes = [pixels] if pixels.shape[2] == 3 else [pixels[..., channel] for channel in range(pixels.shape[2])]
    scaled = [np.asarray(Image.fromarray(np.ascontiguousarray(plane)).resize(shape[::-1], _FILTER, box)) for plane in planes]
    return scaled[0] if len(scaled) == 1 and scaled[0].ndim == 3 else np.stack(scaled, axis=-1)


def _border(pixels: _Bytes) -> NDArray[np.uint8]:
    """Return the median colour (c,) of the outermost pixels."""
    edges = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    middle: NDArray[np.uint8] = np.median(edges, axis=0).astype(np.uint8)
    return middle
