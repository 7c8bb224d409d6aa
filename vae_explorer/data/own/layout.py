"""Tells which axes of an array are images, rows, columns and channels."""

from __future__ import annotations

import math
from dataclasses import dataclass

from vae_explorer.data.own.reading import MOST_CHANNELS, Axes
from vae_explorer.errors import UserError

_USUAL_CHANNELS = (1, 3)
_LEAST_FLAT = 4  # pixels
_AMBIGUOUS = " If the channels come before height and width, say --layout nchw."


@dataclass(frozen=True, slots=True)
class Layout:
    """How an array is read. `shape` is the array's own, or that of the images in its flat rows."""

    axes: Axes
    shape: tuple[int, ...]  # (n, …), three or four axes

    @property
    def image(self) -> tuple[int, int, int]:
        """Return (h, w, c) of an image."""
        if self.axes is Axes.NCHW:
            channels, height, width = self.shape[1:]
            return height, width, channels
        height, width, *channels_last = self.shape[1:]
        return height, width, channels_last[0] if channels_last else 1


def layout_of(shape: tuple[int, ...], what: str, wanted: Axes | None) -> tuple[Layout, str]:
    """Return the layout of array `what`, and a sentence about it.

    Raises `UserError` if the shape is that of no images, or does not fit the `wanted` axes.
    """
    if 0 in shape:
        raise UserError(f"{what} is empty: its shape is {shape}; save at least two images")
    if len(shape) == 2:
        return _of_rows(shape, what)
    if wanted is not None:
        if len(shape) != len(wanted.value):
            raise UserError(f"{what} has shape {shape}, which is not {wanted.value.upper()}; leave --layout out")
        layout, also = Layout(wanted, shape), ""
    elif len(shape) == 3:
        layout, also = _of_three(shape, what), ""
    elif len(shape) == 4:
        layout, also = _of_four(shape)
    else:
        raise UserError(f"{what} has shape {shape}; give images as (n, height, width) or (n, height, width, channels)")
    if layout.image[2] > MOST_CHANNELS:
        raise UserError(f"{what} has shape {shape}, so {layout.image[2]} channels; at most {MOST_CHANNELS} are possible")
    height, width, channels = layout.image
    return (
        layout,
        f"{what} of shape {shape} is read as {layout.axes.value.upper()}: {height}×{width}, {_counted(channels)}.{also}",
    )


def _of_three(shape: tuple[int, ...], what: str) -> Layout:
    if shape[2] in _USUAL_CHANNELS and min(shape[:2]) > max(_USUAL_CHANNELS):
        raise UserError(
            f"{what} has shape {shape}, which is one image with channels; give several images, as (n, height, width, channels), "
            "or say --layout nhw"
        )
    return Layout(Axes.NHW, shape)


def _of_four(shape: tuple[int, ...]) -> tuple[Layout, str]:
    last, first = shape[3], shape[1]
    if last in _USUAL_CHANNELS and first in _USUAL_CHANNELS:
        return Layout(Axes.NHWC, shape), _AMBIGUOUS
    if last in _USUAL_CHANNELS or first in _USUAL_CHANNELS:
        return Layout(Axes.NHWC if last in _USUAL_CHANNELS else Axes.NCHW, shape), ""
    if last <= MOST_CHANNELS:
        return Layout(Axes.NHWC, shape), _AMBIGUOUS if first <= MOST_CHANNELS else ""
    return Layout(Axes.NCHW, shape), ""


def _counted(channels: int) -> str:
    return "1 channel" if channels == 1 else f"{channels} channels"


def _of_rows(shape: tuple[int, ...], what: str) -> tuple[Layout, str]:
    """Return the layout of flat images: squares, grey or in three planes one after another."""
    count, size = shape
    for channels in _USUAL_CHANNELS:
        side = math.isqrt(size // channels)
        if size >= _LEAST_FLAT and side * side * channels == size:
            said = f"{side}×{side}" + (f" in {channels} planes" if channels > 1 else "")
            return Layout(Axes.NCHW, (count, channels, side, side)), f"The rows of {what} are read as images of {said}."
    raise UserError(f"{what} has shape {shape}, and {size} numbers a row are no square; save it as (n, height, width)")
