"""A body of residual convolutions for large images."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from vae_explorer.models.linear import Linear
from vae_explorer.models.networks import Halves, Pixels, Planes, activation
from vae_explorer.models.spec import ModelSpec

FEATURES = 256  # units of the dense layer beside the smallest grid


class Residual(nn.Module):
    """x + f(x) of planes (n, C, H, W), f a bottleneck of 1×1, 3×3 and 1×1 convolutions with half of the channels.

    He et al. 2016, figure 5. Without normalisation, the last convolution starts smaller by √(number of blocks): Child 2021,
    section 3.3. Then the signal's size does not grow with depth, and an image's code does not depend on other images.
    """

    def __init__(self, channels: int, blocks: int, spec: ModelSpec) -> None:
        super().__init__()
        narrow = bottleneck(channels)
        last = nn.Conv2d(narrow, channels, 1)
        with torch.no_grad():
            last.weight.div_(math.sqrt(blocks))
        self.branch = nn.Sequential(
            nn.Conv2d(channels, narrow, 1),
            activation(spec),
            nn.Conv2d(narrow, narrow, 3, padding=1),
            activation(spec),
            last,
        )

    def forward(self, planes: Tensor) -> Tensor:
        changed: Tensor = self.branch(planes)
        return planes + changed


class Grid(nn.Module):
    """Numbers (n, H · W · C) as planes (n, C, H, W), with channels last in memory, which convolutions read faster."""

    def __init__(self, height: int, width: int, channels: int) -> None:
        super().__init__()
        self.shape = (-1, height, width, channels)

    def forward(self, numbers: Tensor) -> Tensor:
        return numbers.view(self.shape).movedim(3, 1)


class _Numbers(nn.Module):
    """The inverse of `Grid`."""

    def forward(self, planes: Tensor) -> Tensor:
        return planes.movedim(1, 3).flatten(1)


def bottleneck(channels: int) -> int:
    """Return the channels inside a residual block."""
    return max(1, channels // 2)


def resconv(spec: ModelSpec) -> Halves:
    """Make halves with a stride-2 convolution and a residual block for each number of channels in `hidden`."""
    height, width, planes = spec.image_shape
    blocks, channels = len(spec.hidden), (planes + spec.classes, *spec.hidden)
    encoder: list[nn.Module] = [Planes(spec)]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, 3, stride=2, padding=1), activation(spec), Residual(after, blocks, spec)]
        height, width = (height + 1) // 2, (width + 1) // 2
    encoder += [activation(spec), _Numbers(), Linear(channels[-1] * height * width, FEATURES), activation(spec)]
    back = (*reversed(spec.hidden), planes)
    decoder: list[nn.Module] = [Linear(spec.latent_dim + spec.classes, FEATURES), activation(spec)]
    decoder += [Linear(FEATURES, back[0] * height * width), Grid(height, width, back[0])]
    for before, after in pairwise(back):
        up = nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)
        decoder += [activation(spec), Residual(before, blocks, spec), activation(spec), up]
    decoder.append(Pixels(spec.image_shape))
    return Halves(nn.Sequential(*encoder), FEATURES, nn.Sequential(*decoder))
