"""Which training images a run holds out, so that people choose settings without the test images."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.errors import UserError

SPLIT_SEED = 0  # the same for all runs, so that figures of runs with other seeds are of the same images
MAX_HELD_OUT = 10_000  # images; more would cost time after each epoch and hardly lower the standard error
MAX_SHARE = 0.5
USUAL_SHARE = 0.1  # what the training dialog offers


def split_rows(images: int, share: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Split the row numbers of `images` training images at random into those to train on and those to hold out.

    Both are sorted. The held-out part is `share` of the images, at least one and at most MAX_HELD_OUT. It is empty with a share of 0.
    Raises `UserError` where no image would be left to train on.
    """
    rows = np.arange(images, dtype=np.int64)
    if not share:
        return rows, rows[:0]
    if images < 2:
        raise UserError("one training image cannot be split; leave the validation part out")
    held_out = min(max(1, round(share * images)), MAX_HELD_OUT)
    mixed = np.random.default_rng(SPLIT_SEED).permutation(rows)
    return np.sort(mixed[held_out:]), np.sort(mixed[:held_out])
