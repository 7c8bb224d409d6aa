"""Densities on the plane."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def prior_density(z: ArrayLike) -> float:
    """N(z; 0, I) at one latent point (2,): 1/(2π) at the origin."""
    point = np.asarray(z, np.float64)
    return math.exp(-0.5 * float(point @ point)) / (2 * math.pi)


def density_picture(log_density: NDArray[np.float64], columns: int) -> NDArray[np.uint8]:
    """Log-densities on a grid of rows from the top, (rows · columns,), as a picture (rows, columns): 255 at the highest."""
    share = np.exp(log_density - log_density.max()).reshape(-1, columns)
    picture: NDArray[np.uint8] = np.rint(255 * share).astype(np.uint8)
    return picture
