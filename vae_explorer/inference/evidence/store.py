"""Keeps decoded tiles in one block of memory; the longest unused tiles are dropped first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.inference.evidence.cover import POINTS

Slots = NDArray[np.int64]
_MOST_KEPT = 0.75  # share of all tiles
_SHARE = 8  # one in so many tiles is dropped at a time


@dataclass(frozen=True, slots=True)
class Fresh:
    """Newly decoded points."""

    coefficients: Tensor  # (m, D)
    normaliser: NDArray[np.float64]  # (m,), sum over pixels
    by_pixel: Tensor | None  # (m, D), normaliser of each pixel, if kept


class TileStore:
    """Coefficients and normalisers of named tiles. Memory is touched only when written."""

    def __init__(self, pixels: int, dtype: torch.dtype, budget: int, least: int, by_pixel: bool) -> None:
        """Reserve `budget` bytes, but at least `least` tiles.

        `by_pixel` also keeps each pixel's normaliser.
        """
        copies = 2 if by_pixel else 1
        self._tile_bytes = POINTS * (copies * pixels * dtype.itemsize + 2 * np.float64().itemsize)
        self.size = max(least, budget // self._tile_bytes)
        self._coefficients = torch.empty(self.size * POINTS, pixels, dtype=dtype)
        self._by_pixel = torch.empty(self.size * POINTS if by_pixel else 0, pixels, dtype=dtype)
        self.normaliser = np.empty((self.size, POINTS))  # sum over pixels
        self.log_prior = np.empty((self.size, POINTS))  # nats
        self._slots: dict[int, int] = {}
        self._names, self._used = np.full(self.size, -1), np.zeros(self.size, np.int64)
        self._kept, self._clock = np.zeros(self.size, bool), 0

    @property
    def held_bytes(self) -> int:
        return len(self._slots) * self._tile_bytes

    @property
    def has_pixels(self) -> bool:
        return len(self._by_pixel) > 0

    @property
    def most_kept(self) -> int:
        return int(_MOST_KEPT * self.size)

    def find(self, names: NDArray[np.int64]) -> Slots:
        """Return the slots of tiles, −1 for a missing tile."""
        known = self._slots.get
        slots = np.array([known(name, -1) for name in names.tolist()], np.int64)
        self._clock += 1
        self._used[slots[slots >= 0]] = self._clock
        return slots

    def keep(self, slots: Slots) -> None:
        """Pin tiles. If too little room is left for others, earlier pins are dropped."""
        if np.count_nonzero(self._kept) + np.count_nonzero(~self._kept[slots]) > self.most_kept:
            self._kept[:] = False
        self._kept[slots] = len(slots) <= self.most_kept

    def coefficients(self, slots: Slots) -> Tensor:
        """Return the coefficients of tiles, point after point, (k · POINTS, D)."""
        return _rows_of(self._coefficients, slots)

    def by_pixel(self, slots: Slots) -> Tensor:
        """Return the normalisers of each pixel, (k · POINTS, D)."""
        return _rows_of(self._by_pixel, slots)

    def put(
        self,
        names: NDArray[np.int64],
        fresh: Fresh,
        copied: NDArray[np.bool_],
        sources: NDArray[np.int64],
        log_prior: NDArray[np.float64],
    ) -> Slots:
        """Store new tiles and return their slots.

        Points are `fresh` or, where `copied` (k, POINTS) is true, copies of the rows `sources`; a row is slot · POINTS + point.
        Tiles found last are not dropped, so the tiles to copy from must be among them.
        """
        slots = self._room(names)
        rows = slots[:, None] * POINTS + np.arange(POINTS)
        into, others = rows[~copied], rows[copied]
        kept = [(self._coefficients, fresh.coefficients)]
        kept += [(self._by_pixel, fresh.by_pixel)] if fresh.by_pixel is not None else []
        for mine, new in kept:
            mine.index_copy_(0, torch.from_numpy(into), new)
            mine.index_copy_(0, torch.from_numpy(others), mine.index_select(0, torch.from_numpy(sources)))
        normaliser = self.normaliser.reshape(-1)
        normaliser[into], normaliser[others] = fresh.normaliser, normaliser[sources]
        self.log_prior[slots] = log_prior
        return slots

    def _room(self, names: NDArray[np.int64]) -> Slots:
        while self.size - len(self._slots) < len(names):
            self._forget()
        slots = np.flatnonzero(self._names < 0)[: len(names)]
        self._names[slots], self._used[slots] = names, self._clock
        self._slots.update(zip(names.tolist(), slots.tolist(), strict=True))
        return slots

    def _forget(self) -> None:
        unread = (self._names >= 0) & (self._used < self._clock)  # tiles found last are about to be read
        if not (unread & ~self._kept).any():
            self._kept[:] = False
        held = np.flatnonzero(unread & ~self._kept)
        if not len(held):
            raise RuntimeError(f"there is no room for so many tiles at once among {self.size}")
        oldest = held[np.argsort(self._used[held], kind="stable")[: max(1, len(held) // _SHARE)]]
        for name in self._names[oldest].tolist():
            del self._slots[name]
        self._names[oldest] = -1


def _rows_of(kept: Tensor, slots: Slots) -> Tensor:
    """Return the points in these slots, as a view if the slots are adjacent."""
    tiles = kept.view(-1, POINTS, kept.shape[1])
    first, last = int(slots[0]), int(slots[-1]) + 1
    if last - first == len(slots) and bool((np.diff(slots) == 1).all()):
        return tiles[first:last].flatten(0, 1)
    return tiles.index_select(0, torch.from_numpy(slots)).flatten(0, 1)  # a tenth of the time that tiles[slots] takes
