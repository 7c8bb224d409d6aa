"""Densities on the plane."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def prior_density(z: ArrayLike) -> float:
    """N(z; 0, I) at one latent point (2,): 1/(2π) at the origin."""
    point = np.asarray(z, np.float64)
    return math.exp(-0.5 * float(point @ point)) / (2 * math.pi)
