"""log ∫ p(x|z) p(z) dz by a trapezoidal sum on one level of the lattice for each image.

On an even lattice such a sum is exact for a Gaussian of std s to 2 · exp(−2π² s² / h²) relative, h the step (Trefethen & Weideman
2014, section 5), and so is the sum over every second point with 2h in place of h. An image goes to finer levels until the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import (
    MAX_LEVEL,
    SIDE,
    Cover,
    Keys,
    everywhere,
    points_of,
    step_of,
    united,
)
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.latent.regions import SHARES, highest_density

TOLERANCE = 8e-4  # nats between a step and twice the step; where it is reached no finer level is looked at
NEGLIGIBLE = 15.0, 60.0  # nats below the highest point that count for nothing; the second where the first does not converge
_UNRESOLVED = 5.0  # nats, second differences of both axes in a tile; a Gaussian of std s has 2 · (h / s)²
_NEIGHBOURS = np.array([[x, y] for x in (-1, 0, 1) for y in (-1, 0, 1)])
_CURVED = 0.3, 0.6  # second differences by which a tile may be higher between its points, resolved and not; a paraboloid: 0.25


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
    cover = everywhere(n, root)
    for level in range(finest + 1):
        joint = lattice.log_joint(observed, level, cover)
        total, difference = halved(joint, cover, step_of(level))
        done = (difference <= TOLERANCE) | (level == finest)
        _store(out, level, total, difference, joint, cover, done)
        if done.all():
            break
        left = ~done[cover.place]
        cover = _wanted(joint[left], cover.where(left), negligible)
    return out, cover.keys


def halved(joint: NDArray[np.float64], cover: Cover, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """log of the sum of exp(joint) · step² over the tiles of each image (p, POINTS), and how far twice the step is off, each (m,)."""
    starts = cover.starts
    top = np.maximum.reduceat(joint.max(axis=1), starts)
    weight = np.exp(joint - top[cover.place, None]).reshape(-1, SIDE // 2, 2, SIDE // 2, 2)
    each = np.add.reduceat(weight.sum(axis=(1, 3)).reshape(-1, 4), starts) * (2 * step) ** 2
    total = each.mean(axis=1)
    with np.errstate(divide="ignore"):
        difference = np.abs(np.log(each / total[:, None])).max(axis=1)
    return np.log(total) + top, difference


def _wanted(joint: NDArray[np.float64], cover: Cover, negligible: float) -> Cover:
    """The tiles that each image needs on the next level, the quarters of tiles that it has.

    Those whose points, or what may lie between them, come near the maximum; and the neighbours of those in which the step is still
    far too wide, as a peak may stand on the border where it shows on one side alone.
    """
    square = joint.reshape(-1, SIDE, SIDE)
    bend = sum(np.abs(np.diff(square, 2, axis=axis)).max(axis=(1, 2)) for axis in (1, 2))
    highest = square.reshape(-1, 2, SIDE // 2, 2, SIDE // 2).max(axis=(2, 4)).reshape(-1, 4)
    least = np.maximum.reduceat(highest.max(axis=1), cover.starts)[cover.place] - negligible
    quarters = cover.children()
    unresolved = bend > _UNRESOLVED
    higher = bend * np.where(unresolved, _CURVED[1], _CURVED[0])
    possible = highest + higher[:, None] >= least[:, None]
    near = quarters.where(((highest >= least[:, None]) & unresolved[:, None]).ravel())
    around = Cover(np.repeat(near.image, len(_NEIGHBOURS)), (near.keys[:, None] + _NEIGHBOURS).reshape(-1, 2))
    return united([quarters.where(possible.ravel()), around])


def _store(
    out: Integral,
    level: int,
    total: NDArray[np.float64],
    difference: NDArray[np.float64],
    joint: NDArray[np.float64],
    cover: Cover,
    done: NDArray[np.bool_],
) -> None:
    rows, pairs = cover.images[done], done[cover.place]
    if not len(rows):
        return
    part = cover.where(pairs)
    cell = step_of(level) ** 2
    weight = np.exp(joint[pairs] - total[done][part.place, None]) * cell
    z, starts = points_of(level, part.keys), part.starts
    first = np.add.reduceat(np.einsum("pi,pix->px", weight, z), starts)
    second = np.add.reduceat((weight[..., None] * z).swapaxes(1, 2) @ z, starts)
    out.log_evidence[rows], out.difference[rows], out.level[rows] = total[done], difference[done], level
    out.mean[rows], out.covariance[rows] = first, second - first[:, :, None] * first[:, None, :]
    for row, start, end in zip(rows, starts, [*starts[1:], len(part.image)], strict=True):
        own = weight[start:end].ravel()
        out.mode[row] = z[start:end].reshape(-1, 2)[own.argmax()]
        out.area[row] = highest_density(np.sort(own)[::-1], cell)[1][SHARES.index(0.95)]
