"""Figures of codes as steps of a colour scale: its range, and which code has no step on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = 64  # of the scale
UNKNOWN, NOT_EXACT = STEPS, STEPS + 1  # numbers beside the steps: not worked out yet; worked out, and not to be relied on
QUANTILES = (0.01, 0.5, 0.99)  # at its low end, middle and high end: neither outliers nor a long tail make the rest look alike
_BINS = 32
_LEAST = 0.001  # of the range, between its middle and either end

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """From `low` to `high`, with `middle` in the middle: a power of the even scale."""

    low: float
    middle: float
    high: float

    @staticmethod
    def of(values: Floats) -> Scale | None:
        """The scale of figures (n,), by QUANTILES of those that are no NaN; None where none is."""
        known = values[np.isfinite(values)]
        return Scale(*np.quantile(known, QUANTILES).tolist()) if len(known) else None

    def even(self, values: Floats) -> Floats:
        """How far from `low` to `high` figures (n,) are, from 0 to 1; those beyond are at the ends."""
        return np.asarray(np.clip((values - self.low) / (self.high - self.low), 0, 1) if self.high > self.low else 0 * values)

    def bent(self, even: Floats) -> Floats:
        """How far along the scale that is, from 0 to 1."""
        middle = np.clip(self.even(np.array([self.middle])), _LEAST, 1 - _LEAST)
        return np.asarray(even ** (np.log(0.5) / np.log(middle)))


def draw_order() -> NDArray[np.uint8]:
    """What is drawn over what, by number, (STEPS + 2,): codes with a figure over those without, those not to be relied on over both."""
    rank = np.ones(STEPS + 2, np.uint8)
    rank[UNKNOWN], rank[NOT_EXACT] = 0, 2
    return rank


def steps(values: Floats, exact: NDArray[np.bool_], scale: Scale) -> NDArray[np.uint8]:
    """The step of each figure (n,) on the scale; UNKNOWN for NaN. (n,)."""
    known = np.isfinite(values)
    number = np.full(len(values), UNKNOWN, np.uint8)
    number[known] = _parts(scale.bent(scale.even(values[known])), STEPS)
    number[known & ~exact] = NOT_EXACT
    return number


def histogram(values: Floats, scale: Scale) -> tuple[NDArray[np.int64], Floats]:
    """How many of the known figures lie in each of even bins between the ends, those beyond in the last ones, and where on the scale
    the middles of the bins are, (bins,) each."""
    counts = np.bincount(_parts(scale.even(values[np.isfinite(values)]), _BINS), minlength=_BINS)
    return counts, scale.bent((np.arange(_BINS) + 0.5) / _BINS)


def _parts(shares: Floats, n: int) -> NDArray[np.uint8]:
    """Which of n even parts each share is in."""
    return np.minimum(shares * n, n - 1).astype(np.uint8)
