"""The ELBO and KL(q(z|x) ‖ p(z|x)), each by its own quadrature."""

from __future__ import annotations

import math
from collections.abc import Iterator
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
from vae_explorer.models.posterior import FamilyPosterior, GaussianPosterior

ORDERS: tuple[int, ...] = (5, 7, 10, 14, 20, 28)  # Gauss–Hermite nodes a side, raised until two orders agree
ORDERS_OF_FLOW: tuple[int, ...] = (20,)  # a flow bends the plane between few nodes
# First and last step of the even lattices of the noise that follow these orders, in std.
STEPS, STEPS_OF_FLOW, STEPS_WITH_KINKS = (0.25, 0.03125), (0.25, 0.0625), (0.5, 0.03125)
TOLERANCE = 2e-4  # tolerance between two orders, in nats
_BEFORE, _AT_ONCE = 5.0, 0.1  # tolerances for the difference before, or for the last difference alone
# Tolerances between a step and twice the step, in nats: for a Gaussian q, for kinks (a quarter of the error stays) and for a
# flow (most may stay).
_OF_STEPS, _ON_KINKS, _OF_FLOW = 2e-4, 6e-4, 5e-5
_SPREAD = 6.0  # std covered by a lattice; 2e-8 of q lies outside
_TOGETHER = 128  # images summed at once, for memory
_MANY = 100_000  # lattice points; decoding them takes a second
_ANGLE = 0.5  # radians between the lattice of `bound` and the lattice of a wide q's divergence
_FIRST_STEP = 0.7  # std of q: first step; twice the step leaves an error of 6e-4 for a Gaussian

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bound:
    """ELBO = reconstruction − kl of n images, in nats."""

    reconstruction: NDArray[np.float64]  # (n,) E_q[log p(x|z)]
    kl: NDArray[np.float64]  # (n,) KL(q(z|x) ‖ p(z))
    difference: NDArray[np.float64]  # (n,) of the ELBO between the last two orders

    def of(self, row: int) -> tuple[float, float]:
        """Return the ELBO of one image, and its difference."""
        return float(self.elbo[row]), float(self.difference[row])

    @property
    def elbo(self) -> NDArray[np.float64]:
        return self.reconstruction - self.kl


