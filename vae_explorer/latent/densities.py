"""Densities on the plane."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def prior_density(z: ArrayLike) -> float:
    """Return N(z; 0, I) at one latent point (d,); it is (2π)^(−d/2) at the origin."""
    point = np.asarray(z, np.float64)
    return math.exp(-0.5 * float(point @ point) - 0.5 * len(point) * math.log(2 * math.pi))


def density_picture(log_density: NDArray[np.float64], columns: int) -> NDArray[np.uint8]:
    """Turn log-densities (rows · columns,), from the top row, into a picture (rows, columns).

    The highest density becomes 255.
    """
    share = np.exp(log_density - log_density.max()).reshape(-1, columns)
    picture: NDArray[np.uint8] = np.rint(255 * share).astype(np.uint8)
    return picture
