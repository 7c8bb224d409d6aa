"""Turns numbers of any type and range into 8-bit grey levels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SCALES = (1, 255, 1023, 4095, 16383, 65535)  # white of masks, and of cameras with 8, 10, 12, 14 and 16 bits
_AT_ONCE = 1 << 20  # numbers converted to floats at once


def grey_levels(values: NDArray[Any], notes: list[str]) -> NDArray[np.uint8]:
    """Return boolean, whole or floating numbers as bytes of the same shape.

    Bytes stay unchanged. White is 1 for floats, 65,535 for 16-bit numbers and 255 for other whole numbers. Numbers beyond take
    the smallest camera scale that holds them, or their own range; `notes` then gets a sentence. Numbers that are not finite
    become black. Raises `ValueError` if no number is finite.
    """
    if values.dtype == np.uint8:
        return np.array(values)
    if values.dtype == bool:
        return np.where(values, np.uint8(255), np.uint8(0))
    low, high, odd = _range(values)
    if odd == values.size:
        raise ValueError("none of its pixels is a finite number")
    if odd:
        notes.append(f"{odd:,} of its {values.size:,} values are no finite numbers; they are shown black.")
    black, white = _ends(low, high, values.dtype.kind == "f")
    kind, bits = values.dtype.kind, 8 * values.dtype.itemsize
    usual = 1 if kind == "f" else 65535 if (kind, bits) == ("u", 16) else 255
    if (black, white) != (0, usual) and (low, high) != (0, 0):
        notes.append(
            f"Its values lie from {_said(low)} to {_said(high)}; {_said(black)} is shown black and {_said(white)} white."
        )
    most = max(abs(black), abs(white))  # the difference of two large floats could overflow
    levels = np.empty(values.shape, np.uint8)
    for rows, part in _parts(values):
        with np.errstate(invalid="ignore"):  # numbers that are not finite
            unit = (part / most - black / most) / (white / most - black / most) if white > black else np.zeros_like(part)
        levels[rows] = np.rint(255 * np.clip(np.where(np.isfinite(part), unit, 0), 0, 1)).astype(np.uint8)
    return levels


def _ends(low: float, high: float, floats: bool) -> tuple[float, float]:
    if low < 0:
        return (-1, 1) if floats and low >= -1 and high <= 1 else (low, high)
    if floats and 1 < high <= 2:  # a scale up to 1 with overshoot, as after sharpening
        return 0, high
    if high > _SCALES[-1]:
        return low, high
    return 0, next(scale for scale in _SCALES if high <= scale)


def _range(values: NDArray[Any]) -> tuple[float, float, int]:
    """Return the least and the largest finite number, and how many numbers are not finite."""
    low, high, odd = np.inf, -np.inf, 0
    for _, part in _parts(values):
        finite = part[np.isfinite(part)]
        low, high = min(low, finite.min(initial=np.inf)), max(high, finite.max(initial=-np.inf))
        odd += part.size - finite.size
    return float(low), float(high), odd


def _parts(values: NDArray[Any]) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    rows = max(1, _AT_ONCE * len(values) // max(values.size, 1))
    for start in range(0, len(values), rows):
        part = slice(start, start + rows)
        with np.errstate(over="ignore"):
            yield part, np.asarray(values[part], np.float64)


def _said(number: float) -> str:
    return f"{number:,.6g}".replace("-", "−")
