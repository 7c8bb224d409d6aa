"""The figures of a whole data set, chunk by chunk, as the map is coloured by them. Runs on whichever thread iterates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.inference.evidence.engine import EvidenceEngine


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found of some of the images; nats unless it says otherwise."""

    rows: NDArray[np.int64]  # (n,) places among the images that were given, each of them in one chunk
    log_evidence: NDArray[np.float64]  # (n,) log p(x), of a conditional model log p(x|c)
    elbo: NDArray[np.float64]  # (n,)
    amortisation_gap: NDArray[np.float64]  # (n,) ELBO of the best diagonal Gaussian − ELBO of the encoder's q
    approximation_gap: NDArray[np.float64]  # (n,) log p(x) − ELBO of the best diagonal Gaussian
    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    posterior_area: NDArray[np.float64]  # (n,) of the plane: the 95 % highest-density region of p(z|x)
    exact: NDArray[np.bool_]  # (n,) whether those in nats are to 0.001 of one, and agree as they must


def survey(
    engine: EvidenceEngine,
    images: ArrayLike,
    label: ArrayLike | None = None,
    should_stop: ShouldStop = never,
) -> Iterator[Survey]:
    """The figures of images (n, H, W) in [0, 1], in the model's own domain, and of classes (n,) where it is given classes.

    A chunk holds images that lie near one another on the plane, not neighbours in the data set: `rows` says which. Raises `UserError`
    on other shapes and on missing classes, and `Cancelled` between chunks, or between tiles of one, once `should_stop` says so.
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