@lru_cache(maxsize=len(ORDERS))
def gauss_hermite(order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return nodes (order², 2) and weights (order²,) with Σ w f(ε) = E[f(ε)] for ε ~ N(0, I).

    The sum is exact for polynomials of degree below 2 · order.
    """
    node, weight = np.polynomial.hermite_e.hermegauss(order)
    nodes = np.stack([part.ravel() for part in np.meshgrid(node, node)], axis=1)
    weights = np.outer(weight, weight).ravel()
    return nodes, weights / weights.sum()


def even(coarse: float, fine: float, angle: float = 0.0) -> Iterator[tuple[Floats, Floats]]:
    """Yield nodes (m, 2) and weights (m,) of an even lattice of the noise, ever finer.

    The step falls from `coarse` to `fine`; the lattice covers _SPREAD std. Second nodes lie in the middle of the first squares,
    third nodes in the middle of sides. Each part has as many nodes as all parts before, except every third part. `angle` turns
    all nodes around 0.
    """
    turned = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    yield _within(coarse, [(0, 0)], turned)
    step = coarse
    while step > fine:
        yield _within(step, [(0.5, 0.5)], turned)
        yield _within(step, [(0.5, 0), (0, 0.5)], turned)
        step /= 2


def _within(step: float, shifts: list[tuple[float, float]], turned: Floats) -> tuple[Floats, Floats]:
    """Return the nodes of shifted square lattices, and the unscaled noise density there."""
    axis = np.arange(-math.ceil(_SPREAD / step), math.ceil(_SPREAD / step) + 1)
    square = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    nodes = step * np.concatenate([square + shift for shift in shifts])
    squares = np.square(nodes).sum(axis=1)
    return nodes[squares <= _SPREAD**2] @ turned, np.exp(-0.5 * squares[squares <= _SPREAD**2])


def _rules(orders: tuple[int, ...], steps: tuple[float, float]) -> Iterator[tuple[Floats, Floats, bool]]:
    """Yield nodes, weights, and whether the nodes add to the nodes before."""
    for order in orders:
        yield *gauss_hermite(order), False
    for place, (nodes, weights) in enumerate(even(*steps)):
        yield nodes, weights, place > 0


@torch.inference_mode()
def bound(lattice: DecodedLattice, posterior: FamilyPosterior, observed: Observed) -> Bound:
    """Compute the ELBO of n images by quadrature over the noise of q, decoding at each node."""
    n = len(observed)
    out = Bound(np.zeros(n), np.zeros(n), np.full(n, np.inf))
    left, sums, weight = np.arange(n), np.zeros((2, n)), 0.0
    is_gaussian = isinstance(posterior, GaussianPosterior)
    smooth = _rules(ORDERS, STEPS) if is_gaussian else _rules(ORDERS_OF_FLOW, STEPS_OF_FLOW)
    for place, (nodes, weights, adds) in enumerate(smooth if lattice.is_smooth else _rules((), STEPS_WITH_KINKS)):
        here = _summed(lattice, posterior.select(torch.from_numpy(left)), observed.of(left), nodes, weights)
        sums[:, left], weight = adds * sums[:, left] + here, adds * weight + weights.sum()
        before = out.elbo[left]
        out.reconstruction[left], out.kl[left] = sums[:, left] / weight
        if place:
            earlier, moved = out.difference[left], np.abs(out.elbo[left] - before)
            out.difference[left] = moved
            settled = (moved <= TOLERANCE) & (earlier <= _BEFORE * TOLERANCE) | (moved <= _AT_ONCE * TOLERANCE)
            left = left[~settled]
        if not len(left):
            break
    return out


def _summed(lattice: DecodedLattice, posterior: FamilyPosterior, observed: Observed, nodes: Floats, weights: Floats) -> Floats:
    """Return Σ w log p(x|z) and Σ w (log q(z|x) − log p(z)) over nodes of the noise, (2, n)."""
    z, log_q = posterior.place(torch.from_numpy(nodes).to(lattice.dtype)[:, None])
    fit = lattice.log_likelihood_at(observed, z)
    return np.stack([weights @ fit, weights @ (log_q.double().numpy() - log_prior(z.double().numpy()))])


@torch.inference_mode()
def divergence(
    lattice: DecodedLattice, posterior: FamilyPosterior, observed: Observed, log_evidence: Floats, elbo: Bound
) -> tuple[Floats, Floats]:
    """Return KL(q(z|x) ‖ p(z|x)) in nats and its step-halving difference, (n,) each.

    The sum is trapezoidal over q · (log q − log p(z|x)) on the part of the lattice that holds q, with p(z|x) = p(x|z) p(z) /
    p(x). If a wide q needs more than _MANY points, a turned lattice of its noise is used (`_divergence_of_wide`).
    """
    kl, difference = np.zeros(len(observed)), np.full(len(observed), np.inf)
    smooth = _OF_STEPS if lattice.is_smooth else _ON_KINKS
    enough = smooth if isinstance(posterior, GaussianPosterior) else _OF_FLOW
    low, high = covered(posterior, lattice.dtype)
    first = level_of(_FIRST_STEP * posterior.std.double().numpy().min(axis=1))
    points = ((high - low) / step_of(0)).prod(axis=1)  # lattice points of level 0
    wide = np.zeros(len(observed), bool)
    for level in range(first.min(), MAX_LEVEL + 1):
        wide |= (difference > enough) & (first <= level) & (points * 4.0**level > _MANY)
        left = np.flatnonzero((difference > enough) & (first <= level) & ~wide)
        for start in range(0, len(left), _TOGETHER):
            rows = left[start : start + _TOGETHER]
            cover = rectangles(level, low[rows], high[rows])
            joint = lattice.log_joint(observed.of(rows), level, cover) - log_evidence[rows][cover.image, None]
            log_q = _log_density(posterior, rows[cover.image], points_of(level, cover.keys), lattice.dtype)
            kl[rows], difference[rows] = _sums(np.exp(log_q) * (log_q - joint), cover, step_of(level))
    for row in np.flatnonzero(wide).tolist():
        one = np.array([row])
        q = posterior.select(torch.from_numpy(one))
        kl[row], difference[row] = _divergence_of_wide(lattice, q, observed.of(one), log_evidence[row], elbo.of(row))
    return kl, difference


def _divergence_of_wide(
    lattice: DecodedLattice, posterior: FamilyPosterior, observed: Observed, log_evidence: float, elbo: tuple[float, float]
) -> tuple[float, float]:
    """Return the divergence of one image by nodes turned against the nodes of `bound`.

    Two sums must agree, or one sum with a converged `elbo` (value, difference), whose nodes differ.
    """
    total, weight, kl, moved = np.zeros(2), 0.0, math.inf, math.inf
    for nodes, weights in even(*STEPS_OF_FLOW, angle=_ANGLE):
        total, weight = total + _summed(lattice, posterior, observed, nodes, weights)[:, 0], weight + weights.sum()
        before, kl = kl, log_evidence - float(total[0] - total[1]) / weight
        earlier, moved = moved, abs(kl - before)
        if elbo[1] <= TOLERANCE and abs(log_evidence - elbo[0] - kl) <= TOLERANCE:
            return kl, abs(log_evidence - elbo[0] - kl)
        if moved <= TOLERANCE and earlier <= _BEFORE * TOLERANCE:
            break
    return kl, moved


def _log_density(
    posterior: FamilyPosterior, image: NDArray[np.int64], z: NDArray[np.float64], dtype: torch.dtype
) -> NDArray[np.float64]:
    """Return log q(z|x) of each pair's image at its tile points z (p, POINTS, 2), (p, POINTS)."""
    of_each = posterior.select(torch.from_numpy(np.repeat(image, z.shape[1])))
    log_q = of_each.log_prob(torch.from_numpy(z.reshape(-1, 2)).to(dtype))
    return np.asarray(log_q.double().numpy().reshape(z.shape[:2]), np.float64)


def _sums(values: NDArray[np.float64], cover: Cover, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each image's Σ values · step², and the change at twice the step, (m,) each."""
    each = np.add.reduceat(sub_lattices(values), cover.starts) * (2 * step) ** 2
    total = each.mean(axis=1)
    return total, np.abs(each - total[:, None]).max(axis=1)


def covered(posterior: FamilyPosterior, dtype: torch.dtype) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the corners (n, 2) of the rectangle that holds q within _SPREAD std of the noise.

    The image of the disc lies within the image of its circle.
    """
    angle = torch.linspace(0, 2 * math.pi, 65, dtype=torch.float64)[:-1]
    circle = (_SPREAD * torch.stack([angle.cos(), angle.sin()], dim=1)).to(dtype)
    z = posterior.place(circle[:, None])[0].double().numpy()
    return z.min(axis=0), z.max(axis=0)
