"""Measures how far a set of latent points lies from the prior."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy

_MAX_POINTS = 2000  # points of which all pairs are compared, in 20 ms
_STEP = 0.5  # of log t in the integral below; the result is right to 1e-10 of itself
_NODES = np.exp(np.arange(-26.0, 38.0, _STEP))


def prior_distance(points: NDArray[np.floating]) -> float:
    """Return the energy distance 2 E|x − Z| − E|x − x′| − E|Z − Z′| of points x (n, d) to the prior.

    At most _MAX_POINTS points count, evenly spaced in the data set. The estimate is unbiased and can fall a little below 0.
    Points that are not finite do not count. Source: Székely & Rizzo 2005, section 2.
    """
    load_scipy()
    from scipy.spatial.distance import pdist

    finite = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if len(finite) < 2:
        return math.inf
    some = finite[np.linspace(0, len(finite) - 1, min(len(finite), _MAX_POINTS)).astype(int)]
    to_prior = mean_distance_to_normal(some).mean()
    return float(2 * to_prior - pdist(some).mean() - mean_distance_within_normal(some.shape[1]))


def mean_distance_to_normal(points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return E|x − Z| with Z ~ N(0, I) for points x (n, d), (n,).

    X = |x − Z|² has E exp(−tX) = M(t) = (1 + 2t)^(−d/2) · exp(−|x|² t / (1 + 2t)) and the mean m = d + |x|². So E√X = √m + 1/(2√π) ·
    ∫ (exp(−mt) − M(t)) t^(−3/2) dt, by the trapezoidal rule in log t.
    """
    d, squares = points.shape[1], np.square(points, dtype=np.float64).sum(axis=1)[:, None]
    total = d + squares
    t = _NODES / total
    difference = np.exp(-total * t) - np.exp(-0.5 * d * np.log1p(2 * t) - squares * t / (1 + 2 * t))
    integral: NDArray[np.float64] = (difference / np.sqrt(t)).sum(axis=1) * _STEP
    return np.asarray(np.sqrt(total[:, 0]) + integral / (2 * math.sqrt(math.pi)))


def mean_distance_within_normal(d: int) -> float:
    """Return E|Z − Z′| of two independent draws from N(0, I) in `d` dimensions: √2 times the mean of the chi distribution."""
    return 2 * math.exp(math.lgamma((d + 1) / 2) - math.lgamma(d / 2))
