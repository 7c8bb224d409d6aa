"""Points of the plane as one picture of round dots. The cost is that of the picture, hardly that of the points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LEVELS = 7  # steps of an antialiased edge
_LABEL_BITS, _PRIORITY_BITS = 8, 20
_LEVEL_SHIFT = _LABEL_BITS + _PRIORITY_BITS
_MAX_PRIORITY = (1 << _PRIORITY_BITS) - 1


def dot_radius(points: int, area: float) -> float:
    """A radius in pixels at which `points` dots over `area` pixels can be told apart, between 1.4 and 4.5."""
    return float(np.clip(0.3 * np.sqrt(area / max(points, 1)), 1.4, 4.5))


def draw_order(n: int) -> NDArray[np.intp]:
    """A fixed random order in which points are laid on one another, so that no class covers the others. (n,)."""
    return np.random.default_rng(0).permutation(n)


def dots(
    x: NDArray[np.float64], y: NDArray[np.float64], label: NDArray[np.uint8], width: int, height: int, radius: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Dots at pixel coordinates (x, y), later ones over earlier ones, in a picture of `height` rows and `width` columns.

    Pixel (row r, column c) covers [c, c + 1) × [r, r + 1). Returns the coverage (height, width) in 0…255 and the label of the dot on
    top. A dot's centre is drawn at the middle of the pixel that holds it; dots whose centre lies outside the picture but whose rim
    reaches in are drawn too.
    """
    margin = int(np.ceil(radius + 0.5))
    padded = _centres(x, y, label, width, height, margin)
    value = np.zeros((height, width), np.uint32)
    for level, offsets in _rings(radius).items():
        ring = np.zeros((height, width), np.uint32)
        for dx, dy in offsets:
            np.maximum(ring, padded[margin + dy : margin + dy + height, margin + dx : margin + dx + width], out=ring)
        ring[ring > 0] += np.uint32(level << _LEVEL_SHIFT)
        np.maximum(value, ring, out=value)
    coverage = ((value >> np.uint32(_LEVEL_SHIFT)) * np.uint32(255) // np.uint32(_LEVELS)).astype(np.uint8)
    return coverage, (value & np.uint32((1 << _LABEL_BITS) - 1)).astype(np.uint8)


def _centres(
    x: NDArray[np.float64], y: NDArray[np.float64], label: NDArray[np.uint8], width: int, height: int, margin: int
) -> NDArray[np.uint32]:
    """A picture with a margin that holds (priority, label) at the pixel of each dot's centre, and 0 elsewhere."""
    inside = (x >= -margin) & (x < width + margin) & (y >= -margin) & (y < height + margin)
    keep = np.flatnonzero(inside)
    column = np.floor(x[keep]).astype(np.intp) + margin
    row = np.floor(y[keep]).astype(np.intp) + margin
    priority = 1 + (keep * (_MAX_PRIORITY - 1)) // max(len(x), 1)
    padded = np.zeros((height + 2 * margin, width + 2 * margin), np.uint32)
    # Assignment with repeated indices keeps the last one, which is the one on top.
    padded[row, column] = (priority << _LABEL_BITS).astype(np.uint32) | label[keep]
    return padded


def _rings(radius: float) -> dict[int, list[tuple[int, int]]]:
    """Level of coverage -> offsets from a dot's centre that have it."""
    reach = int(np.ceil(radius + 0.5))
    rings: dict[int, list[tuple[int, int]]] = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            level = round(float(np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)) * _LEVELS)
            if level:
                rings.setdefault(level, []).append((dx, dy))
    return rings
