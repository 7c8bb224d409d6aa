"""How far an even sum over the lattice is from the integral, as can be told from the lattice itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import SIDE, Cover, step_of, sub_lattices

RESOLVED = 0.05  # relative, from twice the step: between the points of a piece that is further off there may be anything
_FROM_LEVEL = 4  # level from which on half the step is extrapolated to; coarser points cost little, and are decoded beforehand
_STRAIGHT = 1e-3  # nats: second differences below make no difference, whatever they are
_SLOW, _FAST = 0.5, 0.75  # frequencies in units of π / h at which the characteristic function is looked at
_ALIAS = 1.75  # of 2, which an even sum takes for 0: a margin, as few are Gaussians to the end


def summed(
    joint: NDArray[np.float64], bend: NDArray[np.float64], cover: Cover, level: int, smooth: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """log of the sum of exp(joint) · step² over the tiles of each piece (p, POINTS), and an estimate of how much of it half the step
    would move it by, each (m,). `bend` is that of the tiles, as `bends` counts it.

    Twice the step moves it by d, the largest difference of its four sub-lattices from their mean. Half the step moves it by less: by
    d² or so where exp(joint) is analytic (Trefethen & Weideman 2014, section 5). d is the estimate on coarse levels, where it is large
    and where log p(x|z) is not `smooth`; elsewhere the largest of d² and of two that see a peak half-way between points too, `_aliased`
    and `_bent`.
    """
    starts, step = cover.starts, step_of(level)
    top = np.maximum.reduceat(joint.max(axis=1), starts)
    weight = joint - top[cover.place, None]
    np.exp(weight, out=weight)
    corners = sub_lattices(weight)
    each = np.add.reduceat(corners, starts) * (2 * step) ** 2
    total = each.mean(axis=1)
    moved = np.abs(each / total[:, None] - 1).max(axis=1)
    if smooth and level >= _FROM_LEVEL:
        further = np.maximum(moved**2, _aliased(weight, cover) * step**2 / total)
        moved = np.where(moved <= RESOLVED, further, moved)
    bent = np.add.reduceat(corners.sum(axis=1) * _bent(bend), starts) * step**2 / total
    return np.log(total) + top, np.maximum(moved, bent)


def _aliased(weight: NDArray[np.float64], cover: Cover) -> NDArray[np.float64]:
    """What an even sum over the tiles of each piece (p, POINTS) takes from frequency 2π / h for 0, along both axes, (m,).

    The characteristic function is known up to π / h, and goes on to fall at least as fast where its log is concave, as those of a
    Gaussian and of a logistic distribution are.
    """
    square = weight.reshape(-1, SIDE, SIDE)
    result = np.zeros(len(cover.starts))
    for axis, sums in enumerate((square.sum(axis=1), square.sum(axis=2))):  # over columns; over rows
        place = SIDE * cover.keys[:, axis, None] + np.arange(SIDE)
        slow, fast = (
            np.abs(np.add.reduceat((sums * np.exp(1j * np.pi * frequency * place)).sum(axis=1), cover.starts))
            for frequency in (_SLOW, _FAST)
        )
        falling = np.minimum(fast / np.maximum(slow, 1e-300), 1.0)
        result += 2 * fast * falling ** ((_ALIAS - _FAST) / (_FAST - _SLOW))
    return result


def _bent(bend: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same as a share of each tile that bends by (2, p), by the law for Gaussians as narrow as that, (p,): an axis with second
    difference (h / s)² makes 2 · exp(−2π² s² / h²)."""
    share: NDArray[np.float64] = 2 * np.exp(-2 * np.pi**2 / np.maximum(bend, _STRAIGHT)).sum(axis=0)
    return share


def bends(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """The largest second difference in each tile (p, POINTS) along either axis, (2, p): of a Gaussian (h / s)²."""
    square = joint.reshape(-1, SIDE, SIDE)
    along = square[:, 2:] - 2 * square[:, 1:-1] + square[:, :-2]
    across = square[:, :, 2:] - 2 * square[:, :, 1:-1] + square[:, :, :-2]
    return np.stack([np.abs(along).max(axis=(1, 2)), np.abs(across).max(axis=(1, 2))])
