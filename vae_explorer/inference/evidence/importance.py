"""The importance sampling estimate of log p(x), as other work reports it.

The log of the mean of K weights lies below log p(x) on average.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from vae_explorer.inference.evidence.bound import covered
from vae_explorer.inference.evidence.cover import SIDE, level_of, log_prior, rectangles, step_of
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.posterior import FamilyPosterior
from vae_explorer.runtime.loading_scipy import load_scipy

_SPLINE_STEP = 0.35  # std of q between the interpolated points
_ORDER = 5  # order of the splines


@torch.inference_mode()
def importance_weights(
    lattice: DecodedLattice, posterior: FamilyPosterior, observed: Observed, draws: int, generator: torch.Generator
) -> NDArray[np.float64]:
    """Return log p(x|z) p(z) / q(z|x) in nats of `draws` z ~ q(z|x) of n images, (draws, n).

    Splines on the lattice give log p(x|z) with an error near 1e-4 nats. Decoding every draw would take a hundred times as long.
    Source: Burda et al. 2016, equation 8.
    """
    noise = torch.randn(draws, len(observed), 2, generator=generator, dtype=lattice.dtype)
    places, log_q = posterior.place(noise)
    z = places.double().numpy()
    low, high = covered(posterior, lattice.dtype)
    levels = level_of(_SPLINE_STEP * posterior.std.double().numpy().min(axis=1))
    log_weight = log_prior(z) - log_q.double().numpy()
    for image, level in enumerate(levels.tolist()):
        one = observed.of(np.array([image]))
        log_weight[:, image] += _interpolated(lattice, one, level, low[image], high[image], z[:, image])
    return np.asarray(log_weight, np.float64)


def _interpolated(
    lattice: DecodedLattice,
    one: Observed,
    level: int,
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    z: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return log p(x|z) of one image at points z (k, 2) in a rectangle, (k,)."""
    load_scipy()
    from scipy.ndimage import map_coordinates

    cover = rectangles(level, low[None], high[None])
    columns = len(np.unique(cover.keys[:, 0]))
    values = (
        lattice.log_likelihood(one, level, cover).reshape(-1, columns, SIDE, SIDE).swapaxes(1, 2).reshape(-1, columns * SIDE)
    )
    column, row = (z / step_of(level) - SIDE * cover.keys[0]).T
    found: NDArray[np.float64] = map_coordinates(values, [row, column], order=_ORDER, mode="nearest")
    return found


def estimate(log_weights: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """Return the estimate in nats from the first `draws` of the weights (k, n), (n,)."""
    result: NDArray[np.float64] = logsumexp(log_weights[:draws], axis=0) - np.log(draws)
    return result
