"""Packs tensors to half the size: weights and stds as float16, code means as 16-bit steps.

The steps divide each axis between its extreme means: 0.00015 units on a map of ten units, against 0.002 as float16. The
narrowest posterior is twenty steps wide. All-zero stds are left out. A tensor with a number beyond 65,504, float16's largest,
is not packed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS, CODES = "weights/", "codes/"
_MEAN, _RANGE, _STD = CODES + "mean", CODES + "mean_range", CODES + "std"
_STEPS = 65_535

Tensors = dict[str, NDArray[Any]]


def halved(weight: NDArray[Any]) -> NDArray[Any]:
    """Return the nearest float16 values of a weight, as float32."""
    half = _to_half(weight)
    return half.astype(np.float32) if half.dtype == np.float16 else half


def pack(tensors: Tensors) -> Tensors:
    packed = {name: _to_half(array) if name.startswith(WEIGHTS) else array for name, array in tensors.items()}
    mean = tensors[_MEAN].astype(np.float64)  # exact for both ends and every step
    ends = np.stack([mean.min(axis=0), mean.max(axis=0)]) if len(mean) else np.zeros((2, 2))
    width = np.maximum(ends[1] - ends[0], np.finfo(np.float32).tiny)
    packed[_MEAN] = np.rint((mean - ends[0]) / width * _STEPS).astype(np.uint16)
    packed[_RANGE] = ends.astype(np.float32)
    std = tensors[_STD]
    packed[_STD] = _to_half(std if std.any() else std[:0])  # points have none
    return packed


def unpack(tensors: Tensors) -> Tensors:
    """Return the tensors of a model file as float32.

    Raises `ValueError` if packed parts do not fit together.
    """
    full = {name: array.astype(np.float32) if array.dtype == np.float16 else array for name, array in tensors.items()}
    ends = full.pop(_RANGE, None)
    if ends is not None:
        mean = full.get(_MEAN)
        if mean is None or mean.dtype != np.uint16 or mean.ndim != 2 or ends.shape != (2, mean.shape[1]):
            raise ValueError("means and their range do not belong together")
        if not np.isfinite(ends).all():
            raise ValueError("the range of the means is not finite")
        low, high = ends.astype(np.float64)
        full[_MEAN] = (low + mean.astype(np.float64) / _STEPS * (high - low)).astype(np.float32)
        if _STD in full and not len(full[_STD]):
            full[_STD] = np.zeros_like(full[_MEAN])
    return full


def _to_half(array: NDArray[Any]) -> NDArray[Any]:
    if array.dtype != np.float32:
        return array
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.isfinite(half).all() else array
