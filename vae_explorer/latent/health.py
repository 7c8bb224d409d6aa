"""Whether a model uses its latent plane: active units, KL by dimension, and how the codes lie against the prior."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

ACTIVE_VARIANCE = 0.01  # Burda et al. 2016, section 5: a unit is active where the variance of its posterior mean is above this
_WIDE, _NARROW, _FAR = 1.5, 0.6, 0.5  # aggregate std and mean beside the prior's 1 and 0


class Verdict(Enum):
    """What the numbers come to."""

    NO_CODES = "no codes"
    COLLAPSED = "collapsed"  # no unit is active
    HALF_COLLAPSED = "half collapsed"  # one is
    POINTS_WIDE = "points wide"  # deterministic codes that do not lie where the prior does
    POINTS = "points"  # deterministic codes that do
    WIDE = "wide"  # codes reach far beyond the prior
    NARROW = "narrow"  # codes huddle in its middle
    SHIFTED = "shifted"  # their mean is not at the origin
    WELL = "well"


@dataclass(frozen=True, slots=True)
class Health:
    """Of all codes. Aggregate: of the mixture of all posteriors, q(z) = mean over images of q(z|x)."""

    active: tuple[bool, bool]
    kl: tuple[float, float] | None  # nats by dimension, mean over images; None where posteriors are no diagonal Gaussians
    mean: tuple[float, float]  # of the aggregate
    std: tuple[float, float]
    verdict: Verdict


def health(mean: NDArray[np.float32], std: NDArray[np.float32], bends: bool = False) -> Health:
    """The health of a model whose posteriors have `mean` and `std`, (n, 2) each. Those of points have std 0, all of them.

    KL by dimension is that of diagonal Gaussians to N(0, 1): Kingma & Welling 2014, appendix B. It is left out where posteriors are
    points, and where one `bends`, so that mean and std are moments of something else. Raises `ValueError` where a std is not above 0
    that would have to be.
    """
    if not len(mean):
        return Health((False, False), None, (0.0, 0.0), (0.0, 0.0), Verdict.NO_CODES)
    centre, variance = mean.mean(axis=0, dtype=np.float64), mean.var(axis=0, dtype=np.float64)
    squares = np.square(std, dtype=np.float64)
    spread = np.sqrt(variance + squares.mean(axis=0))
    active = variance > ACTIVE_VARIANCE
    points = not std.any()
    kl = None if points or bends else _kl(np.square(mean, dtype=np.float64), squares)
    return Health(
        active=(bool(active[0]), bool(active[1])),
        kl=kl,
        mean=(float(centre[0]), float(centre[1])),
        std=(float(spread[0]), float(spread[1])),
        verdict=_verdict(int(active.sum()), points, centre, spread),
    )


def _kl(means: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, float]:
    """By dimension, mean over images, of squares of means and variances (n, 2)."""
    if not (variances > 0).all():
        raise ValueError("some codes have a width and others have none")
    first, second = 0.5 * (means + variances - 1 - np.log(variances)).mean(axis=0)
    return float(first), float(second)


def _verdict(active: int, points: bool, centre: NDArray[np.float64], spread: NDArray[np.float64]) -> Verdict:
    if active < 2:
        return Verdict.HALF_COLLAPSED if active else Verdict.COLLAPSED
    wide, narrow, far = (spread > _WIDE).any(), (spread < _NARROW).any(), np.hypot(*centre) > _FAR
    if points:
        return Verdict.POINTS_WIDE if wide or narrow or far else Verdict.POINTS
    if wide:
        return Verdict.WIDE
    if narrow:
        return Verdict.NARROW
    return Verdict.SHIFTED if far else Verdict.WELL
