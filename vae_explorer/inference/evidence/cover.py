"""Covers of the plane by tiles of a lattice whose step halves with each level.

Level l has the points (i, j) · BASE_STEP / 2^l, so each level contains the level above. A tile has SIDE × SIDE points.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 4  # points a side of a tile
POINTS = SIDE * SIDE
BASE_STEP = 0.25  # of level 0
MAX_LEVEL = 9  # step 0.0005
_LOG_TWO_PI = math.log(2 * math.pi)
_BUSY_LEVELS = 5
_BUSY_REACH = 8.0  # from the origin along each axis; few codes lie farther out
_AROUND = 2  # tiles on each side of the way to a far point
_BITS = 22  # bits of a column or row in a packed number
_MIDDLE = 1 << (_BITS - 1)
_QUARTERS = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])

Keys = NDArray[np.int64]  # (k, 2): column and row of tiles in a level
Floats = NDArray[np.float64]


FARTHEST = 200.0  # latent units, where log N(z; 0, I) is −20,000 nats
_MANY = 10_000  # points; of more points only the tiles are used


def step_of(level: int) -> float:
    """Return the distance of neighbouring points, in latent units."""
    return float(BASE_STEP / 2**level)


def level_of(step: Floats) -> NDArray[np.int64]:
    """Return the coarsest levels with at most these steps, (n,), or MAX_LEVEL."""
    level: NDArray[np.int64] = np.ceil(np.log2(BASE_STEP / step)).astype(np.int64)
    return np.clip(level, 0, MAX_LEVEL)


def points_of(level: int, keys: Keys) -> Floats:
    """Return the points of tiles, (k, SIDE · SIDE, 2), row by row from the lowest row."""
    row, column = np.divmod(np.arange(POINTS), SIDE)
    places: Floats = (keys[:, None] * SIDE + np.stack([column, row], axis=1)) * step_of(level)
    return places


def tiles_over(level: int, low: Floats, high: Floats) -> Keys:
    """Return the tiles of a level that cover the rectangle from `low` (2,) to `high` (2,)."""
    return rectangles(level, low[None], high[None]).keys


def strips_to(points: Floats, reach: float) -> Keys:
    """Return the tiles of level 0 from the origin to the points (n, 2) beyond `reach`.

    Points beyond `FARTHEST` are left out: the prior has no mass there, and the tiles would exceed memory.
    """
    far = points[(np.abs(points) > reach).any(axis=1) & (np.abs(points) <= FARTHEST).all(axis=1)]
    if not len(far):
        return np.zeros((0, 2), np.int64)
    side = SIDE * step_of(0)
    if len(far) > _MANY:
        far = (np.unique(np.floor(far / side), axis=0) + 0.5) * side
    steps = math.ceil(2 * float(np.abs(far).max(initial=0.0)) / side)
    way = np.linspace(0, 1, steps + 1)[:, None, None] * far
    cells = np.unique(np.floor(way / side).astype(np.int64).reshape(-1, 2), axis=0)
    around = np.stack(np.meshgrid(np.arange(-_AROUND, _AROUND + 1), np.arange(-_AROUND, _AROUND + 1)), axis=-1).reshape(-1, 2)
    keys: Keys = np.unique((cells[:, None] + around).reshape(-1, 2), axis=0)
    return keys


def busiest(codes: Floats, most: int) -> list[tuple[int, Keys]]:
    """Return the `most` tiles with the most codes (n, 2) around them, by level from 1.

    A tile counts the codes in it and in its neighbours. Each level counts half as much as the level above, since fewer images
    go there.
    """
    found = []
    for level in range(1, _BUSY_LEVELS + 1):
        side = SIDE * step_of(level)
        middle = int(_BUSY_REACH / side) + 1
        places = np.floor(codes / side) + middle
        inside = ((places > 0) & (places < 2 * middle - 1)).all(axis=1)  # the outermost tiles lack neighbours
        cells = places[inside].astype(np.int64)  # a code far out is too large for an integer
        count = np.bincount(cells @ (2 * middle, 1), minlength=4 * middle**2).reshape(2 * middle, 2 * middle)
        count = count + np.roll(count, 1, 0) + np.roll(count, -1, 0)
        found.append((count + np.roll(count, 1, 1) + np.roll(count, -1, 1)) * 0.5**level)
    every = np.concatenate([count.ravel() for count in found])
    chosen = np.zeros(len(every), bool)
    chosen[np.argpartition(every, -most)[-most:] if 0 < most < len(every) else slice(min(most, len(every)))] = True
    parts = np.split(chosen & (every > 0), np.cumsum([count.size for count in found])[:-1])
    return [
        (level, np.argwhere(part.reshape(count.shape)) - len(count) // 2)
        for level, (part, count) in enumerate(zip(parts, found, strict=True), 1)
    ]


def log_prior(z: Floats) -> Floats:
    """Return log N(z; 0, I) in nats, (..., 2) -> (...)."""
    result: Floats = -0.5 * (z[..., 0] ** 2 + z[..., 1] ** 2) - _LOG_TWO_PI
    return result


def begins(numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell whether each number (p,) differs from the number before, faster than np.diff."""
    result = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=result[1:])
    return result


