"""Tells how a model uses its latent space: active units, KL, codes against the prior."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from vae_explorer.kinds import CodesKind
from vae_explorer.latent.prior_distance import prior_distance

ACTIVE_VARIANCE = 0.01  # of a unit's posterior mean; an active unit has more (Burda et al. 2016, section 5)
_SAYS_NOTHING = 0.1  # nats of KL; with less, each image's posterior is nearly the prior
_FLAT = 1e-3  # of the wider dimension's std; a dimension of points below this holds nothing
_WIDE, _NARROW, _FAR = 1.5, 0.6, 0.5  # limits for the aggregate std (prior: 1) and mean (prior: 0)
_HALF = math.log(2)  # nats of KL(q(z) ‖ p(z)), as if half of the prior held no code
_MATCHES = 0.03  # energy distance to N(0, I); a ring of the same std has 0.055


class Verdict(Enum):
    """What the numbers say about the use of the latent space."""

    NO_CODES = "no codes"
    COLLAPSED = "collapsed"  # no dimension is active, and all have next to no KL
    HALF_COLLAPSED = "half collapsed"  # some dimensions are inactive and have next to no KL
    IN_PLACE = "in place"  # a dimension is inactive, but its codes differ from the prior
    ONE_POINT = "one point"  # all points lie in one place
    ONE_LINE = "one line"  # all points lie on a line along an axis
    POINTS_OFF = "points off"  # points unlike the prior, in a family where nothing pulls them there
    POINTS = "points"  # points distributed like the prior
    GAME_OFF = "game off"  # the game has not brought the points to the prior
    GAME = "game"  # the game has brought the points to the prior
    SEARCHED_OFF = "searched off"
    SEARCHED = "searched"
    WIDE = "wide"  # codes reach far beyond the prior
    NARROW = "narrow"  # codes crowd in the middle of the prior
    SHIFTED = "shifted"  # the codes' mean is not at the origin
    HOLES = "holes"  # mean and std match the prior, yet the codes leave holes
    IN_USE = "in use"  # no fault found so far; KL(q(z) ‖ p(z)) may still be unknown
    WELL = "well"


_OF_POINTS = {
    CodesKind.POINT: (Verdict.POINTS, Verdict.POINTS_OFF),
    CodesKind.GAME: (Verdict.GAME, Verdict.GAME_OFF),
    CodesKind.SEARCHED: (Verdict.SEARCHED, Verdict.SEARCHED_OFF),
}


@dataclass(frozen=True, slots=True)
class Health:
    """Statistics of all codes. "Aggregate" refers to q(z) = mean over images of q(z|x)."""

    active: tuple[bool, ...]  # by dimension
    kl: tuple[float, ...] | None  # nats by dimension, mean over images; None for other posteriors than diagonal Gaussians
    mean: tuple[float, ...]  # of the aggregate posterior
    std: tuple[float, ...]
    verdict: Verdict
    distance: float | None = None  # for points: energy distance of all codes to N(0, I); 0 if they match
    marginal_kl: float | None = None  # KL(q(z) ‖ p(z)) in nats, once known

    def with_marginal(self, marginal_kl: float) -> Health:
        """Return this health with KL(q(z) ‖ p(z)) in nats, the measure of holes."""
        verdict = self.verdict
        if verdict is Verdict.IN_USE:
            verdict = Verdict.HOLES if marginal_kl > _HALF else Verdict.WELL
        return replace(self, verdict=verdict, marginal_kl=marginal_kl)


def health(mean: NDArray[np.float32], std: NDArray[np.float32], kind: CodesKind = CodesKind.GAUSSIAN) -> Health:
    """Judge posteriors with `mean` and `std`, (n, d) each; points have std 0 throughout.

    KL by dimension compares diagonal Gaussians with N(0, 1) (Kingma & Welling 2014, appendix B); flows and points have no such
    KL. If all codes are points, they are judged as points whatever `kind` says. Raises `ValueError` if a Gaussian's std is not
    positive.
    """
    if not len(mean):
        nothing = (0.0,) * mean.shape[1]
        return Health((False,) * mean.shape[1], None, nothing, nothing, Verdict.NO_CODES)
    centre, variance = mean.mean(axis=0, dtype=np.float64), mean.var(axis=0, dtype=np.float64)
    squares = np.square(std, dtype=np.float64)
    spread = np.sqrt(variance + squares.mean(axis=0))
    if not std.any():
        return _of_points(mean, centre, spread, kind)
    kl = None if kind is CodesKind.FLOW else _kl(np.square(mean, dtype=np.float64), squares)
    active = tuple((variance > ACTIVE_VARIANCE).tolist())
    return Health(active, kl, _by_dimension(centre), _by_dimension(spread), _of_densities(active, kl, centre, spread))


def _by_dimension(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(values.tolist())


def _kl(means: NDArray[np.float64], variances: NDArray[np.float64]) -> tuple[float, ...]:
    """Return the KL by dimension, mean over images, from squared means and variances (n, d)."""
    if not (variances > 0).all():
        raise ValueError("some codes have a width and others have none")
    return _by_dimension(0.5 * (means + variances - 1 - np.log(variances)).mean(axis=0))


def _of_points(mean: NDArray[np.float32], centre: NDArray[np.float64], spread: NDArray[np.float64], kind: CodesKind) -> Health:
    """Judge points, whose scale is free: a decoder can undo any factor on the codes."""
    rounding = np.finfo(np.float32).eps * np.abs(mean).max()
    active = (spread > _FLAT * spread.max()) & (spread > rounding)
    distance = prior_distance(mean)
    matching, off = _OF_POINTS.get(kind, _OF_POINTS[CodesKind.POINT])
    verdict = matching if distance <= _MATCHES else off
    if not active.all():
        verdict = Verdict.ONE_LINE if active.any() else Verdict.ONE_POINT
    return Health(tuple(active.tolist()), None, _by_dimension(centre), _by_dimension(spread), verdict, distance)


def _of_densities(
    active: tuple[bool, ...], kl: tuple[float, ...] | None, centre: NDArray[np.float64], spread: NDArray[np.float64]
) -> Verdict:
    if not all(active):
        costs = kl is not None and any(not each and cost > _SAYS_NOTHING for each, cost in zip(active, kl, strict=True))
        return Verdict.IN_PLACE if costs else Verdict.HALF_COLLAPSED if any(active) else Verdict.COLLAPSED
    if (spread > _WIDE).any():
        return Verdict.WIDE
    if (spread < _NARROW).any():
        return Verdict.NARROW
    return Verdict.SHIFTED if np.linalg.norm(centre) > _FAR else Verdict.IN_USE
