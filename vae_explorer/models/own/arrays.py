"""Turns images from layout to layout and from pixel range to pixel range, as torch tensors."""

from __future__ import annotations

import torch
from torch import Tensor

from vae_explorer.models.own.contract import Layout, Pixels, axes
from vae_explorer.shapes import ImageShape

_LAST = (Layout.FLAT_CHANNELS_LAST, Layout.CHANNELS_LAST, Layout.GREY)


def arranged(flat: Tensor, shape: ImageShape, layout: Layout) -> Tensor:
    """Return images (n, H · W · C) in a layout."""
    if layout in _LAST:
        return flat.reshape(len(flat), *axes(layout, shape))
    images = flat.reshape(len(flat), *shape).permute(0, 3, 1, 2)
    return images.reshape(len(flat), *axes(layout, shape)).contiguous()


def flattened(images: Tensor, shape: ImageShape, layout: Layout) -> Tensor:
    """Return images of a layout as (n, H · W · C). Raises `RuntimeError` if their sizes do not fit."""
    if layout in _LAST:
        return images.reshape(len(images), -1)
    height, width, channels = shape
    return images.reshape(len(images), channels, height, width).permute(0, 2, 3, 1).reshape(len(images), -1)


def to_unit(values: Tensor, pixels: Pixels) -> Tensor:
    """Return pixel values in [0, 1]; values beyond their range are cut."""
    if pixels is Pixels.LOGITS:
        return torch.sigmoid(values)
    if pixels is Pixels.SIGNED:
        values = 0.5 * (values + 1)
    return (values / 255 if pixels is Pixels.BYTES else values).clamp(0, 1)


def from_unit(unit: Tensor, pixels: Pixels) -> Tensor:
    """Return pixels in [0, 1] in another range; there are no images of logits."""
    if pixels is Pixels.SIGNED:
        return 2 * unit - 1
    return 255 * unit if pixels is Pixels.BYTES else unit
