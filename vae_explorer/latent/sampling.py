"""Draws of latent points: from the prior, and from a Gaussian posterior by the reparameterisation trick."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

NOISE_REACH = 3.5
"""How far ε is shown and dragged in each coordinate: of ten thousand draws, five lie farther out."""


def standard_normal(n: int, seed: int) -> NDArray[np.float64]:
    """n points ~ N(0, I) of the plane, (n, 2). Fewer of the same seed are the first ones of more.

    Raises `ValueError` for n < 0 or a negative seed.
    """
    if n < 0:
        raise ValueError(f"a number of points cannot be {n}")
    return np.random.default_rng(seed).standard_normal((n, 2))


def reparameterised(mean: ArrayLike, std: ArrayLike, noise: ArrayLike) -> NDArray[np.float64]:
    """z = mean + std · ε of noise (n, 2), with mean and std (2,): Kingma & Welling 2014, section 2.4. (n, 2)."""
    return np.asarray(mean, np.float64) + np.asarray(std, np.float64) * np.asarray(noise, np.float64)


def noise_of(mean: ArrayLike, std: ArrayLike, z: ArrayLike) -> NDArray[np.float64]:
    """ε = (z − mean) / std, the noise (n, 2) or (2,) that `reparameterised` takes to z.

    Raises `ValueError` where a std is 0: a point is what every noise is taken to.
    """
    spread = np.asarray(std, np.float64)
    if not spread.all():
        raise ValueError("a code that is a point has no noise")
    return np.asarray((np.asarray(z, np.float64) - np.asarray(mean, np.float64)) / spread)
