"""Places names on the map so that none covers another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

_ROUNDS = 16  # steps that push overlapping names apart


def spread_apart(middles: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return middles (n, 2) of boxes that do not overlap, in pixels, near `middles` (n, 2).

    Boxes have `sizes` (n, 2). Overlapping boxes push each other along the line of their middles, so zooming moves them smoothly.
    """
    places = middles.copy()
    reach = (sizes[:, None] + sizes) / 2
    turn = np.arange(len(places)) * 2.4  # radians, for equal middles
    for _ in range(_ROUNDS):
        between = places[:, None] - places
        over = reach - np.abs(between)
        covered = (over > 0).all(axis=2) & ~np.eye(len(places), dtype=bool)
        if not covered.any():
            break
        far = np.hypot(*np.moveaxis(between, 2, 0))
        same = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        way = np.where(far[..., None] > 0, between / np.maximum(far, 1e-9)[..., None], same[:, None] - same)
        least = (over / np.maximum(np.abs(way), 1e-9)).min(axis=2)  # pixels along the way
        places += 0.5 * np.where(covered[..., None], way * (least + 1)[..., None], 0.0).sum(axis=1)
    return places


def with_room(sizes: NDArray[np.float64], area: float) -> int:
    """Return how many of the first boxes of `sizes` (n, 2) cover at most `area`, at least one."""
    return max(int(np.searchsorted(np.cumsum(sizes.prod(axis=1)), area, side="right")), 1)


def moved_inside(
    places: NDArray[np.float64], at: NDArray[np.float64], sizes: NDArray[np.float64], box: QRectF
) -> NDArray[np.float64]:
    """Return middles (n, 2) of boxes of `sizes` (n, 2), moved from `places` into `box` where their centroid `at` is inside."""
    low, high = np.array([box.left(), box.top()]), np.array([box.right(), box.bottom()])
    is_inside = ((at >= low) & (at <= high)).all(axis=1, keepdims=True)
    return np.where(is_inside, np.clip(places, low + sizes / 2, np.maximum(high - sizes / 2, low + sizes / 2)), places)


def uncovered(middles: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the rows of boxes that cover no box of an earlier row that is returned."""
    reach = (sizes[:, None] + sizes) / 2 - 0.5  # half a pixel of rounding
    covers = np.all(np.abs(middles[:, None] - middles) < reach, axis=2)
    free: list[int] = []
    for row in range(len(middles)):
        if not covers[row, free].any():
            free.append(row)
    return np.array(free, np.int64)
