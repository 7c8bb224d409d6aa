"""Scans pieces of p(z|x) for Gaussians that may climb to different maxima of the ELBO."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import SIDE, step_of
from vae_explorer.inference.evidence.pieces import Settled

_SIDE = 96  # at most, scanned points of a piece along an axis
_HIGH = 8.0  # nats below the highest point of a piece; lower tiles are left out
_WIDTHS = (1.0, 2.0, 4.0, 8.0)  # std in steps, tried along each axis at each point
_FINER = tuple(2.0 ** (power / 2) for power in range(9))  # std in steps, tried at the best points
_MAX_STARTS = 6  # points of a piece with Gaussians to try
_ENTROPY = 1 + np.log(2 * np.pi)  # nats, entropy of N(0, I)

Floats = NDArray[np.float64]


def scan(part: Settled) -> Iterator[tuple[int, Floats, Floats, float]]:
    """Yield image, mean (2,), std (2,) and rough ELBO in nats of each piece's best Gaussians.

    A piece yields at most _MAX_STARTS Gaussians.
    """
    for piece, (start, end) in enumerate(zip(part.cover.starts, [*part.cover.starts[1:], len(part.cover.image)], strict=True)):
        tiles = part.joint[start:end]
        high = tiles.max(axis=1) >= tiles.max() - _HIGH
        low, joint, stride = _dense(part.cover.keys[start:end][high], tiles[high])
        step = step_of(part.level) * stride
        for row, column, across, along, elbo in _best(joint, step):
            mean = low * step_of(part.level) + step * np.array([column, row])
            yield int(part.owner[piece]), mean, step * np.array([across, along]), elbo


def _dense(keys: NDArray[np.int64], joint: Floats) -> tuple[NDArray[np.int64], Floats, int]:
    """Return first point (2,), log-joint (rows, columns) of every `stride`-th point, `stride`.

    The rectangle around the tiles has at most _SIDE points a side. Points of no tile take the lowest known log-joint.
    """
    first = keys.min(axis=0)
    size = (keys.max(axis=0) - first + 1) * SIDE
    stride = int(-(-size.max() // _SIDE))
    columns, rows = -(-size // stride)
    dense = np.full((rows, columns), joint.min())
    offset = np.arange(SIDE)
    column, row = (part[:, None] * SIDE + offset for part in (keys - first).T)
    kept = (row % stride == 0)[:, :, None] & (column % stride == 0)[:, None, :]
    tile, up, across = np.nonzero(kept)
    dense[row[tile, up] // stride, column[tile, across] // stride] = joint.reshape(-1, SIDE, SIDE)[tile, up, across]
    return first * SIDE, dense, stride


def _best(joint: Floats, step: float) -> list[tuple[int, int, float, float, float]]:
    """Return row, column, both widths in steps, and ELBO of the locally best Gaussians."""
    widths = [(across, along) for across in _WIDTHS for along in _WIDTHS]
    smooth = {along: _smoothing(joint.shape[0], along) @ joint for along in _WIDTHS}
    elbo = np.stack(
        [
            smooth[along] @ _smoothing(joint.shape[1], across).T + np.log(across * along * step**2) + _ENTROPY
            for across, along in widths
        ]
    )
    top = elbo.max(axis=0)
    found = np.argwhere(_peaks(top))
    found = found[np.argsort(-top[tuple(found.T)], kind="stable")[:_MAX_STARTS]]
    return [best for row, column in found.tolist() for best in _best_at(joint, step, row, column)]


def _best_at(joint: Floats, step: float, row: int, column: int) -> list[tuple[int, int, float, float, float]]:
    """Return the locally best Gaussians around one point, which may be narrow and wide."""
    along = np.stack([_smoothing(joint.shape[0], width)[row] for width in _FINER])
    across = np.stack([_smoothing(joint.shape[1], width)[column] for width in _FINER])
    elbo = along @ joint @ across.T + np.log(step**2 * np.outer(_FINER, _FINER)) + _ENTROPY
    return [
        (row, column, _FINER[wide], _FINER[high], float(elbo[high, wide])) for high, wide in np.argwhere(_peaks(elbo)).tolist()
    ]


def _peaks(values: Floats) -> NDArray[np.bool_]:
    rows, columns = values.shape
    around = np.pad(values, 1, constant_values=-np.inf)
    beside = [around[i : i + rows, j : j + columns] for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    return np.asarray((values[None] >= np.stack(beside)).all(axis=0), bool)


@lru_cache(maxsize=8 * _SIDE)
def _smoothing(size: int, width: float) -> Floats:
    """Return the matrix (size, size) that averages with Gaussian weights of `width` steps."""
    apart = np.subtract.outer(np.arange(size), np.arange(size)) / width
    weight = np.exp(-0.5 * apart**2)
    averaging: Floats = weight / weight.sum(axis=1, keepdims=True)
    return averaging
