"""Traversals: one latent at a time goes through its values, and all others stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

STEPS, REACH = 7, 3.0  # columns, and standard deviations of the prior at both ends


def traversal_values(steps: int = STEPS, reach: float = REACH) -> NDArray[np.float64]:
    """Return the values of a latent in each column, (steps,), even from −reach to reach."""
    return np.linspace(-reach, reach, steps)


def traversals(z: ArrayLike, latents: Sequence[int], values: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return latent points around z (d,), one row for each of `latents`, (rows · columns, d).

    In row i and column j, the latent has value j, and all other latents are those of z.
    """
    around = np.tile(np.asarray(z, np.float32), (len(latents), len(values), 1))
    for row, latent in enumerate(latents):
        around[row, :, latent] = values
    return around.reshape(-1, around.shape[2])