def packed(first: NDArray[np.int64], keys: Keys) -> NDArray[np.int64]:
    """Pack (first, column, row) into sortable numbers: (k,), (..., k, 2) -> (..., k)."""
    result: NDArray[np.int64] = (first << 2 * _BITS) + ((keys[..., 0] + _MIDDLE) << _BITS) + keys[..., 1] + _MIDDLE
    return result


def sub_lattices(values: Floats) -> Floats:
    """Sum values at the tiles' points (k, POINTS) by sub-lattice of twice the step, (k, 4)."""
    by_parity = values.reshape(-1, SIDE // 2, 2, SIDE // 2, 2)
    corners = [by_parity[:, row, :, column] for row in range(SIDE // 2) for column in range(SIDE // 2)]
    result: Floats = sum(corners[1:], corners[0]).reshape(-1, 4)  # np.sum takes five times as long along short axes
    return result


@dataclass(frozen=True, slots=True)
class Cover:
    """Pairs (image, tile) of one level, sorted by image. Each image has at least one tile."""

    image: NDArray[np.int64]  # (p,) rising
    keys: Keys  # (p, 2)

    @property
    def starts(self) -> NDArray[np.int64]:
        """The first pair of each image, (m,)."""
        return np.flatnonzero(begins(self.image))

    @property
    def images(self) -> NDArray[np.int64]:
        """The images with pairs, (m,)."""
        return self.image[self.starts]

    @property
    def place(self) -> NDArray[np.int64]:
        """The index into `images` of each pair, (p,)."""
        return np.cumsum(begins(self.image)) - 1

    def where(self, chosen: NDArray[np.bool_]) -> Cover:
        return Cover(self.image[chosen], self.keys[chosen])

    def children(self) -> Cover:
        """Return the tiles of the next level that cover the same squares."""
        return Cover(np.repeat(self.image, 4), (2 * self.keys[:, None] + _QUARTERS).reshape(-1, 2))


def everywhere(n: int, keys: Keys) -> Cover:
    return Cover(np.repeat(np.arange(n), len(keys)), np.tile(keys, (n, 1)))


def united(covers: list[Cover]) -> Cover:
    image, keys = np.concatenate([one.image for one in covers]), np.concatenate([one.keys for one in covers])
    _, first = np.unique(packed(image, keys), return_index=True)
    return Cover(image[first], keys[first])


def rectangles(level: int, low: Floats, high: Floats) -> Cover:
    """Return the tiles that cover n images' rectangles from `low` (n, 2) to `high` (n, 2)."""
    side = SIDE * step_of(level)
    first = np.floor(low / side).astype(np.int64)
    columns, rows = (np.floor(high / side).astype(np.int64) - first + 1).T
    count = columns * rows
    image = np.repeat(np.arange(len(low)), count)
    place = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(place, columns[image])
    return Cover(image, first[image] + np.stack([column, row], axis=1))


@dataclass(frozen=True, slots=True)
class Square:
    """The tiles within one square, and the pairs of a cover with such a tile."""

    keys: Keys  # (k, 2)
    pairs: NDArray[np.int64]  # (m,)
    tile: NDArray[np.int64]  # (m,) index into `keys` of each pair, rising

    def parts(self, most: int) -> Iterator[Square]:
        for start in range(0, len(self.keys), most):
            rows = slice(*np.searchsorted(self.tile, (start, start + most)).tolist())
            yield Square(self.keys[start : start + most], self.pairs[rows], self.tile[rows] - start)


def squares_of(cover: Cover, bits: int) -> list[Square]:
    """Split the pairs of a cover by squares of 2^bits tiles a side."""
    within = cover.keys & ((1 << bits) - 1)
    square = packed(np.zeros_like(cover.image), cover.keys >> bits)
    names = (square << 2 * bits) + (within[:, 0] << bits) + within[:, 1]
    _, first, tile = np.unique(names, return_index=True, return_inverse=True)
    keys, pairs = cover.keys[first], np.argsort(tile, kind="stable")
    tile_ends = np.flatnonzero(np.diff(square[first], append=-1)) + 1
    pair_ends = np.searchsorted(tile[pairs], tile_ends)
    found = zip(np.split(keys, tile_ends[:-1]), np.split(pairs, pair_ends[:-1]), [0, *tile_ends[:-1]], strict=True)
    return [Square(inside, rows, tile[rows] - start) for inside, rows, start in found]
