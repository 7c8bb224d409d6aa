"""Computes the ELBO of many images by decoding around each code alone."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.data.base import Cancelled, ShouldStop, never
from vae_explorer.inference.evidence.bound import Bound, bound
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.trained import TrainedModel

_TOGETHER = 64  # images between two checks of `should_stop`


def stream_bounds(
    model: TrainedModel,
    lattice: DecodedLattice,
    images: NDArray[np.float32],
    label: NDArray[np.uint8] | None,
    should_stop: ShouldStop = never,
) -> Iterator[tuple[NDArray[np.int64], Bound]]:
    """Yield (rows of `images`, their `Bound`), equal to the values in their evidence.

    `images` (n, H, W, C) are in the domain of the model; `label` (n,) holds classes for a conditional model. `lattice` decodes.
    Raises `UserError` on another shape, `Cancelled` once `should_stop` is true.
    """
    flat = model.flat(images)
    classes = label if label is not None else np.zeros(len(flat), np.uint8)
    for one in np.unique(classes).tolist():
        of_class = np.flatnonzero(classes == one)
        for start in range(0, len(of_class), _TOGETHER):
            if should_stop():
                raise Cancelled("computing bounds was stopped")
            rows = of_class[start : start + _TOGETHER]
            yield rows, _bound(model, lattice, flat[rows], one if label is not None else None)


@torch.inference_mode()
def _bound(model: TrainedModel, lattice: DecodedLattice, flat: NDArray[np.float32], label: int | None) -> Bound:
    observed = Observed(torch.from_numpy(flat).to(lattice.dtype), label or 0)
    told = None if label is None else torch.full((len(flat),), label)
    return bound(lattice, model.network.encode(observed.images, told), observed)
