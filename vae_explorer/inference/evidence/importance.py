"""The estimate that others report: log of the mean of K importance weights, whose mean lies below log p(x)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.special import logsumexp

from vae_explorer.inference.evidence.cover import log_prior
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.posterior import Posterior


@torch.inference_mode()
def importance_weights(
    lattice: DecodedLattice, posterior: Posterior, observed: Observed, draws: int, generator: torch.Generator
) -> NDArray[np.float64]:
    """log p(x|z) p(z) / q(z|x) of `draws` z ~ q(z|x) of n images, (draws, n) nats. Burda et al. 2016, equation 8."""
    noise = torch.randn(draws, len(observed), 2, generator=generator, dtype=lattice.dtype)
    z, log_q = posterior.place(noise)
    log_weight = lattice.log_likelihood_at(observed, z)
    log_weight += log_prior(z.double().numpy()) - log_q.double().numpy()
    return log_weight


def estimate(log_weights: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """The estimate with the first `draws` of the weights (k, n), (n,) nats."""
    result: NDArray[np.float64] = logsumexp(log_weights[:draws], axis=0) - np.log(draws)
    return result
