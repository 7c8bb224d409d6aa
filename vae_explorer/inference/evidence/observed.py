"""The observed images of one class, and their visible pixels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.models.observation import Likelihood

_AT_ONCE = 256  # images in float64 at once


@dataclass(frozen=True, slots=True)
class Observed:
    """n images in the network's precision. Hidden pixels are black and do not count."""

    images: Tensor  # (n, D)
    label: int = 0  # class for a conditional model
    seen: Tensor | None = None  # (n, D), 1 for a visible and 0 for a hidden pixel; None if all are visible
    _base: list[NDArray[np.float64]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )  # cached, as every level asks

    def __len__(self) -> int:
        return len(self.images)

    def of(self, rows: NDArray[np.int64]) -> Observed:
        chosen = torch.from_numpy(rows)
        seen = None if self.seen is None else self.seen.index_select(0, chosen)
        return Observed(self.images.index_select(0, chosen), self.label, seen)

    def base(self, likelihood: Likelihood) -> NDArray[np.float64]:
        """Return the part of log p(x|z) that does not depend on z, (n,).

        The value is cached, so `likelihood` must always belong to one model.
        """
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
