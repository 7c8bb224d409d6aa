"""Splits the ELBO's loss into the best diagonal Gaussian's loss and the encoder's loss.

Cremer, Li & Duvenaud 2018, section 3: log p(x) − ELBO = (log p(x) − ELBO of the best q) + (ELBO of the best q − ELBO of the
encoder's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.bound import bound
from vae_explorer.inference.evidence.cover import SIDE, Cover, level_of, points_of, rectangles
from vae_explorer.inference.evidence.integral import Integral
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.pieces import Settled
from vae_explorer.inference.evidence.starts import first_starts, further_starts
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior

_ROUNDS, _STEPS = 10, 40  # most patches of the plane, and most steps on a patch
_PATCH_REACH = 6.0  # std from the mean to the edge of a patch
_PATCH_STEP = 0.75  # std between points of a patch
_PROVEN = 5e-3  # nats below log p(x): an ELBO this close needs no other start
_FAR, _STRETCH = 2.0, (0.5, 1.5)  # limits on one patch: std that the mean moves, and factors of std
_ENOUGH = 1e-6  # least gain of a step, in nats
_LEAST_SHARE = 1e-3  # least share of Newton's step
_MIN_STD, _MAX_STD = np.exp(0.5 * MIN_LOG_VARIANCE), np.exp(0.5 * MAX_LOG_VARIANCE)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Best:
    """Diagonal Gaussians of n images, and their ELBO."""

    mean: Floats  # (n, 2)
    std: Floats  # (n, 2)
    elbo: Floats  # (n,) nats
    difference: Floats  # (n,) nats, of the ELBO between two quadratures

    def or_better(self, other: Best) -> Best:
        """Return, image by image, the Gaussian with the higher ELBO."""
        better = other.elbo > self.elbo
        return Best(
            np.where(better[:, None], other.mean, self.mean),
            np.where(better[:, None], other.std, self.std),
            np.where(better, other.elbo, self.elbo),
            np.where(better, other.difference, self.difference),
        )


@torch.inference_mode()
def best_gaussian(lattice: DecodedLattice, observed: Observed, found: Integral, pieces: list[Settled]) -> Best:
    """Find the best diagonal Gaussian by climbs from mean, mode and pieces of p(z|x).

    No Gaussian beats log p(x), so an image that ends within _PROVEN of log p(x) needs no second climb. A climb uses Newton's
    method on E_q[log p(x, z)] + entropy, with sums over the lattice. Gauss–Hermite quadrature at decoded nodes gives the final
    ELBO.
    """
    best = _climbed(lattice, observed, *first_starts(found))
    others = further_starts(found, pieces, found.log_evidence - best.elbo > _PROVEN, best.elbo)
    others = others.where(others.unlike(best.mean, best.std))
    if len(others.image):
        ends = _climbed(lattice, observed.of(others.image), others.mean, others.std)
        for place in np.argsort(ends.elbo):  # the highest ELBO comes last
            image = others.image[place]
            if ends.elbo[place] > best.elbo[image]:
                best.mean[image], best.std[image], best.elbo[image] = ends.mean[place], ends.std[place], ends.elbo[place]
    q = GaussianPosterior(torch.from_numpy(best.mean), torch.from_numpy(2 * np.log(best.std)))
    there = bound(lattice, q, observed)
    return Best(best.mean, best.std, there.elbo, there.difference)


@dataclass(frozen=True, slots=True)
class _End:
    mean: Floats  # (n, 2)
    std: Floats  # (n, 2)
    elbo: Floats  # (n,) nats


def _climbed(lattice: DecodedLattice, observed: Observed, mean: Floats, std: Floats) -> _End:
    """Climb from (mean, std) to a maximum of the ELBO, patch after patch."""
    out = _End(mean.copy(), np.clip(std, _MIN_STD, _MAX_STD), np.zeros(len(mean)))
    left = np.arange(len(mean))
    for _ in range(_ROUNDS):
        begun = out.mean[left], out.std[left]
        level = level_of(_PATCH_STEP * begun[1].min(axis=1))
        for one in np.unique(level):
            rows = left[level == one]
            patch = _patch(lattice, observed.of(rows), int(one), out.mean[rows], out.std[rows])
            out.mean[rows], out.std[rows], out.elbo[rows] = _climb_on(patch, out.mean[rows], out.std[rows])
        moved = np.abs(out.mean[left] - begun[0]) >= 0.5 * begun[1]
        left = left[(moved | (np.abs(np.log(out.std[left] / begun[1])) >= 0.3)).any(axis=1)]
        if not len(left):
            break
    return out


@dataclass(frozen=True, slots=True)
class _Patch:
    """log p(x, z) on a rectangle of the lattice for each image."""

    cover: Cover
    joint: Floats  # (p, SIDE, SIDE) nats
    x: Floats  # (p, SIDE), of the columns
    y: Floats  # (p, SIDE), of the rows

    def of(self, chosen: NDArray[np.bool_]) -> _Patch:
        pairs = chosen[self.cover.image]
        cover = self.cover.where(pairs)
        return _Patch(Cover(cover.place, cover.keys), self.joint[pairs], self.x[pairs], self.y[pairs])


def _patch(lattice: DecodedLattice, observed: Observed, level: int, mean: Floats, std: Floats) -> _Patch:
    cover = rectangles(level, mean - _PATCH_REACH * std, mean + _PATCH_REACH * std)
    z = points_of(level, cover.keys).reshape(-1, SIDE, SIDE, 2)
    joint = lattice.log_joint(observed, level, cover).reshape(-1, SIDE, SIDE)
    return _Patch(cover, joint, z[:, 0, :, 0], z[:, :, 0, 1])


@dataclass(frozen=True, slots=True)
class _Slope:
    """The ELBO of n images at one Gaussian each, and E_q of the derivatives of f = log p(x, z).

    By Stein's lemma E[f'] = E[u f] / s and E[f''] = E[(u² − 1) f] / s², u = (z − mean) / s.
    """

    elbo: Floats  # (n,)
    gradient: Floats  # (n, 2)
    hessian: Floats  # (n, 2, 2)

    def of(self, chosen: NDArray[np.bool_]) -> _Slope:
        return _Slope(self.elbo[chosen], self.gradient[chosen], self.hessian[chosen])

    def moved(self, there: _Slope, taken: NDArray[np.bool_]) -> _Slope:
        return _Slope(
            np.where(taken, there.elbo, self.elbo),
            np.where(taken[:, None], there.gradient, self.gradient),
            np.where(taken[:, None, None], there.hessian, self.hessian),
        )


def _slope(patch: _Patch, mean: Floats, std: Floats) -> _Slope:
    image, starts = patch.cover.image, patch.cover.starts
    across, along = (_hermite(axis, mean[image, i], std[image, i]) for i, axis in enumerate((patch.x, patch.y)))
    moment = np.add.reduceat(along @ patch.joint @ across.swapaxes(1, 2), starts)  # E[H_row(u_y) H_column(u_x) f], unnormalised
    weight = np.add.reduceat(along[:, 0].sum(axis=1) * across[:, 0].sum(axis=1), starts)
    moment /= weight[:, None, None]
    x, y = std.T
    hessian = np.stack([moment[:, 0, 2] / x**2, *2 * [moment[:, 1, 1] / (x * y)], moment[:, 2, 0] / y**2], axis=1)
    return _Slope(
        moment[:, 0, 0] + np.log(std).sum(axis=1) + np.log(2 * np.pi) + 1,
        np.stack([moment[:, 0, 1], moment[:, 1, 0]], axis=1) / std,
        hessian.reshape(-1, 2, 2),
    )


def _hermite(axis: Floats, mean: Floats, std: Floats) -> Floats:
    """Return weights of the points (p, SIDE) times 1, u and u² − 1, (p, 3, SIDE)."""
    u = (axis - mean[:, None]) / std[:, None]
    weighted: Floats = np.stack([np.ones_like(u), u, u * u - 1], axis=1) * np.exp(-0.5 * u * u)[:, None]
    return weighted


def _climb_on(patch: _Patch, mean: Floats, std: Floats) -> tuple[Floats, Floats, Floats]:
    """Take gaining steps for all images at once, and return their mean, std and ELBO.

    A step is halved until it gains.
    """
    here = _slope(patch, mean, std)
    low, high = mean - _FAR * std, mean + _FAR * std
    narrowest, widest = (np.clip(factor * std, _MIN_STD, _MAX_STD) for factor in _STRETCH)
    mean, std, elbo, share = mean.copy(), std.copy(), here.elbo.copy(), np.ones(len(mean))
    left = np.arange(len(mean))
    for _ in range(_STEPS):
        move, stretch = _newton(here, std[left])
        further = np.clip(mean[left] + share[left, None] * move, low[left], high[left])
        wider = np.clip(std[left] * np.exp(share[left, None] * stretch), narrowest[left], widest[left])
        there = _slope(patch, further, wider)
        gain = there.elbo - here.elbo
        taken = gain >= 0
        mean[left[taken]], std[left[taken]], elbo[left[taken]] = further[taken], wider[taken], there.elbo[taken]
        share[left] = np.where(taken, np.minimum(1.0, 2 * share[left]), share[left] / 2)
        on = (taken & (gain >= _ENOUGH)) | (~taken & (share[left] > _LEAST_SHARE))
        here, left = here.moved(there, taken).of(on), left[on]
        if not len(left):
            break
        patch = patch if on.all() else patch.of(on)
    return mean, std, elbo


def _newton(slope: _Slope, std: Floats) -> tuple[Floats, Floats]:
    """Return a step of the mean and of log std. At its fixed point 1 / std² = −E[f''].

    Source: Opper & Archambeau 2009, section 3.
    """
    bend = -slope.hessian[:, (0, 1), (0, 1)]
    bent = (bend > 0).all(axis=1) & (np.linalg.det(slope.hessian) > 0)
    matrix = np.where(bent[:, None, None], -slope.hessian, np.eye(2) / std[:, None] ** 2)
    move = np.linalg.solve(matrix, slope.gradient[..., None])[..., 0]
    stretch = -0.5 * np.log(np.maximum(bend, 0.25 / std**2)) - np.log(std)
    return np.clip(move, -std, std), np.clip(stretch, -0.5, 0.5)
