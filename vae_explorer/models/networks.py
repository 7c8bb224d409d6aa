"""Encoder and decoder bodies: between an image (n, D) and features, one entry a body."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn

from vae_explorer.models.bodies import BODIES
from vae_explorer.models.linear import Linear
from vae_explorer.models.spec import RELU, ModelSpec
from vae_explorer.registry import resolve


@dataclass(frozen=True, slots=True)
class Halves:
    """Encoder: (n, D) -> (n, `features`). Decoder: (n, 2) -> (n, D). Both also take the weights of the classes where there are any:
    (n, D + C) and (n, 2 + C)."""

    encoder: nn.Module
    features: int
    decoder: nn.Module


def mlp(spec: ModelSpec) -> Halves:
    """Fully connected; the decoder mirrors the encoder."""
    down = (spec.pixels + spec.classes, *spec.hidden)
    up = (spec.latent_dim + spec.classes, *reversed(spec.hidden))
    decoder = nn.Sequential(*dense(up, spec), Linear(up[-1], spec.pixels))
    return Halves(nn.Sequential(*dense(down, spec)), down[-1], decoder)


def dense(widths: tuple[int, ...], spec: ModelSpec) -> list[nn.Module]:
    """Fully connected layers of these widths, each with the activation of `spec`."""
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [Linear(before, after), activation(spec)]
    return layers


def activation(spec: ModelSpec) -> nn.Module:
    return nn.ReLU() if spec.activation == RELU else nn.GELU()


class _Crop(nn.Module):
    """Cuts an image (n, 1, H', W') that was doubled from rounded-up halves to (H, W)."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._height, self._width = height, width

    def forward(self, images: Tensor) -> Tensor:
        return images[..., : self._height, : self._width]


class _Planes(nn.Module):
    """Pixels (n, H·W + C) as an image (n, 1 + C, H, W): the weights of the classes become planes."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._shape = (height, width)

    def forward(self, pixels: Tensor) -> Tensor:
        height, width = self._shape
        image = pixels[:, : height * width].view(-1, 1, height, width)
        planes = pixels[:, height * width :, None, None].expand(-1, -1, height, width)
        return torch.cat([image, planes], dim=1)


def conv(spec: ModelSpec) -> Halves:
    """Each entry of `hidden` is a convolution of stride 2 with that many channels; one dense layer joins them to the plane."""
    height, width = spec.image_shape
    channels = (1 + spec.classes, *spec.hidden)
    encoder: list[nn.Module] = [_Planes(height, width)]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, 3, stride=2, padding=1), activation(spec)]
        height, width = (height + 1) // 2, (width + 1) // 2
    flat, features = channels[-1] * height * width, 256
    encoder += [nn.Flatten(), Linear(flat, features), activation(spec)]
    decoder: list[nn.Module] = [Linear(spec.latent_dim + spec.classes, features), activation(spec), Linear(features, flat)]
    decoder.append(nn.Unflatten(1, (channels[-1], height, width)))
    for before, after in pairwise((*reversed(spec.hidden), 1)):
        decoder += [activation(spec), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
    decoder += [_Crop(*spec.image_shape), nn.Flatten()]
    return Halves(nn.Sequential(*encoder), features, nn.Sequential(*decoder))


def build_halves(spec: ModelSpec) -> Halves:
    """The two halves of `spec.body`. Raises `UserError` on an unknown body."""
    halves: Halves = resolve(BODIES[spec.body].target)(spec)
    return halves
