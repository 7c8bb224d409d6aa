"""Adam in torch's functional form.

`torch.optim.Adam` imports torch's compiler, which delays the first step by more than a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.adam import adam

_SMALLEST = 1e-8  # added to the root of the second moment
_FUSED = ("cpu", "cuda")  # devices with one kernel for a whole step


class Adam:
    """The gradients' moments and the step from them: Kingma & Ba 2015, algorithm 1."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._weights = list(weights)
        self._fused = weights[0].device.type in _FUSED
        self._first = [torch.zeros_like(weight) for weight in weights]
        self._second = [torch.zeros_like(weight) for weight in weights]
        at_weight = [weight.device if self._fused else None for weight in weights]
        self._steps = [torch.zeros((), dtype=torch.float32, device=device) for device in at_weight]

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], rate: float, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        adam(
            self._weights,
            list(gradients),
            self._first,
            self._second,
            [],
            self._steps,
            fused=self._fused,
            amsgrad=False,
            beta1=betas[0],
            beta2=betas[1],
            lr=rate,
            weight_decay=0.0,
            eps=_SMALLEST,
            maximize=False,
        )
