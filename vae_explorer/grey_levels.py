"""Numbers of any type and range as 8-bit grey levels: which number is black and which is white, found out and said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SCALES = (1, 255, 1023, 4095, 16383, 65535)  # the highest numbers of masks and of cameras of 8, 10, 12, 14 and 16 bits
_AT_ONCE = 1 << 20  # numbers that are in memory as floats


def grey_levels(values: NDArray[Any], notes: list[str]) -> NDArray[np.uint8]:
    """Return numbers, of a boolean, whole or floating type, as bytes of the same shape. Bytes stay as they are.

    Floats have 1 for white, 16-bit numbers 65,535, other whole numbers 255, where the numbers fit this. Else the smallest scale of
    a camera that holds them is taken, or the numbers' own range, and `notes` gets a sentence. What is no finite number is black.
    Raises `ValueError` where no number is finite.
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
    most = max(abs(black), abs(white))  # the difference of two large floats may be infinite
    levels = np.empty(values.shape, np.uint8)
    for rows, part in _parts(values):
        with np.errstate(invalid="ignore"):  # of what is not finite
            unit = (part / most - black / most) / (white / most - black / most) if white > black else np.zeros_like(part)
        levels[rows] = np.rint(255 * np.clip(np.where(np.isfinite(part), unit, 0), 0, 1)).astype(np.uint8)
    return levels


def _ends(low: float, high: float, floats: bool) -> tuple[float, float]:
    """The numbers that are shown black and white."""
    if low < 0:
        return (-1, 1) if floats and low >= -1 and high <= 1 else (low, high)
    if floats and 1 < high <= 2:  # of a scale up to 1, and beyond it, as where an image was sharpened
        return 0, high
    if high > _SCALES[-1]:
        return low, high
    return 0, next(scale for scale in _SCALES if high <= scale)


def _range(values: NDArray[Any]) -> tuple[float, float, int]:
    """The least and the largest finite number, and how many are not finite."""
    low, high, odd = np.inf, -np.inf, 0
    for _, part in _parts(values):
        finite = part[np.isfinite(part)]
        low, high = min(low, finite.min(initial=np.inf)), max(high, finite.max(initial=-np.inf))
        odd += part.size - finite.size
    return float(low), float(high), odd


def _parts(values: NDArray[Any]) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Some rows at a time, in double precision."""
    rows = max(1, _AT_ONCE * len(values) // max(values.size, 1))
    for start in range(0, len(values), rows):
        part = slice(start, start + rows)
        with np.errstate(over="ignore"):
            yield part, np.asarray(values[part], np.float64)


def _said(number: float) -> str:
    return f"{number:,.6g}".replace("-", "−")
