"""Contour lines of a density on even cells, by marching squares. numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.regions import Range

_BOTTOM, _RIGHT, _TOP, _LEFT = range(4)  # sides of the square between four cells' centres
# (from side, to side), with the higher values at the left. The key is the sum of the corners inside: 1 lower left, 2 lower
# right, 4 upper right, 8 upper left.
_WAYS = {
    1: ((_BOTTOM, _LEFT),),
    2: ((_RIGHT, _BOTTOM),),
    3: ((_RIGHT, _LEFT),),
    4: ((_TOP, _RIGHT),),
    6: ((_TOP, _BOTTOM),),
    7: ((_TOP, _LEFT),),
    8: ((_LEFT, _TOP),),
    9: ((_BOTTOM, _TOP),),
    11: ((_RIGHT, _TOP),),
    12: ((_LEFT, _RIGHT),),
    13: ((_BOTTOM, _RIGHT),),
    14: ((_LEFT, _BOTTOM),),
}
# Two opposite corners are inside: either apart, or joined through the middle.
_APART = {5: ((_BOTTOM, _LEFT), (_TOP, _RIGHT)), 10: ((_RIGHT, _BOTTOM), (_LEFT, _TOP))}
_JOINED = {5: ((_BOTTOM, _RIGHT), (_TOP, _LEFT)), 10: ((_LEFT, _BOTTOM), (_RIGHT, _TOP))}

Loop = NDArray[np.float64]  # (k, 2), closed from the last point to the first


def contour(density: NDArray[np.floating], x_range: Range, y_range: Range, level: float) -> tuple[Loop, ...]:
    """Return closed lines around the region where `density` exceeds `level` > 0.

    `density` is (rows, columns) from the lowest row. Lines are in the units of the ranges. Values lie at cell centres, with
    straight lines between. Beyond the edges the density is 0, so that all lines close.
    """
    values = np.pad(np.asarray(density, np.float64), 1) - level
    follower = _followers(values)
    loops = []
    while follower:
        first, here = follower.popitem()
        loop = [first]
        while here != first:
            loop.append(here)
            here = follower.pop(here)
        loops.append(_places(np.array(loop), values, x_range, y_range))
    return tuple(loops)


def _followers(values: NDArray[np.float64]) -> dict[int, int]:
    """Map each crossed side to the next crossed side of its line."""
    inside = values > 0
    corners = (inside[:-1, :-1], inside[:-1, 1:], inside[1:, 1:], inside[1:, :-1])
    kind = sum(np.where(corner, 1 << place, 0) for place, corner in enumerate(corners))
    middle = values[:-1, :-1] + values[:-1, 1:] + values[1:, 1:] + values[1:, :-1] > 0
    follower: dict[int, int] = {}
    for ways, chosen in ((_WAYS, np.ones_like(middle)), (_APART, ~middle), (_JOINED, middle)):
        for which, parts in ways.items():
            row, column = np.nonzero(np.logical_and(kind == which, chosen))
            for start, end in parts:
                follower.update(
                    zip(_number(row, column, start, values).tolist(), _number(row, column, end, values).tolist(), strict=True)
                )
    return follower


def _number(row: NDArray[np.int64], column: NDArray[np.int64], side: int, values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number a side alike from both its squares."""
    rows, columns = row + (side == _TOP), column + (side == _RIGHT)
    numbers: NDArray[np.int64] = 2 * (rows * values.shape[1] + columns) + (side in (_LEFT, _RIGHT))
    return numbers


def _places(sides: NDArray[np.int64], values: NDArray[np.float64], x_range: Range, y_range: Range) -> Loop:
    point, up = np.divmod(sides, 2)
    row, column = np.divmod(point, values.shape[1])
    here, there = values[row, column], values[row + up, column + 1 - up]
    share = here / (here - there)
    rows, columns = values.shape[0] - 2, values.shape[1] - 2
    x = x_range[0] + (x_range[1] - x_range[0]) * (column + share * (1 - up) - 0.5) / columns
    y = y_range[0] + (y_range[1] - y_range[0]) * (row + share * up - 0.5) / rows
    return np.stack([x, y], axis=1)
