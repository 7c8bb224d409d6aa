"""Where points lie in the plane, as a number: the square of a grid over the plane."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.plane import is_on_map

SIDE = 8  # squares a side
_CORE = (0.01, 0.99)  # the quantiles that the grid spans; the squares at the rim take what lies beyond


def places(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """The square of each of the points (n, 2), (n,): column + SIDE · row, from the lowest on. 0 for points that no map can show."""
    shown = is_on_map(points)
    place = np.zeros(len(points), np.uint8)
    if not shown.any():
        return place
    inside = points[shown].astype(np.float64)
    low, high = np.quantile(inside, _CORE, axis=0)
    width = np.where(high > low, high - low, 1.0)
    column, row = np.clip(SIDE * (inside - low) / width, 0, SIDE - 1).astype(np.uint8).T
    place[shown] = column + np.uint8(SIDE) * row
    return place
