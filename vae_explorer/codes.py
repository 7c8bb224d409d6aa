"""Codes: the posterior moments of every image of a data set, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent

TRAIN, TEST = 0, 1
SPLIT_NAMES = ("train", "test")
Labels = NDArray[np.unsignedinteger[Any]]  # class numbers, (n,) uint8, or uint16 beyond 256 classes


@dataclass(frozen=True, slots=True, eq=False)
class Codes(ByContent):
    """A data set's codes under one model: train, then test images, in the set's order."""

    mean: NDArray[np.float32]  # (n, 2)
    std: NDArray[np.float32]  # (n, 2)
    label: Labels  # (n,)
    split: NDArray[np.uint8]  # (n,) TRAIN or TEST

    def __len__(self) -> int:
        return len(self.label)

    def of_split(self, split: int) -> Codes:
        keep = self.split == split
        return Codes(self.mean[keep], self.std[keep], self.label[keep], self.split[keep])

    def place_in_split(self, index: int) -> tuple[int, int]:
        """Return (split, index within that split) of code `index`."""
        split = int(self.split[index])
        return split, index - int(np.searchsorted(self.split, split))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"mean": self.mean, "std": self.std, "label": self.label, "split": self.split}

    @staticmethod
    def empty() -> Codes:
        nothing = np.zeros((0, 2), np.float32)
        return Codes(nothing, nothing, np.zeros(0, np.uint8), np.zeros(0, np.uint8))
