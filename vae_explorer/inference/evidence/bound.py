"""The ELBO and KL(q(z|x) ‖ p(z|x)), each by a quadrature of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import (
    MAX_LEVEL,
    Cover,
    level_of,
    log_prior,
    points_of,
    rectangles,
    step_of,
    sub_lattices,
)
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.posterior import GaussianPosterior, Posterior

# Gauss–Hermite nodes a side, or the step of an even lattice, in std of the noise: one after the other until two agree
ORDERS: tuple[int | float, ...] = (5, 7, 10, 14, 20, 28, 0.25, 0.125, 0.0625, 0.03125)
ORDERS_OF_FLOW: tuple[int | float, ...] = (20, 0.25, 0.125, 0.0625)  # it bends what lies between few nodes
ORDERS_WITH_KINKS: tuple[int | float, ...] = (0.5, 0.25, 0.125, 0.0625, 0.03125)  # which are no polynomials
TOLERANCE = 2e-4  # nats between two orders
_BEFORE, _AT_ONCE = 5.0, 0.1  # times as much, that the two before were apart; so little, and it does not matter what they were
# nats between a step and twice the step: of a Gaussian q; of one on kinks, where a quarter is left; of a flow, where most may be
_OF_STEPS, _ON_KINKS, _OF_FLOW = 2e-4, 6e-4, 5e-5
_SPREAD = 6.0  # std to which a lattice covers q: 2e-8 of it lies outside
_TOGETHER = 128  # images whose sums are in memory at a time
_STEP = 0.7  # std of q, the first step tried; twice of it leaves 6e-4 of a Gaussian's integral


@dataclass(frozen=True, slots=True)
class Bound:
    """ELBO = reconstruction − kl of n images, in nats."""

    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    difference: NDArray[np.float64]  # (n,) of the ELBO, between the last two orders

    @property
    def elbo(self) -> NDArray[np.float64]:
        return self.reconstruction - self.kl


@lru_cache(maxsize=len(ORDERS))
def gauss_hermite(order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nodes (order², 2) and weights (order²,) with which Σ w f(ε) is E[f(ε)], ε ~ N(0, I), for polynomials below degree 2 · order."""
    node, weight = np.polynomial.hermite_e.hermegauss(order)
    nodes = np.stack([part.ravel() for part in np.meshgrid(node, node)], axis=1)
    weights = np.outer(weight, weight).ravel()
    return nodes, weights / weights.sum()


def even(step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same by a trapezoidal sum: nodes (m, 2) of an even lattice out to _SPREAD, and weights (m,)."""
    axis = np.arange(-math.floor(_SPREAD / step), math.floor(_SPREAD / step) + 1) * step
    nodes = np.stack([part.ravel() for part in np.meshgrid(axis, axis)], axis=1)
    squares = np.square(nodes).sum(axis=1)
    nodes, weights = nodes[squares <= _SPREAD**2], np.exp(-0.5 * squares[squares <= _SPREAD**2])
    return nodes, weights / weights.sum()


@torch.inference_mode()
def bound(lattice: DecodedLattice, posterior: Posterior, observed: Observed) -> Bound:
    """The ELBO of n images by quadrature over the noise of q, decoded at the nodes' own places."""
    n = len(observed)
    out = Bound(np.zeros(n), np.zeros(n), np.full(n, np.inf))
    left = np.arange(n)
    smooth = ORDERS if isinstance(posterior, GaussianPosterior) else ORDERS_OF_FLOW
    orders = smooth if lattice.is_smooth else ORDERS_WITH_KINKS
    for order in orders:
        nodes, weights = gauss_hermite(order) if isinstance(order, int) else even(order)
        z, log_q = posterior.select(torch.from_numpy(left)).place(torch.from_numpy(nodes).to(lattice.dtype)[:, None])
        before = out.elbo[left]
        reconstruction = weights @ lattice.log_likelihood_at(observed.of(left), z)
        kl = weights @ (log_q.double().numpy() - log_prior(z.double().numpy()))
        out.reconstruction[left], out.kl[left] = reconstruction, kl
        if order != orders[0]:
            earlier, moved = out.difference[left], np.abs(reconstruction - kl - before)
            out.difference[left] = moved
            settled = (moved <= TOLERANCE) & (earlier <= _BEFORE * TOLERANCE) | (moved <= _AT_ONCE * TOLERANCE)
            left = left[~settled]
        if not len(left):
            break
    return out


@torch.inference_mode()
def divergence(
    lattice: DecodedLattice, posterior: Posterior, observed: Observed, log_evidence: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """KL(q(z|x) ‖ p(z|x)) of n images in nats, and its difference under step halving, each (n,).

    A trapezoidal sum of q · (log q − log p(z|x)) over the part of the lattice that holds q, where p(z|x) = p(x|z) p(z) / p(x).
    """
    kl, difference = np.zeros(len(observed)), np.full(len(observed), np.inf)
    smooth = _OF_STEPS if lattice.is_smooth else _ON_KINKS
    enough = smooth if isinstance(posterior, GaussianPosterior) else _OF_FLOW
    low, high = covered(posterior, lattice.dtype)
    first = level_of(_STEP * posterior.std.double().numpy().min(axis=1))
    for level in range(first.min(), MAX_LEVEL + 1):
        left = np.flatnonzero((difference > enough) & (first <= level))
        for start in range(0, len(left), _TOGETHER):
            rows = left[start : start + _TOGETHER]
            cover = rectangles(level, low[rows], high[rows])
            joint = lattice.log_joint(observed.of(rows), level, cover) - log_evidence[rows][cover.image, None]
            log_q = _log_density(posterior, rows[cover.image], points_of(level, cover.keys), lattice.dtype)
            kl[rows], difference[rows] = _sums(np.exp(log_q) * (log_q - joint), cover, step_of(level))
    return kl, difference


def _log_density(
    posterior: Posterior, image: NDArray[np.int64], z: NDArray[np.float64], dtype: torch.dtype
) -> NDArray[np.float64]:
    """log q(z|x) of one image for each of the tiles' points z (p, POINTS, 2), (p, POINTS)."""
    of_each = posterior.select(torch.from_numpy(np.repeat(image, z.shape[1])))
    log_q = of_each.log_prob(torch.from_numpy(z.reshape(-1, 2)).to(dtype))
    return np.asarray(log_q.double().numpy().reshape(z.shape[:2]), np.float64)


def _sums(values: NDArray[np.float64], cover: Cover, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Σ values · step² over the tiles of each image (p, POINTS), and how far twice the step is off, each (m,)."""
    each = np.add.reduceat(sub_lattices(values), cover.starts) * (2 * step) ** 2
    total = each.mean(axis=1)
    return total, np.abs(each - total[:, None]).max(axis=1)


def covered(posterior: Posterior, dtype: torch.dtype) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners (n, 2) of the rectangle that holds what lies within _SPREAD std of the noise: the image of a disc is bounded by
    that of its circle."""
    angle = torch.linspace(0, 2 * math.pi, 65, dtype=torch.float64)[:-1]
    circle = (_SPREAD * torch.stack([angle.cos(), angle.sin()], dim=1)).to(dtype)
    z = posterior.place(circle[:, None])[0].double().numpy()
    return z.min(axis=0), z.max(axis=0)
