"""What the ELBO loses, split in two: the best diagonal Gaussian's loss, and what the encoder loses against it.

Cremer, Li & Duvenaud 2018, section 3: log p(x) − ELBO = (log p(x) − ELBO of the best q) + (ELBO of the best q − ELBO of the encoder's).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.bound import bound
from vae_explorer.inference.evidence.integral import Integral
from vae_explorer.inference.evidence.lattice import (
    MAX_LEVEL,
    SIDE,
    DecodedLattice,
    log_prior,
    points_of,
    step_of,
    tiles_over,
)
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior, Posterior

_ROUNDS, _STEPS = 6, 12  # patches of the plane, and Newton steps on each
_REACH = 6.0  # std from the mean to the patch's edge
_STEP = 0.75  # std between points
_ENOUGH = 1e-6  # nats that a step gains
_MIN_STD, _MAX_STD = np.exp(0.5 * MIN_LOG_VARIANCE), np.exp(0.5 * MAX_LOG_VARIANCE)

Pair = NDArray[np.float64]  # (2,)


@dataclass(frozen=True, slots=True)
class Best:
    """The diagonal Gaussians with the highest ELBO of n images."""

    mean: NDArray[np.float64]  # (n, 2)
    std: NDArray[np.float64]  # (n, 2)
    elbo: NDArray[np.float64]  # (n,) nats, by Gauss–Hermite quadrature


def best_gaussian(lattice: DecodedLattice, observed: Observed, posterior: Posterior, found: Integral) -> Best:
    """The better of two climbs for each image: from the encoder's q, and from the highest point of p(z|x).

    A climb is Newton's on E_q[log p(x, z)] + entropy by sums over the lattice; its end is decoded anew.
    """
    spread = 1 / np.sqrt(np.linalg.inv(found.covariance + 1e-12 * np.eye(2))[:, (0, 1), (0, 1)])
    with torch.inference_mode():
        starts = [(posterior.mean.double().numpy(), posterior.std.double().numpy()), (found.mode, spread)]
    ends = [_climbed(lattice, observed, mean, std) for mean, std in starts]
    better = ends[1].elbo > ends[0].elbo
    return Best(
        np.where(better[:, None], ends[1].mean, ends[0].mean),
        np.where(better[:, None], ends[1].std, ends[0].std),
        np.where(better, ends[1].elbo, ends[0].elbo),
    )


def _climbed(lattice: DecodedLattice, observed: Observed, mean: NDArray[np.float64], std: NDArray[np.float64]) -> Best:
    each = [_climb(lattice, observed.of(np.array([i])), mean[i], std[i]) for i in range(len(observed))]
    means, stds = (np.array(part).reshape(-1, 2) for part in zip(*each, strict=True))
    q = GaussianPosterior(torch.from_numpy(means), torch.from_numpy(2 * np.log(stds)))
    return Best(means, stds, bound(lattice, q, observed).elbo)


def _climb(lattice: DecodedLattice, one: Observed, mean: Pair, std: Pair) -> tuple[Pair, Pair]:
    """From (mean, std) to a maximum of the ELBO: on one patch of the plane after the other, until it ends where it began."""
    std = np.clip(std, _MIN_STD, _MAX_STD)
    for _ in range(_ROUNDS):
        begun = mean, std
        mean, std = _climb_on(_patch(lattice, one, mean, std), mean, std)
        if (np.abs(mean - begun[0]) < 0.5 * begun[1]).all() and (np.abs(np.log(std / begun[1])) < 0.3).all():
            break
    return mean, std


@dataclass(frozen=True, slots=True)
class _Patch:
    """log p(x, z) on a rectangle of the lattice."""

    joint: NDArray[np.float64]  # (ny, nx) nats
    x: NDArray[np.float64]  # (nx,)
    y: NDArray[np.float64]  # (ny,)


def _patch(lattice: DecodedLattice, one: Observed, mean: Pair, std: Pair) -> _Patch:
    level = int(np.clip(np.ceil(np.log2(step_of(0) / (_STEP * std.min()))), 0, MAX_LEVEL))
    keys = tiles_over(level, mean - _REACH * std, mean + _REACH * std)
    places = points_of(level, keys)
    joint = lattice.log_likelihood(one, level, keys)[0] + log_prior(places)
    columns = len(np.unique(keys[:, 0]))
    square = joint.reshape(-1, columns, SIDE, SIDE).swapaxes(1, 2).reshape(-1, columns * SIDE)
    return _Patch(square, np.unique(places[..., 0]), np.unique(places[..., 1]))


@dataclass(frozen=True, slots=True)
class _Slope:
    """The ELBO at a Gaussian, and E_q of the derivatives of f = log p(x, z) there.

    By Stein's lemma E[f'] = E[u f] / s and E[f''] = E[(u² − 1) f] / s², u = (z − mean) / s.
    """

    elbo: float
    gradient: Pair
    hessian: NDArray[np.float64]  # (2, 2)


def _slope(patch: _Patch, mean: Pair, std: Pair) -> _Slope:
    across, along = (_hermite(axis, mean[i], std[i]) for i, axis in enumerate((patch.x, patch.y)))
    moment = along @ patch.joint @ across.T  # (3, 3): E[H_row(u_y) H_column(u_x) f]
    mixed = moment[1, 1] / (std[0] * std[1])
    return _Slope(
        float(moment[0, 0] + np.log(std).sum() + np.log(2 * np.pi) + 1),
        np.array([moment[0, 1], moment[1, 0]]) / std,
        np.array([[moment[0, 2] / std[0] ** 2, mixed], [mixed, moment[2, 0] / std[1] ** 2]]),
    )


def _hermite(axis: NDArray[np.float64], mean: float, std: float) -> NDArray[np.float64]:
    """Weights of the points with 1, u and u² − 1, (3, n)."""
    u = (axis - mean) / std
    weight = np.exp(-0.5 * u * u)
    weighted: NDArray[np.float64] = np.stack([np.ones_like(u), u, u * u - 1]) * (weight / weight.sum())
    return weighted


def _climb_on(patch: _Patch, mean: Pair, std: Pair) -> tuple[Pair, Pair]:
    """Steps that gain, each halved until it does."""
    here, share = _slope(patch, mean, std), 1.0
    for _ in range(_STEPS):
        move, stretch = _newton(here, std)
        while share > 1e-3:
            further, wider = mean + share * move, np.clip(std * np.exp(share * stretch), _MIN_STD, _MAX_STD)
            there = _slope(patch, further, wider)
            if there.elbo >= here.elbo:
                break
            share /= 2
        else:
            return mean, std
        gain = there.elbo - here.elbo
        mean, std, here, share = further, wider, there, min(1.0, 2 * share)
        if gain < _ENOUGH:
            break
    return mean, std


def _newton(slope: _Slope, std: Pair) -> tuple[Pair, Pair]:
    """A step of the mean and of log std: where both stand still, 1 / std² is −E[f''] (Opper & Archambeau 2009, section 3)."""
    bend = -np.diag(slope.hessian)
    bent = bool((bend > 0).all() and np.linalg.det(slope.hessian) > 0)
    move = np.linalg.solve(-slope.hessian, slope.gradient) if bent else std**2 * slope.gradient
    stretch = -0.5 * np.log(np.maximum(bend, 0.25 / std**2)) - np.log(std)
    return np.clip(move, -std, std), np.clip(stretch, -0.5, 0.5)
