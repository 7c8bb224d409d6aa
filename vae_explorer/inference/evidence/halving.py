"""How far an even sum over the lattice is from the integral, as can be told from the lattice itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import SIDE, Cover, step_of

RESOLVED = 0.05  # relative, from twice the step: between the points of a piece that is further off there may be anything
_POWER = 2.5  # of what twice the step moves a sum by, that half the step moves it by; a Gaussian's has 4
_FROM_LEVEL = 4  # level from which on it is taken; coarser points cost little, and are decoded beforehand
_STRAIGHT = 1e-3  # nats: second differences below make no difference, whatever they are


def halved(
    joint: NDArray[np.float64], cover: Cover, level: int, smooth: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """log of the sum of exp(joint) · step² over the tiles of each piece (p, POINTS), and by how much of it half the step would move
    it at most, each (m,).

    Twice the step moves it by d, the largest difference of its four sub-lattices from their mean. Half the step moves it by less: a
    Gaussian by d⁴ (Trefethen & Weideman 2014, section 5); here it is said to be d^2.5 where log p(x|z) is `smooth`, and d where it
    has kinks, on coarse levels and where d is large. A peak half-way between points does not show in d, so it is never less than of
    Gaussians as narrow as the tiles are bent: an axis with second difference (h / s)² makes 2 · exp(−2π² s² / h²) of a tile's share.
    """
    starts, step = cover.starts, step_of(level)
    top = np.maximum.reduceat(joint.max(axis=1), starts)
    weight = np.exp(joint - top[cover.place, None])
    corners = weight.reshape(-1, SIDE // 2, 2, SIDE // 2, 2).sum(axis=(1, 3)).reshape(-1, 4)
    each = np.add.reduceat(corners, starts) * (2 * step) ** 2
    total = each.mean(axis=1)
    moved = np.abs(each / total[:, None] - 1).max(axis=1)
    if smooth and level >= _FROM_LEVEL:
        moved = np.where(moved <= RESOLVED, moved**_POWER, moved)
    aliased = 2 * np.exp(-2 * np.pi**2 / np.maximum(bends(joint), _STRAIGHT)).sum(axis=0)
    least = np.add.reduceat(corners.sum(axis=1) * aliased, starts) * step**2 / total
    return np.log(total) + top, np.maximum(moved, least)


def bends(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest second difference in each tile (p, POINTS) along either axis, (2, p): of a Gaussian (h / s)²."""
    square = joint.reshape(-1, SIDE, SIDE)
    return np.stack([np.abs(np.diff(square, 2, axis=axis)).max(axis=(1, 2)) for axis in (1, 2)])
