"""Places metric values on a colour scale, and marks unknown and inexact values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEPS = 64  # steps of the scale
UNKNOWN, NOT_EXACT = STEPS, STEPS + 1  # numbers after the steps, for values not yet known, and for inexact values
QUANTILES = (0.01, 0.5, 0.99)  # at the low end, middle and high end, so that outliers and tails cost no contrast
_BINS = 32
_MIDDLE_MARGIN = 0.001  # share of the range between the middle and either end

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scale:
    """A colour scale from `low` to `high`; a power moves `middle` to the middle of the scale."""

    low: float
    middle: float
    high: float

    @staticmethod
    def of(values: Floats) -> Scale | None:
        """Return the scale of values (n,) by their QUANTILES; NaN does not count.

        None without values.
        """
        known = values[np.isfinite(values)]
        return Scale(*np.quantile(known, QUANTILES).tolist()) if len(known) else None

    def place(self, values: Floats) -> Floats:
        """Return the position on the scale, in [0, 1], of values (n,)."""
        return self.bent(self.even(values))

    def even(self, values: Floats) -> Floats:
        """Return the linear position of values (n,) between `low` and `high`, clipped to [0, 1]."""
        return np.asarray(np.clip((values - self.low) / (self.high - self.low), 0, 1) if self.high > self.low else 0 * values)

    def bent(self, even: Floats) -> Floats:
        """Return the position on the scale, in [0, 1], of a linear position."""
        middle = np.clip(self.even(np.array([self.middle])), _MIDDLE_MARGIN, 1 - _MIDDLE_MARGIN)
        return np.asarray(even ** (np.log(0.5) / np.log(middle)))


@dataclass(frozen=True, slots=True)
class Circle:
    """A colour scale of one turn, from `low` on. Its ends are equal, and values may lie any number of turns away."""

    low: float
    turn: float  # above 0

    @property
    def middle(self) -> float:
        return self.low + self.turn / 2

    @property
    def high(self) -> float:
        return self.low + self.turn

    def place(self, values: Floats) -> Floats:
        """Return the position on the scale, in [0, 1), of values (n,)."""
        share = np.mod((values - self.low) / self.turn, 1)
        return np.where(share < 1, share, 0)  # the rest of a number just below 0 rounds to 1


def draw_order() -> NDArray[np.uint8]:
    """Return the drawing order of each step, (STEPS + 2,).

    Known codes cover unknown codes, and inexact codes cover both.
    """
    rank = np.ones(STEPS + 2, np.uint8)
    rank[UNKNOWN], rank[NOT_EXACT] = 0, 2
    return rank


def steps(values: Floats, exact: NDArray[np.bool_], scale: Scale | Circle) -> NDArray[np.uint8]:
    """Return the step of each value, (n,); UNKNOWN for NaN, NOT_EXACT for inexact values."""
    known = np.isfinite(values)
    number = np.full(len(values), UNKNOWN, np.uint8)
    number[known] = _parts(scale.place(values[known]), STEPS)
    number[known & ~exact] = NOT_EXACT
    return number


def histogram(values: Floats, scale: Scale) -> tuple[NDArray[np.int64], Floats]:
    """Return counts in even bins, and the bins' middles on the scale, (bins,) each.

    The outermost bins also count the values beyond the ends.
    """
    counts = np.bincount(_parts(scale.even(values[np.isfinite(values)]), _BINS), minlength=_BINS)
    return counts, scale.bent((np.arange(_BINS) + 0.5) / _BINS)


def _parts(shares: Floats, n: int) -> NDArray[np.uint8]:
    return np.minimum(shares * n, n - 1).astype(np.uint8)
