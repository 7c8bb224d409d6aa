"""Whether a model uses its latent plane: active units, KL by dimension, and how the codes lie against the prior."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.prior_distance import prior_distance

ACTIVE_VARIANCE = 0.01  # Burda et al. 2016, section 5: a unit is active where the variance of its posterior mean is above this
_SAYS_NOTHING = 0.1  # nats of KL, of a dimension whose codes are nearly the prior's for every image
_FLAT = 1e-3  # of the wider dimension's std: a dimension of points that is narrower holds nothing
_WIDE, _NARROW, _FAR = 1.5, 0.6, 0.5  # aggregate std and mean beside the prior's 1 and 0
_HALF = math.log(2)  # nats of KL(q(z) ‖ p(z)): as much as where a half of the prior holds no code
_MATCHES = 0.03  # energy distance to N(0, I); a ring of the same std has 0.055


class Kind(Enum):
    """What the codes of a family are, as its `codes_are` says."""

    GAUSSIAN = "gaussian"
    FLOW = "flow"  # densities that bend: mean and std are moments of something else
    POINT = "point"
    GAME = "game"  # points that a discriminator draws to the prior
    SEARCHED = "none"  # there is no encoder: an image's code was searched for


class Verdict(Enum):
    """What the numbers come to."""

    NO_CODES = "no codes"
    COLLAPSED = "collapsed"  # no dimension is active, and both cost next to nothing
    HALF_COLLAPSED = "half collapsed"  # one does so
    IN_PLACE = "in place"  # a dimension is not active, but its codes are no prior's
    ONE_POINT = "one point"  # points that all lie in one place
    ONE_LINE = "one line"  # points that lie on a line along an axis
    POINTS_OFF = "points off"  # points that do not lie as the prior does, and that nothing draws there
    POINTS = "points"  # points that do
    GAME_OFF = "game off"  # points that the game has not brought to the prior
    GAME = "game"  # points that it has
    SEARCHED_OFF = "searched off"
    SEARCHED = "searched"
    WIDE = "wide"  # codes reach far beyond the prior
    NARROW = "narrow"  # codes huddle in its middle
    SHIFTED = "shifted"  # their mean is not at the origin
    HOLES = "holes"  # mean and std are the prior's, and the codes leave holes nevertheless
    IN_USE = "in use"  # nothing wrong so far: KL(q(z) ‖ p(z)) is not known
    WELL = "well"


_OF_POINTS = {
    Kind.POINT: (Verdict.POINTS, Verdict.POINTS_OFF),
    Kind.GAME: (Verdict.GAME, Verdict.GAME_OFF),
    Kind.SEARCHED: (Verdict.SEARCHED, Verdict.SEARCHED_OFF),
}


@dataclass(frozen=True, slots=True)
class Health:
    """Of all codes. Aggregate: of the mixture of all posteriors, q(z) = mean over images of q(z|x)."""

    active: tuple[bool, bool]
    kl: tuple[float, float] | None  # nats by dimension, mean over images; None where posteriors are no diagonal Gaussians
    mean: tuple[float, float]  # of the aggregate
    std: tuple[float, float]
    verdict: Verdict
    distance: float | None = None  # of points: energy distance between all codes and N(0, I), 0 where they match
    marginal_kl: float | None = None  # KL(q(z) ‖ p(z)) in nats, where it is known

    def with_marginal(self, marginal_kl: float) -> Health:
        """The same health once KL(q(z) ‖ p(z)) is known, in nats: it says whether the codes fill the prior."""
        verdict = self.verdict
        if verdict is Verdict.IN_USE:
            verdict = Verdict.HOLES if marginal_kl > _HALF else Verdict.WELL
        return replace(self, verdict=verdict, marginal_kl=marginal_kl)


def health(mean: NDArray[np.float32], std: NDArray[np.float32], kind: Kind = Kind.GAUSSIAN) -> Health:
    """The health of a model whose posteriors have `mean` and `std`, (n, 2) each. Those of points have std 0, all of them.

    KL by dimension is that of diagonal Gaussians to N(0, 1): Kingma & Welling 2014, appendix B. A flow's posteriors and points have
    none. Where all codes are points, they are judged as points whatever `kind` says. Raises `ValueError` where a std is not above 0
    that would have to be.
    """
    if not len(mean):
        return Health((False, False), None, (0.0, 0.0), (0.0, 0.0), Verdict.NO_CODES)
    centre, variance = mean.mean(axis=0, dtype=np.float64), mean.var(axis=0, dtype=np.float64)
    squares = np.square(std, dtype=np.float64)
    spread = np.sqrt(variance + squares.mean(axis=0))
    if not std.any():
        return _of_points(mean, centre, spread, kind)
    kl = None if kind is Kind.FLOW else _kl(np.square(mean, dtype=np.float64), squares)
    active = (bool(variance[0] > ACTIVE_VARIANCE), bool(variance[1] > ACTIVE_VARIANCE))
    return Health(active, kl, _pair(centre), _pair(spread), _of_densities(active, kl, centre, spread))


def _pair(values: NDArray[np.float64]) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _kl(means: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, float]:
    """By dimension, mean over images, of squares of means and variances (n, 2)."""
    if not (variances > 0).all():
        raise ValueError("some codes have a width and others have none")
    return _pair(0.5 * (means + variances - 1 - np.log(variances)).mean(axis=0))


def _of_points(mean: NDArray[np.float32], centre: NDArray[np.float64], spread: NDArray[np.float64], kind: Kind) -> Health:
    """The health of points, whose scale is free: a decoder may undo any factor on the codes."""
    rounding = np.finfo(np.float32).eps * np.abs(mean).max()
    active = (spread > _FLAT * spread.max()) & (spread > rounding)
    distance = prior_distance(mean)
    matching, off = _OF_POINTS.get(kind, _OF_POINTS[Kind.POINT])
    verdict = matching if distance <= _MATCHES else off
    if not active.all():
        verdict = Verdict.ONE_LINE if active.any() else Verdict.ONE_POINT
    return Health((bool(active[0]), bool(active[1])), None, _pair(centre), _pair(spread), verdict, distance)


def _of_densities(
    active: tuple[bool, bool], kl: tuple[float, float] | None, centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> Verdict:
    if not all(active):
        costs = kl is not None and any(not each and cost > _SAYS_NOTHING for each, cost in zip(active, kl, strict=True))
        return Verdict.IN_PLACE if costs else Verdict.HALF_COLLAPSED if any(active) else Verdict.COLLAPSED
    if (spread > _WIDE).any():
        return Verdict.WIDE
    if (spread < _NARROW).any():
        return Verdict.NARROW
    return Verdict.SHIFTED if np.hypot(*centre) > _FAR else Verdict.IN_USE
