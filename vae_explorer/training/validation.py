"""Chooses the training images that a run holds out in place of test images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.errors import UserError

SPLIT_SEED = 0  # of all runs, so their metrics are of the same images
MAX_HELD_OUT = 10_000  # images; more would cost time and hardly lower the standard error
MAX_SHARE = 0.5
USUAL_SHARE = 0.1  # what the training dialog offers


def split_rows(images: int, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the rows of `images` training images at random into training rows and held-out rows.

    Both are sorted. The held-out part is `share` of the images, from one to MAX_HELD_OUT, or empty for a share of 0. Raises
    `UserError` if no image is left to train on.
    """
    rows = np.arange(images, dtype=np.int64)
    if not share:
        return rows, rows[:0]
    if images < 2:
        raise UserError("one training image cannot be split; leave the validation part out")
    held_out = min(max(1, round(share * images)), MAX_HELD_OUT)
    mixed = np.random.default_rng(SPLIT_SEED).permutation(rows)
    return np.sort(mixed[held_out:]), np.sort(mixed[:held_out])
