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
from vae_explorer.shapes import ImageShape


@dataclass(frozen=True, slots=True)
class Halves:
    """An encoder (n, D) -> (n, `features`) and a decoder (n, d) -> (n, D).

    With weights of K classes, the inputs are (n, D + K) and (n, 2 + K).
    """

    encoder: nn.Module
    features: int
    decoder: nn.Module


def mlp(spec: ModelSpec) -> Halves:
    """Make fully connected halves; the decoder mirrors the encoder."""
    down = (spec.image_size + spec.classes, *spec.hidden)
    up = (spec.latent_dim + spec.classes, *reversed(spec.hidden))
    decoder = nn.Sequential(*dense(up, spec), Linear(up[-1], spec.image_size))
    return Halves(nn.Sequential(*dense(down, spec)), down[-1], decoder)


def dense(widths: tuple[int, ...], spec: ModelSpec) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [Linear(before, after), activation(spec)]
    return layers


def activation(spec: ModelSpec) -> nn.Module:
    return nn.ReLU() if spec.activation == RELU else nn.GELU()


def as_planes(images: Tensor, shape: ImageShape) -> Tensor:
    """Return images (n, D) of `shape` (H, W, C) as convolutions take them, (n, C, H, W)."""
    height, width, channels = shape
    return images.view(-1, height * width, channels).transpose(1, 2).reshape(-1, channels, height, width)


class Pixels(nn.Module):
    """Planes (n, C, H', W') as images (n, D), cropped to (H, W); doubling rounded-up halves makes them too large."""

    def __init__(self, shape: ImageShape) -> None:
        super().__init__()
        self._height, self._width, _ = shape

    def forward(self, planes: Tensor) -> Tensor:
        return planes[..., : self._height, : self._width].movedim(1, 3).flatten(1)


class Planes(nn.Module):
    """Images (n, D) with K class weights behind, (n, D + K), as planes (n, C + K, H, W)."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self._shape, self._size = spec.image_shape, spec.image_size

    def forward(self, images: Tensor) -> Tensor:
        classes = images[:, self._size :, None, None].expand(-1, -1, *self._shape[:2])
        return torch.cat([as_planes(images[:, : self._size], self._shape), classes], dim=1)


def conv(spec: ModelSpec) -> Halves:
    """Make halves of stride-2 convolutions with `hidden` channels, and one dense layer."""
    height, width, planes = spec.image_shape
    channels = (planes + spec.classes, *spec.hidden)
    encoder: list[nn.Module] = [Planes(spec)]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, 3, stride=2, padding=1), activation(spec)]
        height, width = (height + 1) // 2, (width + 1) // 2
    area, features = height * width, 256
    encoder += [nn.Flatten(), Linear(channels[-1] * area, features), activation(spec)]
    back = (*reversed(spec.hidden), planes)
    decoder: list[nn.Module] = [Linear(spec.latent_dim + spec.classes, features), activation(spec)]
    decoder += [Linear(features, back[0] * area), nn.Unflatten(1, (back[0], height, width))]
    for before, after in pairwise(back):
        decoder += [activation(spec), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
    decoder.append(Pixels(spec.image_shape))
    return Halves(nn.Sequential(*encoder), features, nn.Sequential(*decoder))


class _Reader(nn.Module):
    """Reads an image's rows of W · C numbers, (n, D + K), with GRUs into the last state, (n, width).

    The K class weights stand beside every row.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        self._rows, self._row, self._size = spec.image_shape[0], _row_of(spec), spec.image_size
        self.layers = _grus((_row_of(spec) + spec.classes, *spec.hidden))

    def forward(self, images: Tensor) -> Tensor:
        rows = images[:, : self._size].view(-1, self._rows, self._row).transpose(0, 1)
        states = torch.cat([rows, images[None, :, self._size :].expand(self._rows, -1, -1)], dim=2)
        for layer in self.layers:
            states, _ = layer(states)
        return states[-1]


class _Writer(nn.Module):
    """Writes z (n, 2 + K) as an image (n, D) row by row, with GRUs that read z at each row."""

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        given, widths = spec.latent_dim + spec.classes, tuple(reversed(spec.hidden))
        self._height = spec.image_shape[0]
        self.starts = nn.ModuleList(Linear(given, width) for width in widths)
        self.layers = _grus((given, *widths))
        self.row = Linear((given, *widths)[-1], _row_of(spec))

    def forward(self, z: Tensor) -> Tensor:
        states = z.expand(self._height, -1, -1)
        for start, layer in zip(self.starts, self.layers, strict=True):
            states, _ = layer(states, torch.tanh(start(z))[None])
        rows: Tensor = self.row(states.transpose(0, 1).flatten(0, 1))
        return rows.view(len(z), -1)


def _row_of(spec: ModelSpec) -> int:
    """Return the numbers of an image's row, W · C."""
    return spec.image_shape[1] * spec.image_shape[2]


def _grus(widths: tuple[int, ...]) -> nn.ModuleList:
    return nn.ModuleList(nn.GRU(before, after) for before, after in pairwise(widths))


def gru(spec: ModelSpec) -> Halves:
    """Make halves of gated recurrent units over the rows: Cho et al. 2014.

    Gates replace `activation`. The decoder does not read the row above, so pixels are independent given z.
    """
    features = spec.hidden[-1] if spec.hidden else _row_of(spec) + spec.classes
    return Halves(_Reader(spec), features, _Writer(spec))


def build_halves(spec: ModelSpec) -> Halves:
    halves: Halves = resolve(BODIES[spec.body].target)(spec)
    return halves
