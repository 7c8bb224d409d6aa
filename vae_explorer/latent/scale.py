"""Figures of codes as steps of a colour scale: its range, and which code has no step on it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 64  # of the scale
UNKNOWN, NOT_EXACT = STEPS, STEPS + 1  # numbers beside the steps: not worked out yet; worked out, and not to be relied on
QUANTILES = (0.01, 0.99)  # that the scale spans, so that a few outliers do not make the rest look alike
_BINS = 32

Floats = NDArray[np.float64]


def draw_order() -> NDArray[np.uint8]:
    """What is drawn over what, by number, (STEPS + 2,): codes with a figure over those without, those not to be relied on over both."""
    rank = np.ones(STEPS + 2, np.uint8)
    rank[UNKNOWN], rank[NOT_EXACT] = 0, 2
    return rank


def robust_range(values: Floats) -> tuple[float, float] | None:
    """The quantiles of the figures (n,) that are known, which are not NaN; None where none is."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, QUANTILES).tolist()
    return low, high


def steps(values: Floats, exact: NDArray[np.bool_], low: float, high: float) -> NDArray[np.uint8]:
    """The step of each figure (n,) between `low` and `high`, those beyond on the last ones; UNKNOWN for NaN. (n,)."""
    known = np.isfinite(values)
    number = np.full(len(values), UNKNOWN, np.uint8)
    number[known] = _parts(values[known], low, high, STEPS)
    number[known & ~exact] = NOT_EXACT
    return number


def histogram(values: Floats, low: float, high: float) -> NDArray[np.int64]:
    """How many of the known figures lie in each of even bins between `low` and `high`, those beyond in the last ones. (bins,)."""
    known = values[np.isfinite(values)]
    return np.bincount(_parts(known, low, high, _BINS), minlength=_BINS)


def _parts(values: Floats, low: float, high: float, n: int) -> NDArray[np.uint8]:
    """Which of n even parts between `low` and `high` holds each value."""
    width = high - low if high > low else 1.0
    return np.clip((values - low) / width * n, 0, n - 1).astype(np.uint8)
