"""p(z|x) and q(z|x) of one image, restricted to a section of a latent space of more than two dimensions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.data.base import ShouldStop, never
from vae_explorer.inference.evidence.joint import Joint, log_prior, numpy_of
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.latent.regions import Range, density_levels, raster_points
from vae_explorer.latent.section import Section

_REACH = 4.0  # half side of the region that is searched first, around 0
_Q_REACH = 4.0  # std of q(z|x) on the section that the region holds
_SEARCHED = 64  # cells a side of a search
_ROUNDS = 8
_NEGLIGIBLE = 14.0  # nats below the maximum that are left out
_FILLED = 0.4  # share of the side at which a region is small enough

Sides = tuple[Range, Range]


@dataclass(frozen=True, slots=True)
class SectionPosterior:
    """p(z|x) at the points of a section, divided by its integral over the section."""

    x_range: Range  # the raster's edges, places of the map
    y_range: Range
    density: NDArray[np.float32]  # (rows, columns) from the lowest row; integrates to 1
    levels: tuple[float, ...]  # border densities of the 50, 80 and 95 % highest-density regions
    mean: NDArray[np.float64]  # (2,)
    covariance: NDArray[np.float64]  # (2, 2)


@dataclass(frozen=True, slots=True)
class SectionGaussian:
    """q(z|x) at the points of a section, divided by its integral over the section: a Gaussian in places of the map."""

    mean: NDArray[np.float64]  # (2,)
    covariance: NDArray[np.float64]  # (2, 2)

    @staticmethod
    def of(mean: NDArray[np.float64], std: NDArray[np.float64], section: Section) -> SectionGaussian:
        """Restrict a diagonal Gaussian, mean and std (d,)."""
        weighed = section.axes / np.square(std)
        covariance = np.asarray(np.linalg.inv(weighed @ section.axes.T), np.float64)
        return SectionGaussian(np.asarray(covariance @ weighed @ (mean - section.origin), np.float64), covariance)

    @property
    def std(self) -> NDArray[np.float64]:
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    def density(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the density at places (n, 2), (n,)."""
        beside = places - self.mean
        squares = np.einsum("ni,ij,nj->n", beside, np.linalg.inv(self.covariance), beside)
        return np.asarray(np.exp(-0.5 * squares) / (2 * np.pi * np.sqrt(np.linalg.det(self.covariance))))


def posterior_on_section(
    model: TrainedModel,
    image: ArrayLike,
    section: Section,
    label: int | None = None,
    seen: ArrayLike | None = None,
    size: int = 144,
    should_stop: ShouldStop = never,
) -> tuple[SectionPosterior, SectionGaussian]:
    """Compute p(z|x) of one image (H, W, C) on a section as a raster of size × size cells, and q(z|x) there.

    Each cell is decoded at its centre. The raster holds the cells within _NEGLIGIBLE of the maximum. `seen` (H, W) is true for
    pixels that count. Raises `UserError` on other shapes and missing classes, `Cancelled` once `should_stop` is true.
    """
    joint = Joint(model, image, label, seen, should_stop)
    q = joint.encoded()
    gaussian = SectionGaussian.of(numpy_of(q.mean)[0], numpy_of(q.std)[0], section)
    low, high = (gaussian.mean + sign * _Q_REACH * gaussian.std for sign in (-1, 1))
    low, high = np.minimum(low, -_REACH), np.maximum(high, _REACH)
    for _ in range(_ROUNDS):
        log_density = _log_joint(joint, section, low, high, _SEARCHED)
        row, column = np.nonzero(log_density >= log_density.max() - _NEGLIGIBLE)
        cell = (high - low) / _SEARCHED
        first, last = np.array([column.min(), row.min()]), np.array([column.max(), row.max()])
        share = (last - first + 1) / _SEARCHED
        low, high = low + (first - 1) * cell, low + (last + 2) * cell
        if share.min() >= _FILLED:
            break
    return _rastered(_log_joint(joint, section, low, high, size), low, high), gaussian


def sides_of(low: NDArray[np.float64], high: NDArray[np.float64]) -> Sides:
    return (float(low[0]), float(high[0])), (float(low[1]), float(high[1]))


def _log_joint(
    joint: Joint, section: Section, low: NDArray[np.float64], high: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Return log p(x, z) at the centres of size × size cells, (size, size) from the lowest row."""
    points = torch.from_numpy(section.lift(raster_points(sides_of(low, high), size))).to(joint.dtype)
    values = joint.log_likelihood_of_all(points)[0] + log_prior(points)
    return numpy_of(values).reshape(size, size)


def _rastered(log_joint: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> SectionPosterior:
    size, sides = len(log_joint), sides_of(low, high)
    mass = np.exp(log_joint - log_joint.max())
    mass /= mass.sum()
    places = raster_points(sides, size)
    mean = mass.ravel() @ places
    beside = places - mean
    density = mass / float(np.prod((high - low) / size))
    covariance = (mass.ravel()[:, None] * beside).T @ beside
    return SectionPosterior(*sides, density.astype(np.float32), density_levels(density), mean, covariance)
