"""Encoder and decoder bodies between images (n, D) and features."""

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
    """An encoder (n, D) -> (n, `features`) and a decoder (n, 2) -> (n, D).

    With class weights, the inputs are (n, D + C) and (n, 2 + C).
    """

    encoder: nn.Module
    features: int
    decoder: nn.Module


def mlp(spec: ModelSpec) -> Halves:
    """Make fully connected halves; the decoder mirrors the encoder."""
    down = (spec.pixels + spec.classes, *spec.hidden)
    up = (spec.latent_dim + spec.classes, *reversed(spec.hidden))
    decoder = nn.Sequential(*dense(up, spec), Linear(up[-1], spec.pixels))
    return Halves(nn.Sequential(*dense(down, spec)), down[-1], decoder)


def dense(widths: tuple[int, ...], spec: ModelSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [Linear(before, after), activation(spec)]
    return layers


def activation(spec: ModelSpec) -> nn.Module:
    return nn.ReLU() if spec.activation == RELU else nn.GELU()


class _Crop(nn.Module):
    """Crops an image (n, 1, H', W') to (H, W); doubling rounded-up halves makes it too large."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._height, self._width = height, width

    def forward(self, images: Tensor) -> Tensor:
        return images[..., : self._height, : self._width]


class _Planes(nn.Module):
    """Pixels (n, H·W + C) as an image (n, 1 + C, H, W): class weights become planes."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._shape = (height, width)

    def forward(self, pixels: Tensor) -> Tensor:
        height, width = self._shape
        image = pixels[:, : height * width].view(-1, 1, height, width)
        planes = pixels[:, height * width :, None, None].expand(-1, -1, height, width)
        return torch.cat([image, planes], dim=1)


def conv(spec: ModelSpec) -> Halves:
    """Make halves of stride-2 convolutions with `hidden` channels, and one dense layer."""
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


class _Reader(nn.Module):
    """Reads an image's rows (n, H·W + C) with GRUs into the last state, (n, width).

    Class weights stand beside every row.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self._shape = spec.image_shape
        self.layers = _grus((spec.image_shape[1] + spec.classes, *spec.hidden))

    def forward(self, pixels: Tensor) -> Tensor:
        height, width = self._shape
        rows = pixels[:, : height * width].view(-1, height, width).transpose(0, 1)
        states = torch.cat([rows, pixels[None, :, height * width :].expand(height, -1, -1)], dim=2)
        for layer in self.layers:
            states, _ = layer(states)
        return states[-1]


class _Writer(nn.Module):
    """Writes z (n, 2 + C) as an image (n, H·W) row by row, with GRUs that read z at each row."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        given, widths = spec.latent_dim + spec.classes, tuple(reversed(spec.hidden))
        self._height = spec.image_shape[0]
        self.starts = nn.ModuleList(Linear(given, width) for width in widths)
        self.layers = _grus((given, *widths))
        self.row = Linear((given, *widths)[-1], spec.image_shape[1])

    def forward(self, z: Tensor) -> Tensor:
        states = z.expand(self._height, -1, -1)
        for start, layer in zip(self.starts, self.layers, strict=True):
            states, _ = layer(states, torch.tanh(start(z))[None])
        rows: Tensor = self.row(states.transpose(0, 1).flatten(0, 1))
        return rows.view(len(z), -1)


def _grus(widths: tuple[int, ...]) -> nn.ModuleList:
    return nn.ModuleList(nn.GRU(before, after) for before, after in pairwise(widths))


def gru(spec: ModelSpec) -> Halves:
    """Make halves of gated recurrent units over the rows: Cho et al. 2014.

    Gates replace `activation`. The decoder does not read the row above, so pixels are independent given z.
    """
    features = spec.hidden[-1] if spec.hidden else spec.image_shape[1] + spec.classes
    return Halves(_Reader(spec), features, _Writer(spec))


def build_halves(spec: ModelSpec) -> Halves:
    halves: Halves = resolve(BODIES[spec.body].target)(spec)
    return halves
