"""The nearest code to a latent point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree


class NearestCode:
    """An index over latent points (n, 2)."""

    def __init__(self, points: NDArray[np.float32]) -> None:
        self._tree = cKDTree(points, balanced_tree=False, compact_nodes=False)

    def __call__(self, z: ArrayLike) -> tuple[int, float] | None:
        """(index, distance) of the point nearest to z (2,), or None where there are no points."""
        if not self._tree.n:
            return None
        distance, index = self._tree.query(np.asarray(z, np.float64))
        return int(index), float(distance)
