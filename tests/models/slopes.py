"""Gradients against finite differences; draws and images that are the same every time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from vae_explorer.models.base import Batch, LatentModel

STEP = 1e-5


def generator(seed: int = 5) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def nine_images() -> Batch:
    """Of six pixels."""
    return Batch(torch.rand(9, 6, generator=generator(), dtype=torch.float64), torch.zeros(9, dtype=torch.int64))


def check_gradients(model: LatentModel, loss: Callable[[], Tensor]) -> None:
    """The gradient of `loss`, which always draws the same, along a direction of each weight is the slope between two sides of it."""
    gradients = torch.autograd.grad(loss(), list(model.parameters()), allow_unused=True, materialize_grads=True)
    for (name, weight), gradient in zip(model.named_parameters(), gradients, strict=True):
        direction = torch.randn(weight.shape, generator=generator(4), dtype=torch.float64)
        slope = (_moved(weight, STEP * direction, loss) - _moved(weight, -STEP * direction, loss)) / (2 * STEP)
        assert (gradient * direction).sum().item() == pytest.approx(slope, rel=1e-6, abs=1e-8), name


def _moved(weight: Tensor, by: Tensor, loss: Callable[[], Tensor]) -> float:
    before = weight.detach().clone()
    with torch.no_grad():
        weight += by
    value = loss().item()  # with gradients: what is made of one needs them
    with torch.no_grad():
        weight.copy_(before)
    return value
