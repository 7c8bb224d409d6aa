"""The images of a data set as figures are measured on them. For one thread; imports torch when it is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.kinds import Binarised


class MeasuredSplit:
    """Remembers the split that was binarised last: all of it is drawn at once, so that each image is what every figure is of."""

    def __init__(self) -> None:
        self._drawn: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None  # images of a split, and as they were binarised

    def rows(self, images: NDArray[np.uint8], rows: NDArray[np.int64], binarised: Binarised) -> NDArray[np.float32]:
        """Some of the images (n, H, W) of a split, (m, H, W) in [0, 1]: 0 or 1 where the model was trained on binary ones."""
        if binarised is not Binarised.DYNAMIC:
            return images[rows].astype(np.float32) / np.float32(255)
        if self._drawn is None or self._drawn[0] is not images:
            from vae_explorer.models.measure import binary_pixels

            self._drawn = (images, binary_pixels(images))
        return self._drawn[1][rows].astype(np.float32)
