"""Draws latent points from the prior, and from a Gaussian posterior by reparameterisation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

NOISE_REACH = 3.5
"""Limit of ε in each coordinate, in the noise plane: five of ten thousand draws lie farther out."""


def standard_normal(n: int, seed: int) -> NDArray[np.float64]:
    """Draw n points from N(0, I), (n, 2). A smaller n gives the first points of a larger n.

    Raises `ValueError` for n < 0 or a negative seed.
    """
    if n < 0:
        raise ValueError(f"a number of points cannot be {n}")
    return np.random.default_rng(seed).standard_normal((n, 2))


def reparameterised(mean: ArrayLike, std: ArrayLike, noise: ArrayLike) -> NDArray[np.float64]:
    """Return z = mean + std · ε, (n, 2), for noise (n, 2), mean and std (2,).

    Source: Kingma & Welling 2014, section 2.4.
    """
    return np.asarray(mean, np.float64) + np.asarray(std, np.float64) * np.asarray(noise, np.float64)


def noise_of(mean: ArrayLike, std: ArrayLike, z: ArrayLike) -> NDArray[np.float64]:
    """Return ε = (z − mean) / std, the inverse of `reparameterised`, for z (n, 2) or (2,).

    Raises `ValueError` if a std is 0, where every noise leads to the mean.
    """
    spread = np.asarray(std, np.float64)
    if not spread.all():
        raise ValueError("a code that is a point has no noise")
    return np.asarray((np.asarray(z, np.float64) - np.asarray(mean, np.float64)) / spread)
