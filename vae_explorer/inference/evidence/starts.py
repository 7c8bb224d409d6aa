"""Chooses starts for the search of the best diagonal Gaussian from p(z|x)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.integral import Integral
from vae_explorer.inference.evidence.pieces import Settled, totals
from vae_explorer.inference.evidence.scan import scan

_LEAST_OF_PIECE = 1e-4  # share of p(z|x)
_ROUGH = 1.0  # nats; most that a climb gains on a scanned start, whose widths are off by √2 each: 0.3
_UNLIKE = 0.2  # difference of log std

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Starts:
    """Diagonal Gaussians as starts of climbs, any number for each image."""

    image: Rows  # (s,)
    mean: Floats  # (s, 2)
    std: Floats  # (s, 2)

    def where(self, chosen: NDArray[np.bool_]) -> Starts:
        return Starts(self.image[chosen], self.mean[chosen], self.std[chosen])

    def unlike(self, mean: Floats, std: Floats) -> NDArray[np.bool_]:
        """Tell whether each start differs from its image's Gaussian (n, 2), (n, 2), (s,)."""
        mean, std = mean[self.image], std[self.image]
        apart = np.logical_or(np.abs(self.mean - mean) > std, np.abs(np.log(self.std / std)) > _UNLIKE)
        return np.asarray(apart.any(axis=1), bool)


def first_starts(found: Integral) -> tuple[Floats, Floats]:
    """Return each image's first start: mean and conditional std of p(z|x), (n, 2) each.

    The encoder's q may lie far away and be as wide as the plane; a climb from q would take seconds.
    """
    return found.mean, _std_along(found.covariance)


def further_starts(found: Integral, pieces: list[Settled], wanted: NDArray[np.bool_], elbo: Floats) -> Starts:
    """Return starts for the `wanted` (n,) images: mode, moments, means of pieces, and scans.

    `elbo` (n,) is the ELBO of the best Gaussian so far.
    """
    rows = np.flatnonzero(wanted)
    std, spread = _std_along(found.covariance[rows]), np.sqrt(found.covariance[rows][:, (0, 1), (0, 1)] + _TINY)
    starts = [Starts(rows, found.mode[rows], std), Starts(rows, found.mean[rows], spread)]
    total, _ = totals(len(wanted), pieces)
    for part in pieces:
        share = np.exp(part.total - total[part.owner])
        counts = wanted[part.owner] & (share >= _LEAST_OF_PIECE)
        if counts.any():
            starts += [_scanned(part.of(counts), elbo)]
        counts &= share <= 1 - _LEAST_OF_PIECE  # the mean of a single piece equals the mean of p(z|x)
        if counts.any():
            some = part.of(counts)
            mean, covariance = some.moments()
            starts += [Starts(some.owner, mean, _std_along(covariance))]
    return Starts(*(np.concatenate(parts) for parts in zip(*((one.image, one.mean, one.std) for one in starts), strict=True)))


def _scanned(part: Settled, elbo: Floats) -> Starts:
    """Return the scanned starts from which a climb may exceed `elbo` (n,)."""
    image, mean, std, rough = zip(*scan(part), strict=True)
    starts = Starts(np.array(image), np.stack(mean), np.stack(std))
    return starts.where(np.array(rough) > elbo[starts.image] - _ROUGH)


_TINY = 1e-12  # added to variances, which are 0 if one point has all of the weight


def _std_along(covariance: Floats) -> Floats:
    """Return each coordinate's std with the other fixed, (n, 2), from covariances (n, 2, 2)."""
    std: Floats = 1 / np.sqrt(np.linalg.inv(covariance + _TINY * np.eye(2))[:, (0, 1), (0, 1)])
    return std
