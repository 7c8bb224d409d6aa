"""Points of the plane sorted by tile, so that drawing a part of the plane touches only the points that lie there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.plane import Plane, is_on_map

_BITS = 8
TILES = 1 << _BITS  # a side
_CHUNK = 1 << 20  # points handled at once, so that temporaries stay small
_PRIORITY_BITS, INDEX_BITS = 16, 32
LABEL_BITS = 8
_RARE = 0.1  # a class with less than this share of the largest one is drawn over the others
_CORE = (0.001, 0.999)  # the quantiles that the tiles span; the tiles at the rim take what lies beyond
_SAMPLE = 100_000


class TiledPoints:
    """Points (n, 2) float32 with labels (n,) uint8. Points that no map can show are left out; `dropped` says how many.

    Each point has a key: of two points in one place the one with the higher key is drawn. Keys are random, and always the same, so
    that no class covers the others; those of rare classes are higher, so that they are not buried. No key is 0. Costs 16 bytes a
    point. Never changes once it is made.
    """

    def __init__(self, points: NDArray[np.float32], label: NDArray[np.uint8], order: NDArray[np.uint8] | None = None) -> None:
        """`order`: 0 to 3 by label, what is drawn over what, in place of rare classes over common ones."""
        is_shown = is_on_map(points)
        self.dropped = len(points) - int(np.count_nonzero(is_shown))
        shown = np.flatnonzero(is_shown) if self.dropped else np.zeros(0, np.intp)
        del is_shown
        if self.dropped:
            points, label = points[shown], label[shown]
        self.low, self.high = _core(points)
        packed = self._pack(points, label, _class_ranks(label) if order is None else _ranks(order))
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
        self.x, self.y = points[:, 0][index], points[:, 1][index]  # (m,) float32 each
        self.order = shown[index].astype(np.uint32) if self.dropped else index  # (m,) uint32, places in what was given

    def __len__(self) -> int:
        return len(self.key)

    def spans(self, x_range: tuple[float, float], y_range: tuple[float, float]) -> Iterator[slice]:
        """Runs of points that together hold all points of a rectangle, and few others."""
        first, last = (self._tile(np.asarray([x_range, y_range], np.float64)[:, side]) for side in (0, 1))
        if first[0] == 0 and last[0] == TILES - 1:
            yield from _cut(self._starts[first[1] * TILES], self._starts[(last[1] + 1) * TILES])
            return
        for row in range(first[1], last[1] + 1):
            yield from _cut(self._starts[row * TILES + first[0]], self._starts[row * TILES + last[0] + 1])

    def _pack(self, points: NDArray[np.float32], label: NDArray[np.uint8], rank: NDArray[np.uint64]) -> NDArray[np.uint64]:
        """(tile, priority, index) of each point in one number that sorts as they should lie."""
        packed = np.empty(len(points), np.uint64)
        for part in _chunks(len(points)):
            column, row = self._tile(points[part].T)
            index = np.arange(part.start, part.start + len(column), dtype=np.uint64)
            noise = (index * np.uint64(2654435761)) >> np.uint64(12)  # Knuth's multiplicative hash: random, and always the same
            priority = (1 + noise % np.uint64((1 << (_PRIORITY_BITS - 2)) - 1)) | rank[label[part]]
            tile = (row.astype(np.uint64) << np.uint64(_BITS)) | column.astype(np.uint64)
            packed[part] = (tile << np.uint64(64 - 2 * _BITS)) | (priority << np.uint64(INDEX_BITS)) | index
        return packed

    def _tile(self, xy: NDArray[np.floating]) -> NDArray[np.int64]:
        """Column and row of the tile that holds each point of (2, n). (2, n)."""
        scale = TILES / np.maximum(self.high - self.low, np.finfo(np.float32).tiny)
        shape = (2,) + (1,) * (xy.ndim - 1)
        cells = np.floor((xy - self.low.reshape(shape)) * scale.reshape(shape))
        return np.clip(cells, 0, TILES - 1).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Cloud:
    """Codes as they are given: latent points, and the plane of the map that is to show them."""

    z: NDArray[np.float32]  # (n, 2)
    label: NDArray[np.uint8]  # (n,)
    plane: Plane
    order: NDArray[np.uint8] | None = None  # what is drawn over what, by label; None: rare ones over common ones

    def tiled(self) -> TiledPoints:
        """The codes by tile of the map."""
        return TiledPoints(self.plane.codes(self.z), self.label, self.order)


def _core(points: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if not len(points):
        return np.zeros(2), np.ones(2)
    sample = points[:: max(1, len(points) // _SAMPLE)]
    low, high = np.quantile(sample, _CORE, axis=0)
    return low, high


def _class_ranks(label: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(256,) the two highest bits of a priority: 0 for common classes, more for rare ones."""
    counts = np.bincount(label, minlength=256)
    share = counts / max(counts.max(), 1)
    return _ranks((share < _RARE).astype(np.uint8) + (share < _RARE**2) + (share < _RARE**3))


def _ranks(order: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """(256,) or as many as there are labels: the two highest bits of a priority."""
    ranks: NDArray[np.uint64] = order.astype(np.uint64) << np.uint64(_PRIORITY_BITS - 2)
    return ranks


def _chunks(n: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))


def _cut(start: int, end: int) -> Iterator[slice]:
    for first in range(int(start), int(end), _CHUNK // 4):
        yield slice(first, min(first + (_CHUNK // 4), int(end)))
