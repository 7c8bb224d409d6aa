"""All posteriors together: q(z) = mean over images of q(z|x), against the prior."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_REACH = 7.0  # std of a code to which it counts
_SIDE = 2400  # points of the lattice a side, at most
_SMALL = 0.02  # the quantile of the codes' std that the lattice resolves
_LOG_TWO_PI = math.log(2 * math.pi)

Floats = NDArray[np.float64]
Kernel = Callable[[Floats, float, float], Floats]


@dataclass(frozen=True, slots=True)
class Surgery:
    """mean_kl = information + marginal_kl, nats an image: Hoffman & Johnson 2016, section 2."""

    mean_kl: float  # mean over images of KL(q(z|x) ‖ p(z)), in closed form
    information: float  # I(x; z) = mean KL(q(z|x) ‖ q(z)), at most log n
    marginal_kl: float  # KL(q(z) ‖ p(z))
    difference: float  # of ∫ q log q, between the step and twice the step


def surgery(mean: NDArray[np.floating], std: NDArray[np.floating]) -> Surgery:
    """The KL term of diagonal Gaussian codes (n, 2) in two parts, by a trapezoidal sum of q log q over a lattice.

    Raises `ValueError` where codes have no density.
    """
    centre, spread = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    if not len(centre) or not spread.all():
        raise ValueError("codes that are points have no density")
    axes, step = _lattice(centre, spread)
    density = _mixture(centre, spread, axes, _at_points)
    terms = np.where(density > 0, density * np.log(np.where(density > 0, density, 1.0)), 0.0)
    quarters = np.array([terms[i::2, j::2].sum() for i in (0, 1) for j in (0, 1)]) * (2 * step) ** 2
    negative_entropy = float(quarters.mean())
    own = -float((np.log(spread) + 0.5 * (1 + _LOG_TWO_PI)).sum(axis=1).mean())  # mean ∫ q(z|x) log q(z|x)
    cross = -0.5 * float((centre**2 + spread**2 + _LOG_TWO_PI).sum(axis=1).mean())  # ∫ q log p
    difference = float(np.abs(quarters - negative_entropy).max())
    return Surgery(own - cross, own - negative_entropy, negative_entropy - cross, difference)


def log_ratio(
    mean: NDArray[np.floating], std: NDArray[np.floating], x_edges: Floats, y_edges: Floats, floor: float = 1e-6
) -> NDArray[np.float32]:
    """log q(z) / p(z) in nats of the cells between edges, (rows, columns) from the lowest: above 0 crowded, below 0 a hole.

    The masses of a cell under both, which are differences of normal distribution functions; `floor` is added to both in shares of the
    largest, so that what neither reaches is 0.
    """
    centre, spread = np.asarray(mean, np.float64), np.asarray(std, np.float64)
    mass = _mixture(centre, spread, (x_edges, y_edges), _in_cells)
    prior = _in_cells(y_edges, 0.0, 1.0)[:, None] * _in_cells(x_edges, 0.0, 1.0)
    least = floor * max(mass.max(), prior.max())
    return np.asarray(np.log((mass + least) / (prior + least)), np.float32)


def _lattice(mean: Floats, std: Floats) -> tuple[tuple[Floats, Floats], float]:
    low, high = (mean - _REACH * std).min(axis=0), (mean + _REACH * std).max(axis=0)
    step = max(0.7 * float(np.quantile(std, _SMALL)), float((high - low).max()) / _SIDE)
    x, y = (np.arange(a, b + step, step) for a, b in zip(low, high, strict=True))
    return (x, y), step


def _mixture(mean: Floats, std: Floats, axes: tuple[Floats, Floats], kernel: Kernel) -> Floats:
    """The mean over codes of kernel(y) · kernel(x), (rows, columns)."""
    rows, columns = (len(kernel(axis, 0.0, 1.0)) for axis in reversed(axes))
    total = np.zeros((rows, columns))
    low, high = mean - _REACH * std, mean + _REACH * std
    first = np.stack([np.searchsorted(axis, low[:, i]) for i, axis in enumerate(axes)], axis=1)
    last = np.stack([np.searchsorted(axis, high[:, i]) for i, axis in enumerate(axes)], axis=1)
    first = np.maximum(first - 1, 0)
    for (c, d), (left, bottom), (right, top), (s, t) in zip(mean, first, last, std, strict=True):
        across, along = kernel(axes[0][left : right + 1], c, s), kernel(axes[1][bottom : top + 1], d, t)
        total[bottom : bottom + len(along), left : left + len(across)] += along[:, None] * across
    return total / len(mean)


def _at_points(axis: Floats, mean: float, std: float) -> Floats:
    density: Floats = np.exp(-0.5 * np.square((axis - mean) / std)) / (std * math.sqrt(2 * math.pi))
    return density


def _in_cells(edges: Floats, mean: float, std: float) -> Floats:
    from scipy.special import ndtr  # slow to import

    return np.diff(ndtr((edges - mean) / std))
