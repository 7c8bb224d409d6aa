"""What the raw pixels of a set are like, gathered in parts and merged."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SAMPLED = 1 << 20  # pixels of a whole set whose numbers give the percentiles
_LEAST = 16  # sampled pixels of an image


@dataclass(slots=True)
class Facts:
    """Counts and samples of raw images. They do not depend on the order of the images, nor on how the set was parted."""

    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)  # (h, w) -> images
    channels: Counter[int] = field(default_factory=Counter)  # -> images
    depths: Counter[str] = field(default_factory=Counter)  # type of number -> images
    coloured: bool = False  # whether the channels of any three-channel image differ
    brightest: int = 0  # of the 8-bit images
    lowest: float = math.inf  # of the deep images
    highest: float = -math.inf
    whole: bool = True  # whether all deep images hold whole numbers
    samples: dict[int, list[NDArray[np.float64]]] = field(default_factory=dict)  # channels -> (m, c) of deep images

    def add(self, block: NDArray[Any], each: int) -> None:
        """Add images (k, h, w, c) without missing numbers, sampling `each` pixels of a deep image."""
        count, height, width, channels = block.shape
        if not count:
            return
        self.sizes[height, width] += count
        self.channels[channels] += count
        self.depths[block.dtype.name] += count
        if channels == 3 and not self.coloured:
            self.coloured = any(bool((image[..., :1] != image[..., 1:]).any()) for image in block)  # stops at the first
        if block.dtype == np.uint8:
            self.brightest = self.brightest if self.brightest > 1 else int(block.max())
        elif block.dtype != np.bool_:
            self._add_deep(block, each)

    def _add_deep(self, block: NDArray[Any], each: int) -> None:
        self.lowest, self.highest = min(self.lowest, float(block.min())), max(self.highest, float(block.max()))
        self.whole = self.whole and (block.dtype.kind in "ui" or bool((block == np.rint(block)).all()))
        pixels = block.reshape(len(block), -1, block.shape[-1])
        step = -(-pixels.shape[1] // each)
        sample = pixels[:, ::step].reshape(-1, block.shape[-1]).astype(np.float64)
        self.samples.setdefault(block.shape[-1], []).append(sample)

    def merge(self, other: Facts) -> None:
        self.sizes += other.sizes
        self.channels += other.channels
        self.depths += other.depths
        self.coloured = self.coloured or other.coloured
        self.brightest = max(self.brightest, other.brightest)
        self.lowest, self.highest = min(self.lowest, other.lowest), max(self.highest, other.highest)
        self.whole = self.whole and other.whole
        for channels, samples in other.samples.items():
            self.samples.setdefault(channels, []).extend(samples)

    @property
    def deep(self) -> int:
        """Return the number of images of more than 8 bits."""
        return sum(count for depth, count in self.depths.items() if depth not in ("uint8", "bool"))


def sampled_pixels(images: int) -> int:
    """Return how many pixels to sample of each deep image in a set of so many."""
    return max(_LEAST, SAMPLED // max(images, 1))
