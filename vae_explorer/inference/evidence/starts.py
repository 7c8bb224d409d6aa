"""Where the search for the best diagonal Gaussian starts: at what is known of p(z|x)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.integral import Integral
from vae_explorer.inference.evidence.pieces import Settled, totals
from vae_explorer.inference.evidence.scan import scan

_LEAST_OF_PIECE = 1e-4  # of p(z|x)
_ROUGH = 1.0  # nats that a climb from what `scan` finds gains at most; its widths are off by √2 each: 0.3
_UNLIKE = 0.2  # of log std

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Starts:
    """Diagonal Gaussians that climbs start from, any number for each image."""

    image: Rows  # (s,)
    mean: Floats  # (s, 2)
    std: Floats  # (s, 2)

    def where(self, chosen: NDArray[np.bool_]) -> Starts:
        """Some of the starts (s,)."""
        return Starts(self.image[chosen], self.mean[chosen], self.std[chosen])

    def unlike(self, mean: Floats, std: Floats) -> NDArray[np.bool_]:
        """Whether each start lies apart from the Gaussian (n, 2), (n, 2) of its image, (s,)."""
        mean, std = mean[self.image], std[self.image]
        apart = np.logical_or(np.abs(self.mean - mean) > std, np.abs(np.log(self.std / std)) > _UNLIKE)
        return np.asarray(apart.any(axis=1), bool)


def first_starts(found: Integral) -> tuple[Floats, Floats]:
    """Mean and std (n, 2) of one start for each image: the mean of p(z|x), and its std where the other coordinate stands still.

    The encoder's q may lie far away and be as wide as the plane, so that a climb from there would take seconds.
    """
    return found.mean, _std_along(found.covariance)


def further_starts(found: Integral, pieces: list[Settled], wanted: NDArray[np.bool_], elbo: Floats) -> Starts:
    """Starts for each `wanted` (n,) image: mode and moments of p(z|x), the mean of each piece, and what `scan` finds in each piece.

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
        counts &= share <= 1 - _LEAST_OF_PIECE  # the mean of an only piece is that of p(z|x)
        if counts.any():
            some = part.of(counts)
            mean, covariance = some.moments()
            starts += [Starts(some.owner, mean, _std_along(covariance))]
    return Starts(*(np.concatenate(parts) for parts in zip(*((one.image, one.mean, one.std) for one in starts), strict=True)))


def _scanned(part: Settled, elbo: Floats) -> Starts:
    """What `scan` finds, where a climb may come to more than `elbo` (n,)."""
    image, mean, std, rough = zip(*scan(part), strict=True)
    starts = Starts(np.array(image), np.stack(mean), np.stack(std))
    return starts.where(np.array(rough) > elbo[starts.image] - _ROUGH)


_TINY = 1e-12  # added to variances, which may be 0 where one point has all of the weight


def _std_along(covariance: Floats) -> Floats:
    """The std of each coordinate where the other stands still, of covariances (n, 2, 2), (n, 2)."""
    std: Floats = 1 / np.sqrt(np.linalg.inv(covariance + _TINY * np.eye(2))[:, (0, 1), (0, 1)])
    return std
