"""Computes log ∫ p(x|z) p(z) dz by a trapezoidal sum on a lattice level of each image.

For a Gaussian of std s, a sum of step h has a relative error of 2 · exp(−2π² s² / h²) (Trefethen & Weideman 2014, section 5). A
sum over every second point has 2h in place of h. An image goes to finer levels until half the step would no longer move its
sum. Separate pieces of p(z|x) refine separately.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import (
    BASE_STEP,
    MAX_LEVEL,
    POINTS,
    SIDE,
    Cover,
    Keys,
    begins,
    everywhere,
    united,
)
from vae_explorer.inference.evidence.halving import RESOLVED, bends, summed
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.pieces import Settled, highest, pieces_of, totals
from vae_explorer.latent.regions import SHARES, highest_density

TOLERANCE = 8e-4  # nats; an image whose estimated change is smaller is accepted
NEGLIGIBLE = 15.0, 60.0  # nats below the maximum that are ignored; the second applies if the first fails to converge
_UNRESOLVED = 5.0  # nats; sum of second differences of both axes in a tile, 2 · (h / s)² for a Gaussian of std s
_OF_PIECE = 1 / 16  # share of TOLERANCE; a piece with a smaller error is accepted
_CURVED = 0.3, 0.6  # second differences that a tile may rise between its points, if resolved and if not; 0.25 for a paraboloid


_TOGETHER = 128  # images whose coarse planes are in memory at once

Step = Callable[[Observed, int, Cover, NDArray[np.int64], list[Settled]], tuple[Cover, NDArray[np.int64]]]


@dataclass(frozen=True, slots=True)
class Integral:
    """The integrals of n images. `level` is the accepted level, or the finest of the pieces."""

    log_evidence: NDArray[np.float64]  # (n,) nats
    difference: NDArray[np.float64]  # (n,) estimated change of log_evidence at half the step, in nats (`halving.summed`)
    level: NDArray[np.int64]  # (n,)
    mean: NDArray[np.float64]  # (n, 2), of p(z|x)
    covariance: NDArray[np.float64]  # (n, 2, 2), of p(z|x)
    mode: NDArray[np.float64]  # (n, 2), highest lattice point of p(z|x)
    area: NDArray[np.float64]  # (n,) area of the 95 % highest-density region of p(z|x)


def integrate(lattice: DecodedLattice, observed: Observed, root: Keys, finest: int = MAX_LEVEL) -> Integral:
    """Compute log p(x) of n images over the tiles `root` of level 0 and their refinements.

    Tiles in which the log-joint may come within NEGLIGIBLE of its maximum go to the next level, up to `finest`. A sum over too
    few tiles has an edge and does not converge; it is then repeated with more tiles.
    """
    return integrate_pieces(lattice, observed, root, finest)[0]


def integrate_pieces(
    lattice: DecodedLattice, observed: Observed, root: Keys, finest: int = MAX_LEVEL
) -> tuple[Integral, list[Settled]]:
    """Return the result of `integrate`, and the pieces of the plane in the sum."""
    out, settled = _descend(lattice, observed, root, finest, NEGLIGIBLE[0])
    rows = np.flatnonzero(out.difference > TOLERANCE)
    if len(rows):
        again, wider = _descend(lattice, observed.of(rows), root, finest, NEGLIGIBLE[1])
        for field in fields(Integral):
            getattr(out, field.name)[rows] = getattr(again, field.name)
        settled = [part.of(~np.isin(part.owner, rows)) for part in settled]
        settled = [part for part in settled if len(part.owner)] + [replace(part, owner=rows[part.owner]) for part in wider]
    return out, settled


def integrate_one(lattice: DecodedLattice, one: Observed, root: Keys, finest: int = MAX_LEVEL) -> tuple[Integral, Keys]:
    """Return the result of one image on a single level, and that level's tiles with p(z|x)."""
    out, settled = _descend(lattice, one, root, finest, NEGLIGIBLE[0], apart=False)
    if out.difference[0] > TOLERANCE:
        out, settled = _descend(lattice, one, root, finest, NEGLIGIBLE[1], apart=False)
    return out, settled[-1].cover.keys


def _descend(
    lattice: DecodedLattice, observed: Observed, root: Keys, finest: int, negligible: float, apart: bool = True
) -> tuple[Integral, list[Settled]]:
    """Return the integral and all settled pieces. `apart` settles separate pieces one by one."""
    n = len(observed)
    step = partial(_step, lattice, finest=finest, negligible=negligible, apart=apart)
    settled: list[Settled] = []
    cover, owner = _coarse(step, observed, root, settled)
    for level in range(1, finest + 1):
        if not len(owner):
            break
        cover, owner = step(observed, level, cover, owner, settled)
    return _integral(n, settled), settled


def _coarse(step: Step, observed: Observed, root: Keys, settled: list[Settled]) -> tuple[Cover, NDArray[np.int64]]:
    parts = []
    for start in range(0, len(observed), _TOGETHER):
        rows = np.arange(start, min(start + _TOGETHER, len(observed)))
        own: list[Settled] = []
        parts.append((start, *step(observed.of(rows), 0, everywhere(len(rows), root), np.arange(len(rows)), own)))
        settled += [replace(each, owner=each.owner + start) for each in own]
    pieces = np.cumsum([0, *(len(owner) for _, _, owner in parts)])
    image = np.concatenate([cover.image + before for (_, cover, _), before in zip(parts, pieces, strict=False)])
    cover = Cover(image, np.concatenate([cover.keys for _, cover, _ in parts]))
    return cover, np.concatenate([owner + start for start, _, owner in parts])


