"""A person's images of an own model, with their layout and pixel range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.arrays import flattened, to_unit
from vae_explorer.models.own.callers import read
from vae_explorer.models.own.contract import Layout, Pixels
from vae_explorer.models.own.looks import layout_of, pixels_of
from vae_explorer.shapes import ImageShape


@dataclass(frozen=True, slots=True)
class OwnImages:
    """Images as a person gave them."""

    values: Tensor  # (n, …)
    pixels: Pixels
    layout: Layout | None  # None: flat images, whose shape only the decoder tells
    shape: ImageShape | None  # (H, W, C); None likewise

    def __len__(self) -> int:
        return len(self.values)

    def unit(self, shape: ImageShape, most: int | None = None) -> Tensor:
        """Return the first images as (n, D) in [0, 1]. Raises `UserError` if they are not of `shape`."""
        values = self.values[:most]
        layout, _ = layout_of(tuple(values.shape[1:]), shape, self.layout, channels_first=True)
        return to_unit(flattened(values, shape, layout), self.pixels)


def own_images(given: Any, shape: ImageShape | None) -> OwnImages:
    """Return the images of an array or tensor (n, …) of any layout and range.

    `shape` (H, W, C) is what is known of them. Raises `UserError` on other values.
    """
    try:
        answer = read(given)
    except UserError as error:
        raise UserError("images must be an array or a tensor of numbers, (n, H, W), (n, C, H, W) or (n, H, W, C)") from error
    values = answer.arrays[0]
    if values.ndim < 2 or not len(values):
        raise UserError(f"images have shape {tuple(values.shape)}; give (n, H, W), (n, C, H, W) or (n, H, W, C)")
    pixels, _ = pixels_of(values)
    pixels = Pixels.UNIT if pixels is Pixels.LOGITS else pixels
    if values.ndim == 2 and shape is None:
        return OwnImages(values, pixels, None, None)
    layout, found = layout_of(tuple(values.shape[1:]), shape, None, isinstance(given, torch.Tensor))
    return OwnImages(values, pixels, layout, found)
