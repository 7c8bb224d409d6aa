"""Estimates the error of an even sum over the lattice from the lattice itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import SIDE, Cover, step_of, sub_lattices

RESOLVED = 0.05  # relative change at twice the step; a piece with more is unresolved
_FROM_LEVEL = 4  # first level with an extrapolated error; coarser points are cheap, and decoded in advance
_STRAIGHT = 1e-3  # nats; smaller second differences do not count
_SLOW, _FAST = 0.5, 0.75  # frequencies, in π / h, at which the characteristic function is sampled
_ALIAS = 1.75  # in π / h; below the alias at 2, as few tails are Gaussian


def summed(
    joint: NDArray[np.float64], bend: NDArray[np.float64], cover: Cover, level: int, smooth: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log of Σ exp(joint) · step² over each piece's tiles, and its error, (m,) each.

    `joint` is (p, POINTS), `bend` comes from `bends`. The error estimates the relative change at half the step. d is the change
    at twice the step: the largest difference of the four sub-lattices from their mean. Half the step changes an analytic
    exp(joint) by about d² (Trefethen & Weideman 2014, section 5). The error is d on coarse levels and if log p(x|z) is not
    `smooth`. Otherwise the error is the largest of d², `_aliased` and `_bent`; the latter two also see peaks between points.
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
    """Return the alias of frequency 2π / h in each piece's even sum, along both axes, (m,).

    The characteristic function is known up to π / h; its log is taken as concave beyond.
    """
    square = weight.reshape(-1, SIDE, SIDE)
    result = np.zeros(len(cover.starts))
    for axis, sums in enumerate((square.sum(axis=1), square.sum(axis=2))):  # sums over columns, then over rows
        place = SIDE * cover.keys[:, axis, None] + np.arange(SIDE)
        slow, fast = (
            np.abs(np.add.reduceat((sums * np.exp(1j * np.pi * frequency * place)).sum(axis=1), cover.starts))
            for frequency in (_SLOW, _FAST)
        )
        falling = np.minimum(fast / np.maximum(slow, 1e-300), 1.0)
        result += 2 * fast * falling ** ((_ALIAS - _FAST) / (_FAST - _SLOW))
    return result


def _bent(bend: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the alias of each tile, (p,), by its second differences (2, p).

    For a Gaussian, an axis with second difference (h / s)² gives 2 · exp(−2π² s² / h²).
    """
    share: NDArray[np.float64] = 2 * np.exp(-2 * np.pi**2 / np.maximum(bend, _STRAIGHT)).sum(axis=0)
    return share


def bends(joint: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the largest second difference in each tile (p, POINTS) along both axes, (2, p).

    A Gaussian gives (h / s)².
    """
    square = joint.reshape(-1, SIDE, SIDE)
    along = square[:, 2:] - 2 * square[:, 1:-1] + square[:, :-2]
    across = square[:, :, 2:] - 2 * square[:, :, 1:-1] + square[:, :, :-2]
    return np.stack([np.abs(along).max(axis=(1, 2)), np.abs(across).max(axis=(1, 2))])
