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


class _Reader(nn.Module):
    """Rows of an image (n, H·W + C), read from the top by GRUs: the state after the last row, (n, width).

    The weights of the classes stand beside every row.
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
    """z (n, 2 + C) as an image (n, H·W), written from the top by GRUs that are given z at their start and before every row."""

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
    """Each entry of `hidden` is a gated recurrent unit over the rows: Cho et al. 2014. It has gates in place of `activation`.

    The decoder is not given the row above, so that pixels are independent given z, as in the other bodies: row t of any z is known
    without drawing the rows before it.
    """
    features = spec.hidden[-1] if spec.hidden else spec.image_shape[1] + spec.classes
    return Halves(_Reader(spec), features, _Writer(spec))


def build_halves(spec: ModelSpec) -> Halves:
    """The two halves of `spec.body`. Raises `UserError` on an unknown body."""
    halves: Halves = resolve(BODIES[spec.body].target)(spec)
    return halves
