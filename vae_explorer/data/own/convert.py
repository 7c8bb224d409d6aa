"""Turns raw images into the bytes of a store, by the plan of the set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.own.plan import Plan
from vae_explorer.data.own.ranges import Span
from vae_explorer.fitting import fitted

_LUMA = np.array([19595, 38470, 7471], np.uint32)  # ITU-R BT.601 in 1/65536, as Pillow rounds it
_ROUNDED = 0x8000
_HUGE = 1e300


def finite_images(block: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell for each image of (k, h, w, c) whether all its numbers are finite."""
    if block.dtype.kind != "f":
        return np.ones(len(block), bool)
    finite: NDArray[np.bool_] = np.isfinite(block).reshape(len(block), -1).all(axis=1)
    return finite


def converted(block: NDArray[Any], plan: Plan) -> NDArray[np.uint8]:
    """Return finite images (k, h, w, c) as bytes (k, H, W, C)."""
    grey = _in_channels(_as_bytes(block, plan), plan.channels)
    if grey.shape[1:3] != plan.size:
        grey = np.stack([fitted(image, plan.size, plan.fit) for image in grey])
    return ~grey if plan.invert else grey


def _as_bytes(block: NDArray[Any], plan: Plan) -> NDArray[np.uint8]:
    if block.dtype == np.bool_:
        return np.where(block, np.uint8(255), np.uint8(0))
    if block.dtype == np.uint8:
        return _scaled(block, plan.ranges.of_bytes) if plan.ranges.of_bytes else block
    return _scaled(block, plan.ranges.of_deep[block.shape[-1]])


def _scaled(block: NDArray[Any], spans: Sequence[Span]) -> NDArray[np.uint8]:
    """Scale each channel so that its span's ends become 0 and 255; numbers beyond are cut off."""
    spans = spans if len(spans) == block.shape[-1] else (*spans[:1],) * block.shape[-1]
    scaled = np.empty(block.shape, np.uint8)
    for channel, (black, white) in enumerate(spans):
        unit = _HUGE if max(abs(black), abs(white)) > _HUGE else 1.0  # the difference of two huge floats could overflow
        length = white / unit - black / unit
        above = block[..., channel].astype(np.float64) / unit - black / unit
        scaled[..., channel] = np.rint(np.clip(above / length, 0, 1) * 255) if length else 0
    return scaled


def _in_channels(block: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    own = block.shape[-1]
    if own == channels:
        return block
    if own == 1:
        return np.repeat(block, channels, axis=-1)
    if own == 3 and channels == 1:
        return ((block @ _LUMA + _ROUNDED) >> 16).astype(np.uint8)[..., None]
    grey = np.rint(block.mean(axis=-1, keepdims=True)).astype(np.uint8)
    return grey if channels == 1 else np.repeat(grey, channels, axis=-1)
