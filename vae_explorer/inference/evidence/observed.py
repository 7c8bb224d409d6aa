"""What is observed: images of one class, and which of their pixels count."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.models.observation import Likelihood

_AT_ONCE = 256  # images that are in memory as float64


@dataclass(frozen=True, slots=True)
class Observed:
    """n images in the network's own precision. Hidden pixels are black, and count for nothing."""

    images: Tensor  # (n, D)
    label: int = 0  # the class that a conditional model is given
    seen: Tensor | None = None  # (n, D), 1 where a pixel counts and 0 where it is hidden; None: all count
    _base: list[NDArray[np.float64]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )  # worked out once: every level asks

    def __len__(self) -> int:
        return len(self.images)

    def of(self, rows: NDArray[np.int64]) -> Observed:
        """Some of the images."""
        chosen = torch.from_numpy(rows)
        seen = None if self.seen is None else self.seen.index_select(0, chosen)
        return Observed(self.images.index_select(0, chosen), self.label, seen)

    def base(self, likelihood: Likelihood) -> NDArray[np.float64]:
        """The part of log p(x|z) that is the same for every z, (n,). `likelihood` is always that of the same model."""
        if not self._base:
            self._base.append(self._summed_base(likelihood))
        return self._base[0]

    def _summed_base(self, likelihood: Likelihood) -> NDArray[np.float64]:
        parts = []
        for start in range(0, len(self), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            each = likelihood.base(self.images[rows].double())
            parts.append((each if self.seen is None else each * self.seen[rows]).sum(dim=1))
        return np.asarray(torch.cat(parts).numpy(), np.float64)
