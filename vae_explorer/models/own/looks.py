"""Tells layout and pixel range from arrays."""

from __future__ import annotations

import math

from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.arrays import to_unit
from vae_explorer.models.own.contract import Layout, Pixels, axes
from vae_explorer.models.own.given import check_shape
from vae_explorer.shapes import ImageShape

_USUAL_CHANNELS = (1, 3, 4, 2)  # the likeliest first
_MOST_CHANNELS = 16
_ROUNDING = 1e-3
_LEAST_BYTE = 8.0  # what reaches beyond, and never below 0, is taken for bytes
_COLOURS = 3


def layout_of(
    sides: tuple[int, ...], shape: ImageShape | None, layout: Layout | None, channels_first: bool
) -> tuple[Layout, ImageShape]:
    """Return layout and shape (H, W, C) of images whose array is (n, *sides).

    `shape` and `layout` are what is known. Raises `UserError` if the sides fit neither, or no image.
    """
    order = [Layout.CHANNELS_FIRST, Layout.CHANNELS_LAST] if channels_first else [Layout.CHANNELS_LAST, Layout.CHANNELS_FIRST]
    offered = [*order, Layout.GREY, Layout.FLAT, Layout.FLAT_CHANNELS_LAST] if layout is None else [layout]
    if shape is not None:
        for each in offered:
            fits = sides == axes(each, shape) and not (each is Layout.GREY and shape[2] != 1)
            if fits:
                return each, shape
        raise UserError(
            f"arrays of shape {_array(sides)} hold no images of {'×'.join(map(str, shape))}; give image_shape=(H, W, C)"
        )
    shapes = [(each, found) for each in offered if (found := _shape_of(sides, each)) is not None]
    if not shapes:
        raise UserError(f"arrays of shape {_array(sides)} are no images that can be told; give image_shape=(H, W, C)")
    likeliest = min(shapes, key=lambda each: _rank(each[1]))
    return likeliest[0], check_shape(likeliest[1])


def _array(sides: tuple[int, ...]) -> str:
    return f"(n, {', '.join(map(str, sides))})" if sides else "(n,)"


def _shape_of(sides: tuple[int, ...], layout: Layout) -> ImageShape | None:
    """Return the shape of images of `sides` in a layout; None if there is none."""
    if layout in (Layout.FLAT, Layout.FLAT_CHANNELS_LAST):
        return _square(sides[0]) if len(sides) == 1 else None
    if layout is Layout.GREY:
        return (*sides, 1) if len(sides) == 2 else None
    if len(sides) != 3:
        return None
    channels, height, width = sides if layout is Layout.CHANNELS_FIRST else (sides[2], *sides[:2])
    return (height, width, channels) if channels <= _MOST_CHANNELS else None


def _square(size: int) -> ImageShape | None:
    for channels in (1, _COLOURS):
        side = math.isqrt(size // channels)
        if side and channels * side * side == size:
            return (side, side, channels)
    return None


def _rank(shape: ImageShape) -> int:
    return _USUAL_CHANNELS.index(shape[2]) if shape[2] in _USUAL_CHANNELS else len(_USUAL_CHANNELS)


def pixels_of(values: Tensor, images: Tensor | None = None) -> tuple[Pixels, str]:
    """Return the range of pixel values, and a note if another range is possible.

    `images` (n, D) in [0, 1] are what the values should look like. Raises `UserError` on NaN.
    """
    low, high = values.min().item(), values.max().item()
    if not (math.isfinite(low) and math.isfinite(high)):
        raise UserError("some pixel values are NaN or infinite")
    reach = f"values reach from {low:.3g} to {high:.3g}".replace("-", "−")
    if low >= -_ROUNDING:
        if high <= 1 + _ROUNDING:
            return Pixels.UNIT, ""
        if high >= _LEAST_BYTE:
            return Pixels.BYTES, f"{reach}, so they are taken for bytes"
    if images is not None and images.shape == values.shape:
        best = min((Pixels.LOGITS, Pixels.SIGNED, Pixels.UNIT), key=lambda each: _error(values, each, images))
        return best, f"{reach}, and fit the images best as {best.value}"
    if low >= -1 - _ROUNDING and high <= 1 + _ROUNDING:
        return Pixels.SIGNED, f"{reach}, so they are taken for [−1, 1]"
    return Pixels.LOGITS, f"{reach}, so they are taken for logits"


def _error(values: Tensor, pixels: Pixels, images: Tensor) -> float:
    return (to_unit(values, pixels) - images).square().mean().item()
