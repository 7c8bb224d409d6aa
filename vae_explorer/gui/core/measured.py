"""Binarises images for metrics as in training. For one thread; imports torch late."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.kinds import Binarised


class MeasuredSplit:
    """Binarises whole splits once, so that every metric measures equal pixels."""

    def __init__(self) -> None:
        self._binarised: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None  # images of a split, raw and binarised

    def rows(self, images: NDArray[np.uint8], rows: NDArray[np.int64], binarised: Binarised) -> NDArray[np.float32]:
        """Return rows (m,) of images (n, H, W, C) in [0, 1], 0 or 1 for a model of binary images."""
        if binarised is not Binarised.DYNAMIC:
            return images[rows].astype(np.float32) / np.float32(255)
        if self._binarised is None or self._binarised[0] is not images:
            from vae_explorer.models.measure import binary_pixels

            self._binarised = (images, binary_pixels(images))
        return self._binarised[1][rows].astype(np.float32)
