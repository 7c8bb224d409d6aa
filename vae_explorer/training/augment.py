"""Moves training images a little, which stands for more images."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from vae_explorer.models.networks import as_planes
from vae_explorer.shapes import ImageShape

# The std at strength 1: radians; shift of a row by its height; log of the factor of each side; share of half a side
ROTATION, SHEAR, SCALE, TRANSLATION = math.radians(7), 0.12, 0.06, 0.03


def augmented(images: Tensor, shape: ImageShape, strength: float, generator: torch.Generator) -> Tensor:
    """Rotate, shear, scale and translate half of the images (b, D) uint8 of `shape` (H, W, C).

    Half is rounded up. Each image has its own normally distributed affine map, with bilinear interpolation, and black beyond
    the border.
    """
    some = images[: (len(images) + 1) // 2]
    planes = as_planes(some, shape).float()
    grid = affine_grid(_maps(len(some), shape, strength, generator), list(planes.shape), align_corners=False)
    moved = grid_sample(planes, grid, align_corners=False).movedim(1, 3)
    return torch.cat([moved.round().to(torch.uint8).flatten(1), images[len(some) :]])


def _maps(n: int, shape: ImageShape, strength: float, generator: torch.Generator) -> Tensor:
    """Draw affine maps (n, 2, 3) from new to old places; both images span −1 to 1."""
    normal = strength * torch.randn(n, 6, generator=generator, device=generator.device)
    angle, shear = ROTATION * normal[:, 0], SHEAR * normal[:, 1]
    across, along = (SCALE * normal[:, 2:4]).exp().unbind(dim=1)
    high, wide, _ = shape
    cos, sin = angle.cos(), angle.sin()
    rows = [cos * across, (shear - sin) * across * (high / wide), sin * along * (wide / high), cos * along]
    return torch.cat([torch.stack(rows, dim=1).view(n, 2, 2), TRANSLATION * normal[:, 4:, None]], dim=2)
