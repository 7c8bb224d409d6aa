"""log ∫ p(x|z) p(z) dz by a trapezoidal sum on one level of the lattice for each image.

On an even lattice such a sum is exact for a Gaussian of std s to 2 · exp(−2π² s² / h²) relative, h the step (Trefethen & Weideman
2014, section 5), and so is the sum over every second point with 2h in place of h. An image goes to finer levels until the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from vae_explorer.inference.evidence.lattice import (
    MAX_LEVEL,
    SIDE,
    DecodedLattice,
    Keys,
    children,
    log_prior,
    points_of,
    step_of,
)
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.latent.regions import SHARES, highest_density

TOLERANCE = 5e-4  # nats between a step and twice the step; where it is reached no finer level is looked at
NEGLIGIBLE = 18.0, 60.0  # nats below the highest point that count for nothing; the second where the first does not converge
_UNRESOLVED = 5.0  # nats, second differences of both axes in a tile; a Gaussian of std s has 2 · (h / s)²
_NEIGHBOURS = np.array([[x, y] for x in (-1, 0, 1) for y in (-1, 0, 1)])
_STEEP, _CURVED = 1.0, 0.5  # how much higher than its points a tile may be between them, in first and in second differences


@dataclass(frozen=True, slots=True)
class Integral:
    """Of n images, each on the level where it is accepted."""

    log_evidence: NDArray[np.float64]  # (n,) nats
    difference: NDArray[np.float64]  # (n,) nats: the largest between the four sub-lattices of twice the step and their mean
    level: NDArray[np.int64]  # (n,)
    mean: NDArray[np.float64]  # (n, 2), of p(z|x)
    covariance: NDArray[np.float64]  # (n, 2, 2), of p(z|x)
    mode: NDArray[np.float64]  # (n, 2), the highest point of p(z|x) on the level
    area: NDArray[np.float64]  # (n,) of the 95 % highest-density region of p(z|x)


def integrate(lattice: DecodedLattice, observed: Observed, root: Keys, finest: int = MAX_LEVEL) -> Integral:
    """log p(x) of n images over the tiles `root` of level 0 and what lies below them.

    Tiles in which the log-joint can come within NEGLIGIBLE of its maximum are looked at on the next level, up to level `finest`.
    A sum over too few of them has an edge, and does not converge: then more are taken.
    """
    out, _ = _descend(lattice, observed, root, finest, NEGLIGIBLE[0])
    rows = np.flatnonzero(out.difference > TOLERANCE)
    if len(rows):
        again, _ = _descend(lattice, observed.of(rows), root, finest, NEGLIGIBLE[1])
        for field in fields(Integral):
            getattr(out, field.name)[rows] = getattr(again, field.name)
    return out


def integrate_one(lattice: DecodedLattice, one: Observed, root: Keys, finest: int = MAX_LEVEL) -> tuple[Integral, Keys]:
    """The same of one image, and the tiles of its level that hold p(z|x)."""
    out, keys = _descend(lattice, one, root, finest, NEGLIGIBLE[0])
    return (out, keys) if out.difference[0] <= TOLERANCE else _descend(lattice, one, root, finest, NEGLIGIBLE[1])


def _descend(lattice: DecodedLattice, observed: Observed, root: Keys, finest: int, negligible: float) -> tuple[Integral, Keys]:
    """The integral, and the tiles of the last level."""
    n = len(observed)
    places = (np.zeros((n, 2)), np.zeros((n, 2, 2)), np.zeros((n, 2)), np.zeros(n))
    out = Integral(np.full(n, np.nan), np.full(n, np.inf), np.zeros(n, np.int64), *places)
    left, keys = np.arange(n), root
    for level in range(finest + 1):
        joint = lattice.log_likelihood(observed.of(left), level, keys)
        z = points_of(level, keys)
        joint += log_prior(z)
        total, difference = halved(joint, step_of(level))
        done = (difference <= TOLERANCE) | (level == finest)
        _store(out, left[done], level, total[done], difference[done], joint[done], z)
        left = left[~done]
        if not len(left):
            break
        keys = children(_wanted(joint[~done], keys, negligible))
    return out, keys


def halved(joint: NDArray[np.float64], step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """log of the sum of exp(joint) · step² over tiles (n, k, POINTS), and how far twice the step is off, each (n,)."""
    n, k, _ = joint.shape
    corners = joint.reshape(n, k, SIDE // 2, 2, SIDE // 2, 2).transpose(3, 5, 0, 1, 2, 4).reshape(4, n, -1)
    each = logsumexp(corners, axis=2) + 2 * np.log(2 * step)
    total = logsumexp(each, axis=0) - np.log(4)
    return total, np.abs(each - total).max(axis=0)


def _wanted(joint: NDArray[np.float64], keys: Keys, negligible: float) -> Keys:
    """The tiles that any image needs on the next level.

    Those whose points, or what may lie between them, come near the maximum; and the neighbours of those in which the step is still
    far too wide, as a peak may stand on the border where it shows on one side alone.
    """
    n, k, _ = joint.shape
    square = joint.reshape(n, k, SIDE, SIDE)
    slope = sum(np.abs(np.diff(square, axis=axis)).max(axis=(2, 3)) for axis in (2, 3))
    bend = sum(np.abs(np.diff(square, 2, axis=axis)).max(axis=(2, 3)) for axis in (2, 3))
    highest = square.max(axis=(2, 3))
    least = highest.max(axis=1, keepdims=True) - negligible
    unresolved = bend > _UNRESOLVED
    possible = (highest + _STEEP * slope * unresolved + _CURVED * bend >= least).any(axis=0)
    around = keys[((highest >= least) & unresolved).any(axis=0)][:, None] + _NEIGHBOURS
    return np.unique(np.concatenate([keys[possible], around.reshape(-1, 2)]), axis=0)


def _store(
    out: Integral,
    rows: NDArray[np.int64],
    level: int,
    total: NDArray[np.float64],
    difference: NDArray[np.float64],
    joint: NDArray[np.float64],
    places: NDArray[np.float64],
) -> None:
    weight = np.exp(joint - (total - 2 * np.log(step_of(level)))[:, None, None])
    z = places.reshape(-1, 2)
    weight = weight.reshape(len(rows), len(z))
    mean = weight @ z
    second = (weight @ (z[:, :, None] * z[:, None, :]).reshape(-1, 4)).reshape(-1, 2, 2)
    out.log_evidence[rows], out.difference[rows], out.level[rows] = total, difference, level
    out.mode[rows] = z[weight.argmax(axis=1)] if len(rows) else 0.0
    out.area[rows] = [highest_density(np.sort(each)[::-1], step_of(level) ** 2)[1][SHARES.index(0.95)] for each in weight]
    out.mean[rows], out.covariance[rows] = mean, second - mean[:, :, None] * mean[:, None, :]
