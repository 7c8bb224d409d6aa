"""Numbers the squares of a grid over the plane, and finds the square of each point."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.plane import is_on_map

SIDE = 8  # squares a side
_CORE = (0.01, 0.99)  # quantiles that the grid spans; squares at the rim take the points beyond


def places(points: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the square of each point (n, 2), (n,): column + SIDE · row, from the lowest row.

    Points that no map can show get 0.
    """
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