def _step(
    lattice: DecodedLattice,
    observed: Observed,
    level: int,
    cover: Cover,
    owner: NDArray[np.int64],
    settled: list[Settled],
    *,
    finest: int,
    negligible: float,
    apart: bool,
) -> tuple[Cover, NDArray[np.int64]]:
    """Process one level, and append accepted pieces to `settled`.

    Return the tiles of the next level by pieces, and the image of each piece (u,).
    """
    n = len(observed)
    joint = lattice.log_joint(observed, level, Cover(owner[cover.image], cover.keys))
    bend = bends(joint)
    if level == 0:
        joint, bend, cover = _in_reach(joint, bend, cover)
    here = Settled(level, owner, cover, joint, *summed(joint, bend, cover, level, lattice.is_smooth))
    whole, off = totals(n, [*settled, here])
    alone = np.exp(here.total - whole[owner]) * here.moved
    little = (off[owner] <= TOLERANCE) | (alone <= _OF_PIECE * TOLERANCE)
    done = (little & (here.moved <= RESOLVED)) | (level == finest)
    if done.any():
        settled.append(here.of(done))
    left, bend = here.of(~done), bend.sum(axis=0)[~done[cover.image]]
    del here, joint  # with many images these are the largest arrays
    if done.all():
        return left.cover, left.owner
    top = highest(n, [*settled, left])
    wanted = _wanted(left.joint, bend, Cover(left.owner[left.cover.image], left.cover.keys), top - negligible)
    return pieces_of(wanted) if apart and len(wanted.image) else (Cover(wanted.place, wanted.keys), wanted.images)


def _in_reach(
    joint: NDArray[np.float64], bend: NDArray[np.float64], cover: Cover
) -> tuple[NDArray[np.float64], NDArray[np.float64], Cover]:
    """Keep the tiles that any level may need; most of the plane is negligible."""
    highest = joint.max(axis=1)
    top = np.maximum.reduceat(highest, cover.starts)
    chosen = highest + _CURVED[1] * bend.sum(axis=0) >= (top - NEGLIGIBLE[1])[cover.place]
    return joint[chosen], bend[:, chosen], cover.where(chosen)


def _wanted(joint: NDArray[np.float64], bend: NDArray[np.float64], cover: Cover, least: NDArray[np.float64]) -> Cover:
    """Return the quarters of tiles that each image needs on the next level.

    A quarter is needed if values at or between its points may reach `least` (n,). `bend` (p,) sums both axes. Where the step is
    far too wide, neighbours are needed too, since a peak on a border may show on one side only.
    """
    half = np.maximum(joint.reshape(-1, SIDE, SIDE)[:, ::2], joint.reshape(-1, SIDE, SIDE)[:, 1::2])
    highest = np.maximum(half[..., ::2], half[..., 1::2]).reshape(-1, 4)  # of each quarter; np.max takes eight times as long
    unresolved = bend > _UNRESOLVED
    higher = bend * np.where(unresolved, _CURVED[1], _CURVED[0])
    quarters, enough = cover.children(), least[cover.image, None]
    possible = highest + higher[:, None] >= enough
    near = quarters.where(((highest >= enough) & unresolved[:, None]).ravel())
    if len(near.image):
        for axis in np.eye(2, dtype=np.int64):  # one axis after the other leaves fewer tiles to sort
            near = united([Cover(near.image, near.keys + shift * axis) for shift in (-1, 0, 1)])
    return united([quarters.where(possible.ravel()), near])


def _integral(n: int, settled: list[Settled]) -> Integral:
    total, off = totals(n, settled)
    parts = []
    for start in range(0, n, _TOGETHER):
        end = min(start + _TOGETHER, n)
        own = [part.of((part.owner >= start) & (part.owner < end)) for part in settled]
        own = [replace(part, owner=part.owner - start) for part in own if len(part.owner)]
        parts.append(_moments(own, total[start:end], off[start:end]))
    return Integral(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Integral)))


def _moments(settled: list[Settled], total: NDArray[np.float64], off: NDArray[np.float64]) -> Integral:
    image, joint, level, z = (np.concatenate(parts) for parts in zip(*(part.points() for part in settled), strict=True))
    order = np.argsort(image, kind="stable")
    image, joint, level, z = image[order], joint[order], level[order], z[order]
    starts = np.flatnonzero(begins(image))
    cell = (BASE_STEP / 2.0**level) ** 2
    weight = np.exp(joint - total[image, None]) * cell[:, None]
    mean = np.add.reduceat(np.einsum("pi,pix->px", weight, z), starts)
    second = np.add.reduceat((weight[..., None] * z).swapaxes(1, 2) @ z, starts)
    mode, area = np.zeros((len(total), 2)), np.zeros(len(total))
    for row, (start, end) in enumerate(zip(starts, [*starts[1:], len(image)], strict=True)):
        falling = np.argsort(-joint[start:end], axis=None)
        mode[row] = z[start:end].reshape(-1, 2)[falling[0]]
        cells = np.repeat(cell[start:end], POINTS)[falling]
        area[row] = highest_density(weight[start:end].ravel()[falling], cells)[1][SHARES.index(0.95)]
    covariance = second - mean[:, :, None] * mean[:, None, :]
    return Integral(total, off, np.maximum.reduceat(level, starts), mean, covariance, mode, area)
