"""p(z|x) of one image as a picture: density raster, highest-density regions, and points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import Keys, everywhere, points_of, step_of
from vae_explorer.inference.evidence.integral import integrate_one
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.latent.regions import SHARES, highest_density, raster_of

_LEAST_SHARE = 1e-7  # share of the mass; smaller points are left out

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class TruePosterior:
    """p(z|x) of one image, or of its visible pixels."""

    log_evidence: float  # nats
    step_halving_difference: float  # nats, of log_evidence
    x_range: Range  # the raster's edges
    y_range: Range
    density: NDArray[np.float32]  # (rows, columns) from the lowest row; integrates to 1
    levels: tuple[float, ...]  # border densities of the 50, 80 and 95 % highest-density regions
    area: float  # area of the 95 % region
    mean: NDArray[np.float64]  # (2,)
    covariance: NDArray[np.float64]  # (2, 2)
    mode: NDArray[np.float64]  # (2,)
    points: NDArray[np.float32]  # (k, 2), most probable first
    weights: NDArray[np.float64]  # (k,), sum to 1
    step: float  # between neighbouring points

    def samples(self, n: int, random: np.random.Generator) -> NDArray[np.float32]:
        """Draw z ~ p(z|x), (n, 2).

        Equal random numbers under a slightly changed posterior move draws slightly.
        """
        return self.placed(random.uniform(size=(n, 2)))

    def placed(self, uniform: NDArray[np.float64]) -> NDArray[np.float32]:
        """Map points (n, 2) of the unit square to the plane; uniform points become draws of p(z|x).

        Rosenblatt 1952: x by its inverse distribution function, y by the inverse given x, over the cells around the points.
        """
        cells = np.rint(self.points.astype(np.float64) / self.step).astype(np.int64)
        order = np.lexsort((cells[:, 1], cells[:, 0]))
        x, y, mass = cells[order, 0], cells[order, 1], self.weights[order]
        columns, first = np.unique(x, return_index=True)
        in_column = np.add.reduceat(mass, first)
        before = np.concatenate([[0.0], np.cumsum(in_column)])
        column, share = _inverse(uniform[:, 0] * before[-1], before)
        held = np.concatenate([[0.0], np.cumsum(mass)])
        last = np.append(first[1:], len(x)) - 1
        cell, part = _inverse(held[first[column]] + uniform[:, 1] * in_column[column], held)
        cell = np.clip(cell, first[column], last[column])
        places = np.stack([columns[column] + share, y[cell] + part], axis=1) - 0.5
        return (places * self.step).astype(np.float32)


def _inverse(value: NDArray[np.float64], held: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    cell = np.clip(np.searchsorted(held, value, side="right") - 1, 0, len(held) - 2)
    return cell, np.clip((value - held[cell]) / np.maximum(held[cell + 1] - held[cell], 1e-300), 0, 1)


def evenly(n: int) -> NDArray[np.float64]:
    """Return evenly spread points of the unit square, (n, 2).

    The additive recurrence steps by 1/g and 1/g² with g³ = g + 1.
    """
    steps = 1 / 1.32471795724474602596 ** np.arange(1, 3)
    points: NDArray[np.float64] = (0.5 + np.arange(1, n + 1)[:, None] * steps) % 1
    return points


def true_posterior(
    lattice: DecodedLattice, one: Observed, root: Keys, finest: int, sides: tuple[Range, Range] | None, size: tuple[int, int]
) -> TruePosterior:
    """Compute p(z|x) of one image as a raster over `sides`, or over the posterior's region.

    `size` is (columns, rows), `sides` is (x range, y range).
    """
    found, keys = integrate_one(lattice, one, root, finest)
    level = int(found.level[0])
    step = step_of(level)
    z = points_of(level, keys)
    log_density = lattice.log_joint(one, level, everywhere(1, keys)).ravel() - found.log_evidence[0]
    z = z.reshape(-1, 2)
    order = np.argsort(-log_density, kind="stable")
    mass = np.exp(log_density[order]) * step**2
    kept = order[mass >= _LEAST_SHARE * mass.sum()]
    weights = np.exp(log_density[kept]) * step**2
    levels, areas = highest_density(weights, step**2)
    x_range, y_range = sides or _around(z[kept], step)
    return TruePosterior(
        float(found.log_evidence[0]),
        float(found.difference[0]),
        x_range,
        y_range,
        raster_of(z, log_density, step, x_range, y_range, size),
        levels,
        areas[SHARES.index(0.95)],
        found.mean[0],
        found.covariance[0],
        found.mode[0],
        z[kept].astype(np.float32),
        weights / weights.sum(),
        step,
    )


def _around(z: NDArray[np.float64], step: float) -> tuple[Range, Range]:
    low, high = z.min(axis=0) - step, z.max(axis=0) + step
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))
