"""Encoder and decoder bodies: between an image (n, D) and features, one entry a body."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from torch import Tensor, nn

from vae_explorer.models.bodies import BODIES
from vae_explorer.models.linear import Linear
from vae_explorer.models.spec import ModelSpec
from vae_explorer.registry import resolve


@dataclass(frozen=True, slots=True)
class Halves:
    """Encoder: (n, D) -> (n, `features`). Decoder: (n, 2) -> (n, D)."""

    encoder: nn.Module
    features: int
    decoder: nn.Module


def mlp(spec: ModelSpec) -> Halves:
    """Fully connected, GELU between the layers; the decoder mirrors the encoder."""
    down = (spec.pixels, *spec.hidden)
    up = (spec.latent_dim, *reversed(spec.hidden))
    decoder = nn.Sequential(*_dense(up), Linear(up[-1], spec.pixels))
    return Halves(nn.Sequential(*_dense(down)), down[-1], decoder)


def _dense(widths: tuple[int, ...]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for before, after in pairwise(widths):
        layers += [Linear(before, after), nn.GELU()]
    return layers


class _Crop(nn.Module):
    """Cuts an image (n, 1, H', W') that was doubled from rounded-up halves to (H, W)."""

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self._height, self._width = height, width

    def forward(self, images: Tensor) -> Tensor:
        return images[..., : self._height, : self._width]


def conv(spec: ModelSpec) -> Halves:
    """Each entry of `hidden` is a convolution of stride 2 with that many channels; one dense layer joins them to the plane."""
    height, width = spec.image_shape
    channels = (1, *spec.hidden)
    encoder: list[nn.Module] = [nn.Unflatten(1, (1, height, width))]
    for before, after in pairwise(channels):
        encoder += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.GELU()]
        height, width = (height + 1) // 2, (width + 1) // 2
    flat, features = channels[-1] * height * width, 256
    encoder += [nn.Flatten(), Linear(flat, features), nn.GELU()]
    decoder: list[nn.Module] = [Linear(spec.latent_dim, features), nn.GELU(), Linear(features, flat)]
    decoder.append(nn.Unflatten(1, (channels[-1], height, width)))
    for before, after in pairwise(reversed(channels)):
        decoder += [nn.GELU(), nn.ConvTranspose2d(before, after, 4, stride=2, padding=1)]
    decoder += [_Crop(*spec.image_shape), nn.Flatten()]
    return Halves(nn.Sequential(*encoder), features, nn.Sequential(*decoder))


def build_halves(spec: ModelSpec) -> Halves:
    """The two halves of `spec.body`. Raises `UserError` on an unknown body."""
    halves: Halves = resolve(BODIES[spec.body].target)(spec)
    return halves
