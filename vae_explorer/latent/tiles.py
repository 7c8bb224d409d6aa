"""Sorts points of the plane by tile, so that drawing a part touches few other points."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.plane import Plane, is_on_map

_BITS = 8
TILES = 1 << _BITS  # a side
_CHUNK = 1 << 16  # points handled at once, so that temporaries stay in the processor's cache
_PRIORITY_BITS, INDEX_BITS = 16, 32
_NOISE_BITS = 13  # of the priority, below two bits of ranks and the bit of near points
_NOISES = np.uint64((1 << _NOISE_BITS) - 1)
LABEL_BITS = 8
NEAR_BIT = LABEL_BITS + _PRIORITY_BITS - 1  # of a key; unset for points that are drawn faintly
_RARE = 0.1  # share of the largest class; smaller classes are drawn over the others
_SPAN = 1 << 18  # most points of a run that `spans` yields
_CORE = (0.001, 0.999)  # quantiles that the tiles span; tiles at the rim take the points beyond
_SAMPLE = 100_000


class TiledPoints:
    """Immutable points (n, 2) float32 with labels (n,) uint8, sorted by tile.

    `dropped` counts the points that no map can show. A point costs 16 bytes. Each point has a key above 0; a higher key is
    drawn over a lower key. Keys are pseudo-random and reproducible, so that no class covers the others. Rare classes have
    higher keys, so that no other class buries them.
    """

    def __init__(
        self,
        points: NDArray[np.float32],
        label: NDArray[np.uint8],
        order: NDArray[np.uint8] | None = None,
        near: NDArray[np.bool_] | None = None,
    ) -> None:
        """`order` (0 to 3 by label) replaces the rule that rare classes cover common classes.

        Points that are not `near` (n,) are drawn faintly, below all near points.
        """
        is_shown = is_on_map(points)
        self.dropped = len(points) - int(np.count_nonzero(is_shown))
        shown = np.flatnonzero(is_shown) if self.dropped else np.zeros(0, np.intp)
        del is_shown
        if self.dropped:
            points, label = points[shown], label[shown]
            near = None if near is None else near[shown]
        self.low, self.high = _core(points)
        packed = self._pack(points, label, _class_ranks(label) if order is None else _ranks(order), near)
        packed.sort()
        place = np.arange(TILES * TILES + 1, dtype=np.uint64) << np.uint64(64 - 2 * _BITS)
        self._starts = np.append(np.searchsorted(packed, place[:-1]), len(packed))
        self.key = np.empty(len(packed), np.uint32)
        index = np.empty(len(packed), np.uint32)
        for part in _chunks(len(packed)):
            index[part] = packed[part] & np.uint64((1 << INDEX_BITS) - 1)
            priority = (packed[part] >> np.uint64(INDEX_BITS)).astype(np.uint32) & np.uint32((1 << _PRIORITY_BITS) - 1)
            self.key[part] = (priority << np.uint32(LABEL_BITS)) | label[index[part]]
        del packed
        pairs = np.ascontiguousarray(points).view(np.uint64).ravel()[index].view(np.float32)  # one look-up in memory a point
        self.x, self.y = pairs[::2].copy(), pairs[1::2].copy()  # (m,) float32 each
        self.order = shown[index].astype(np.uint32) if self.dropped else index  # (m,) uint32, indices into the given points

    def __len__(self) -> int:
        return len(self.key)

    def spans(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> Iterator[slice]:
        """Yield runs of points that hold all points of a rectangle, and few others."""
        first, last = (self._tile(np.asarray([x_range, y_range], np.float64)[:, side]) for side in (0, 1))
        if first[0] == 0 and last[0] == TILES - 1:
            yield from _cut(self._starts[first[1] * TILES], self._starts[(last[1] + 1) * TILES])
            return
        for row in range(first[1], last[1] + 1):
            yield from _cut(self._starts[row * TILES + first[0]], self._starts[row * TILES + last[0] + 1])

    def _pack(
        self,
        points: NDArray[np.float32],
        label: NDArray[np.uint8],
        rank: NDArray[np.uint64],
        near: NDArray[np.bool_] | None,
    ) -> NDArray[np.uint64]:
        """Pack (tile, priority, index) of each point into one number that sorts in storage order."""
        packed, near_bit = np.empty(len(points), np.uint64), np.uint64(1 << (_PRIORITY_BITS - 1))
        for part in _chunks(len(points)):
            column, row = self._tile(points[part].T)
            index = np.arange(part.start, part.start + len(column), dtype=np.uint64)
            noise = (index * np.uint64(2654435761)) >> np.uint64(12)  # Knuth's hash: pseudo-random, reproducible
            noise -= noise // _NOISES * _NOISES  # half the time of numpy's %
            priority = (1 + noise) | rank[label[part]]
            priority |= near_bit if near is None else near[part] * near_bit
            tile = (row.astype(np.uint64) << np.uint64(_BITS)) | column.astype(np.uint64)
            packed[part] = (tile << np.uint64(64 - 2 * _BITS)) | (priority << np.uint64(INDEX_BITS)) | index
        return packed

    def _tile(self, xy: NDArray[np.floating]) -> NDArray[np.int64]:
        scale = TILES / np.maximum(self.high - self.low, np.finfo(np.float32).tiny)
        shape = (2,) + (1,) * (xy.ndim - 1)
        cells = np.subtract(xy, self.low.reshape(shape), order="C")  # `xy` may be the columns of points
        cells *= scale.reshape(shape)
        np.maximum(cells, 0, out=cells)
        np.minimum(cells, TILES - 1, out=cells)
        tiles: NDArray[np.int64] = cells.astype(np.int64)
        return tiles


@dataclass(frozen=True, slots=True)
class Cloud:
    """Latent points as they are given, and the plane of the map."""

    z: NDArray[np.float32]  # (n, 2)
    label: NDArray[np.uint8]  # (n,)
    plane: Plane
    order: NDArray[np.uint8] | None = None  # drawing order by label; None draws rare classes over common classes
    near: NDArray[np.bool_] | None = None  # (n,): others are drawn faintly; None draws none faintly

    def tiled(self) -> TiledPoints:
        return TiledPoints(self.plane.codes(self.z), self.label, self.order, self.near)


def _core(points: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not len(points):
        return np.zeros(2), np.ones(2)
    sample = points[:: max(1, len(points) // _SAMPLE)]
    low, high = np.quantile(sample, _CORE, axis=0)
    return low, high


def _class_ranks(label: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Return the two bits of ranks by label, (256,): 0 for common classes."""
    counts = np.bincount(label, minlength=256)
    share = counts / max(counts.max(), 1)
    return _ranks((share < _RARE).astype(np.uint8) + (share < _RARE**2) + (share < _RARE**3))


def _ranks(order: NDArray[np.uint8]) -> NDArray[np.uint64]:
    ranks: NDArray[np.uint64] = order.astype(np.uint64) << np.uint64(_NOISE_BITS)
    return ranks


def _chunks(n: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))


def _cut(start: int, end: int) -> Iterator[slice]:
    for first in range(int(start), int(end), _SPAN):
        yield slice(first, min(first + _SPAN, int(end)))
