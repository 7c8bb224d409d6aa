"""Codes: the posterior moments of every image of a data set, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.by_content import ByContent

UNKNOWN = "unknown"  # the class of images whose class is missing; it comes last

Labels = NDArray[np.unsignedinteger[Any]]  # class numbers, (n,) uint8, or uint16 beyond 256 classes


class Split(IntEnum):
    """A split of a data set, with the number that model files give it."""

    TRAIN = 0
    TEST = 1

    @property
    def title(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Codes(ByContent):
    """A data set's codes under one model: train, then test images, in the set's order."""

    mean: NDArray[np.float32]  # (n, d)
    std: NDArray[np.float32]  # (n, d)
    label: Labels  # (n,)
    split: NDArray[np.uint8]  # (n,) numbers of `Split`

    def __len__(self) -> int:
        return len(self.label)

    def of_split(self, split: Split) -> Codes:
        keep = self.split == split
        return Codes(self.mean[keep], self.std[keep], self.label[keep], self.split[keep])

    def place_in_split(self, index: int) -> tuple[Split, int]:
        """Return (split, index within that split) of code `index`."""
        split = Split(self.split[index])
        return split, index - int(np.searchsorted(self.split, split))

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"mean": self.mean, "std": self.std, "label": self.label, "split": self.split}

    @staticmethod
    def empty(latents: int = 2) -> Codes:
        nothing = np.zeros((0, latents), np.float32)
        return Codes(nothing, nothing, np.zeros(0, np.uint8), np.zeros(0, np.uint8))
