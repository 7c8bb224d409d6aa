"""Traversals: one latent at a time goes through its values, and all others stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.latent.grids import mosaic

STEPS, REACH = 7, 3.0  # columns, and standard deviations of the prior at both ends
_GAP = 1  # pixels between two images of a file


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


def frames(images: NDArray[np.uint8], rows: int, moves: bool) -> NDArray[np.uint8]:
    """Lay images (rows · columns, H, W, C) into frames of a file, (n, h, w, C).

    A picture is one frame with one row for each latent. An animation `moves`: frame j shows column j of all latents side by
    side.
    """
    columns = len(images) // rows
    if not moves:
        return mosaic(images, columns, _GAP)[None]
    by_row = images.reshape(rows, columns, *images.shape[1:])
    return np.stack([mosaic(by_row[:, column], rows, _GAP) for column in range(columns)])
