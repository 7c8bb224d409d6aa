"""Densities of latent points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_MOST = 4_000  # codes of a density on a line


def prior_density(z: ArrayLike) -> float:
    """Return N(z; 0, I) at one latent point (d,); it is (2π)^(−d/2) at the origin."""
    point = np.asarray(z, np.float64)
    return math.exp(-0.5 * float(point @ point) - 0.5 * len(point) * math.log(2 * math.pi))


def line_density(z: NDArray[np.floating], mean: NDArray[np.floating], std: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return q(z), the mean of Gaussian codes (n, 1), at points (k,) of a line; by at most 4,000 codes, evenly chosen.

    A code without a std is widened to 1.06 σ n^(−1/5), where σ is the std of all codes (Silverman 1986, equation 3.28).
    """
    chosen = slice(None, None, max(-(-len(mean) // _MOST), 1))
    centre, width = mean[chosen, 0].astype(np.float64), std[chosen, 0].astype(np.float64)
    least = max(1.06 * float(centre.std()) * len(centre) ** -0.2, np.finfo(np.float32).tiny)
    width = np.where(width > 0, width, least)
    away = (np.asarray(z, np.float64)[:, None] - centre) / width
    density: NDArray[np.float64] = (np.exp(-0.5 * np.square(away)) / width).mean(axis=1) / math.sqrt(2 * math.pi)
    return density


def density_picture(log_density: NDArray[np.float64], columns: int) -> NDArray[np.uint8]:
    """Turn log-densities (rows · columns,), from the top row, into a picture (rows, columns).

    The highest density becomes 255.
    """
    share = np.exp(log_density - log_density.max()).reshape(-1, columns)
    picture: NDArray[np.uint8] = np.rint(255 * share).astype(np.uint8)
    return picture
