"""Measures how far a set of latent points lies from the prior."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy

_MAX_POINTS = 2000  # points of which all pairs are compared, in 20 ms


def prior_distance(points: NDArray[np.floating]) -> float:
    """Return the energy distance 2 E|x − Z| − E|x − x′| − E|Z − Z′| of points x to the prior.

    E|x − Z| is the mean of a Rice distribution, and E|Z − Z′| = √π. At most _MAX_POINTS points count, evenly spaced in the data set.
    The estimate is unbiased and can fall a little below 0. Points that are not finite do not count. Source: Székely & Rizzo
    2005, section 2.
    """
    load_scipy()
    from scipy.spatial.distance import pdist
    from scipy.special import i0e, i1e

    finite = points[np.isfinite(points).all(axis=1)].astype(np.float64)
    if len(finite) < 2:
        return math.inf
    some = finite[np.linspace(0, len(finite) - 1, min(len(finite), _MAX_POINTS)).astype(int)]
    half = 0.5 * np.square(some).sum(axis=1)
    rice = math.sqrt(math.pi / 2) * ((1 + half) * i0e(half / 2) + half * i1e(half / 2))
    return float(2 * rice.mean() - pdist(some).mean() - math.sqrt(math.pi))
