"""Computes the metrics of a whole data set chunk by chunk, on the iterating thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.inference.evidence.engine import EvidenceEngine


@dataclass(frozen=True, slots=True)
class Survey:
    """The metrics of some images, in nats except where noted."""

    rows: NDArray[np.int64]  # (n,) indices of the images; each image is in one chunk
    log_evidence: NDArray[np.float64]  # (n,) log p(x), or log p(x|c) of a conditional model
    elbo: NDArray[np.float64]  # (n,)
    amortisation_gap: NDArray[np.float64]  # (n,) ELBO of the best diagonal Gaussian − ELBO of the encoder's q
    approximation_gap: NDArray[np.float64]  # (n,) log p(x) − ELBO of the best diagonal Gaussian
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    posterior_area: NDArray[np.float64]  # (n,) latent units²: area of the 95 % highest-density region of p(z|x)
    exact: NDArray[np.bool_]  # (n,) whether the values in nats are exact to 0.001, and their identity holds


def survey(
    engine: EvidenceEngine,
    images: ArrayLike,
    label: ArrayLike | None = None,
    should_stop: ShouldStop = never,
) -> Iterator[Survey]:
    """Yield the metrics of images (n, H, W, C) in [0, 1], with classes (n,) if conditional.

    Images are in the domain of the model. A chunk holds images that are neighbours on the plane, so `rows` gives their indices.
    Raises `UserError` on other shapes and missing classes, `Cancelled` between chunks or tiles once `should_stop` is true.
    """
    for rows, found, gaps, integral in engine.stream_gaps(images, label, should_stop):
        yield Survey(
            rows,
            found.log_evidence,
            found.elbo,
            gaps.amortisation,
            gaps.approximation,
            found.reconstruction,
            integral.area,
            found.converged & gaps.converged,
        )
