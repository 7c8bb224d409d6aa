"""The ELBO and KL(q(z|x) ‖ p(z|x)), each by a quadrature of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

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
from vae_explorer.models.posterior import GaussianPosterior, Posterior

ORDERS = (5, 7, 10, 14, 20, 28, 40, 56, 80, 112)  # nodes a side, one after the other until two agree
_FIRST_OF_FLOW = 4  # a flow bends what lies between few nodes, and two low orders can agree by chance
TOLERANCE = 2e-4  # nats between two orders
_SPREAD = 6.5  # std to which a lattice covers q: 1e-9 of it lies outside
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


@torch.inference_mode()
def bound(lattice: DecodedLattice, posterior: Posterior, observed: Observed) -> Bound:
    """The ELBO of n images by Gauss–Hermite quadrature over the noise of q, decoded at the nodes' own places."""
    n = len(observed)
    out = Bound(np.zeros(n), np.zeros(n), np.full(n, np.inf))
    left = np.arange(n)
    orders = ORDERS if isinstance(posterior, GaussianPosterior) else ORDERS[_FIRST_OF_FLOW:]
    for order in orders:
        nodes, weights = gauss_hermite(order)
        places, log_q = posterior.place(torch.from_numpy(nodes).to(lattice.dtype)[:, None])
        z, before = places[:, left], out.elbo[left]
        reconstruction = weights @ lattice.log_likelihood_at(observed.of(left), z)
        kl = weights @ (log_q[:, left].double().numpy() - log_prior(z.double().numpy()))
        out.reconstruction[left], out.kl[left] = reconstruction, kl
        if order != orders[0]:
            out.difference[left] = np.abs(reconstruction - kl - before)
        left = left[out.difference[left] > TOLERANCE]
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
    kl, difference = np.zeros(len(observed)), np.zeros(len(observed))
    low, high = covered(posterior, lattice.dtype)
    for image, first in enumerate(_first_level(posterior)):
        one = observed.of(np.array([image]))
        for level in range(first, MAX_LEVEL + 1):
            keys = tiles_over(level, low[image], high[image])
            places = points_of(level, keys)
            joint = lattice.log_likelihood(one, level, keys)[0] + log_prior(places)
            log_q = posterior.log_density(image, torch.from_numpy(places.reshape(-1, 2)).to(lattice.dtype))
            flat = log_q.double().numpy().reshape(joint.shape)
            kl[image], difference[image] = _sum(np.exp(flat) * (flat - joint + log_evidence[image]), step_of(level))
            if difference[image] <= TOLERANCE:
                break
    return kl, difference


def _sum(values: NDArray[np.float64], step: float) -> tuple[float, float]:
    """Σ values · step² over tiles (k, POINTS), and how far twice the step is off."""
    corners = values.reshape(len(values), SIDE // 2, 2, SIDE // 2, 2).sum(axis=(0, 1, 3)) * (2 * step) ** 2
    return float(corners.mean()), float(np.abs(corners - corners.mean()).max())


def covered(posterior: Posterior, dtype: torch.dtype) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The corners (n, 2) of the rectangle that holds what lies within _SPREAD std of the noise: the image of a disc is bounded by
    that of its circle."""
    angle = torch.linspace(0, 2 * math.pi, 65, dtype=torch.float64)[:-1]
    circle = (_SPREAD * torch.stack([angle.cos(), angle.sin()], dim=1)).to(dtype)
    z = posterior.place(circle[:, None])[0].double().numpy()
    return z.min(axis=0), z.max(axis=0)


def _first_level(posterior: Posterior) -> NDArray[np.int64]:
    smallest = posterior.std.double().numpy().min(axis=1)
    level: NDArray[np.int64] = np.ceil(np.log2(step_of(0) / (_STEP * smallest))).astype(np.int64)
    return np.clip(level, 0, MAX_LEVEL)
