"""The true posterior of one image as a picture of the plane, and the image that it expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.lattice import log_prior
from vae_explorer.latent.grids import view_grid

CELLS = 72  # a side
_REACH = 4.5  # standard deviations from the mean to the edge
_EXPECTED = 256  # points, those of the highest density, that the expected image is made of


@dataclass(frozen=True, slots=True)
class PosteriorPicture:
    """p(z|x) over a rectangle of the plane."""

    low: NDArray[np.float64]  # (2,), its corner at the lower left
    high: NDArray[np.float64]  # (2,), at the upper right
    log_density: NDArray[np.float64]  # (CELLS · CELLS,) nats, rows from the top
    mean: NDArray[np.float64]  # (2,)
    covariance: NDArray[np.float64]  # (2, 2)
    expected: NDArray[np.float32]  # (H, W), the mean of the decoder's images under p(z|x)


@torch.inference_mode()
def posterior_picture(
    engine: EvidenceEngine, image: ArrayLike, label: ArrayLike | None = None, seen: ArrayLike | None = None
) -> PosteriorPicture:
    """p(z|x) of one image (H, W); with `seen` (H, W) that of its seen pixels alone.

    Takes and raises what `EvidenceEngine.evidence` does.
    """
    integral = engine.log_evidence(image, label, seen)
    mean, covariance = integral.mean[0], integral.covariance[0]
    half = _REACH * np.sqrt(np.diag(covariance))
    low, high = mean - half, mean + half
    z = view_grid((low[0], high[0]), (low[1], high[1]), CELLS, CELLS)
    places = torch.from_numpy(z).to(engine.lattice.dtype)[:, None]
    joint = engine.lattice.log_likelihood_at(engine.observed(image, label, seen), places)[:, 0] + log_prior(
        z.astype(np.float64)
    )
    log_density = joint - integral.log_evidence[0]
    likely = np.argsort(log_density)[-_EXPECTED:]
    weights = np.exp(log_density[likely] - log_density[likely[-1]])
    images = engine.model.decode(z[likely], None if label is None else int(np.asarray(label).ravel()[0]))
    expected = np.tensordot(weights / weights.sum(), images, axes=1).astype(np.float32)
    return PosteriorPicture(low, high, log_density, mean, covariance, expected)
