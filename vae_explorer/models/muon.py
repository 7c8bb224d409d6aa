"""Muon: a weight matrix steps along its orthogonalised momentum.

Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks". `torch.optim.Muon` is missing in some supported
versions of torch, and imports torch's compiler.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from vae_explorer.models.adam import Adam
from vae_explorer.models.linear import has_short_products

_LEAST = 64  # rows and columns; narrower matrices and biases take Adam's steps
RATE = 10.0  # times Adam's rate: Adam's steps have about 1 in each number, these 1 in each direction
MOMENTUM = 0.95
_STEPS = 5
_A, _B, _C = 3.4445, -4.7750, 2.0315  # of the iteration; they bring most singular values to 0.7 … 1.2


class Muon:
    """The momentum of large matrices and its steps; other weights take Adam's."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        self._weights = list(weights)
        self._wide = [place for place, weight in enumerate(weights) if weight.dim() == 2 and min(weight.shape) >= _LEAST]
        self._others = [place for place in range(len(weights)) if place not in self._wide]
        self._momentum = [torch.zeros_like(weights[place]) for place in self._wide]
        self._adam = Adam([weights[place] for place in self._others]) if self._others else None

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor], rate: float, betas: tuple[float, float] = (0.9, 0.999)) -> None:
        """Take one step down the `gradients`. `rate` is Adam's rate; `betas` are for Adam only."""
        if self._adam is not None:
            self._adam.step([gradients[place] for place in self._others], rate, betas)
        for place, momentum in zip(self._wide, self._momentum, strict=True):
            weight, gradient = self._weights[place], gradients[place]
            momentum.lerp_(gradient, 1 - MOMENTUM)
            along = orthogonal(gradient.lerp(momentum, MOMENTUM))  # Nesterov's momentum
            weight.sub_(along, alpha=RATE * rate * math.sqrt(max(1.0, weight.shape[0] / weight.shape[1])))


def orthogonal(matrix: Tensor) -> Tensor:
    """Return about U Vᵀ of a matrix U S Vᵀ (m, n), by a quintic Newton-Schulz iteration.

    Singular values become 0.7 to 1.2. Those below a hundredth of the norm stay smaller, and 0 stays 0.
    """
    short = matrix.device.type != "cpu" or has_short_products()
    found = matrix.bfloat16() if short else matrix
    is_tall = matrix.shape[0] > matrix.shape[1]
    found = found.t() if is_tall else found
    found = found / found.norm().clamp(min=1e-7)
    for _ in range(_STEPS):
        square = found @ found.t()
        found = torch.addmm(found, torch.addmm(square, square, square, beta=_B, alpha=_C), found, beta=_A)
    return (found.t() if is_tall else found).to(matrix.dtype)
