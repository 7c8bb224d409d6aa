"""Where decoded tiles are kept: one block of memory that fills up, and in which the longest unused give way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.inference.evidence.cover import POINTS

Slots = NDArray[np.int64]
_MOST_KEPT = 0.75  # of all tiles
_SHARE = 8  # one of so many tiles gives way at a time


class TileStore:
    """Coefficients, and what is taken off for them, of named tiles. Memory is touched as it is written to."""

    def __init__(self, pixels: int, dtype: torch.dtype, budget: int, least: int, by_pixel: bool) -> None:
        """Room for `budget` bytes, and for `least` tiles at least; `by_pixel`: what is taken off is kept for each pixel too."""
        copies = 2 if by_pixel else 1
        self._tile_bytes = POINTS * (copies * pixels * dtype.itemsize + np.float64().itemsize)
        self._size = max(least, budget // self._tile_bytes)
        self.coefficients = torch.empty(self._size, POINTS, pixels, dtype=dtype)
        self.normaliser = np.empty((self._size, POINTS))  # the sum over pixels
        self.by_pixel = torch.empty(self._size if by_pixel else 0, POINTS, pixels, dtype=dtype)
        self._slots: dict[int, int] = {}
        self._names, self._used = np.full(self._size, -1), np.zeros(self._size, np.int64)
        self._kept, self._clock = np.zeros(self._size, bool), 0

    @property
    def held_bytes(self) -> int:
        return len(self._slots) * self._tile_bytes

    @property
    def has_pixels(self) -> bool:
        return len(self.by_pixel) > 0

    def find(self, names: NDArray[np.int64]) -> Slots:
        """Where these tiles are, −1 for one that is not here."""
        known = self._slots.get
        slots = np.array([known(name, -1) for name in names.tolist()], np.int64)
        self._clock += 1
        self._used[slots[slots >= 0]] = self._clock
        return slots

    def keep(self, slots: Slots) -> None:
        """These do not give way; where that leaves too little room for others, those that were kept before may."""
        if self._kept.sum() + len(slots) > _MOST_KEPT * self._size:
            self._kept[:] = False
        self._kept[slots] = len(slots) <= _MOST_KEPT * self._size

    def put(
        self, names: NDArray[np.int64], tiles: Tensor, normaliser: NDArray[np.float64], by_pixel: Callable[[Tensor], Tensor]
    ) -> Slots:
        """Keep new tiles (k, POINTS, D); what was found last stays. Where they are now."""
        slots = self._room(names)
        kept = torch.from_numpy(slots)
        self.coefficients[kept], self.normaliser[slots] = tiles, normaliser
        if self.has_pixels:
            self.by_pixel[kept] = by_pixel(tiles)
        return slots

    def _room(self, names: NDArray[np.int64]) -> Slots:
        while self._size - len(self._slots) < len(names):
            self._forget()
        slots = np.flatnonzero(self._names < 0)[: len(names)]
        self._names[slots], self._used[slots] = names, self._clock
        self._slots.update(zip(names.tolist(), slots.tolist(), strict=True))
        return slots

    def _forget(self) -> None:
        unread = (self._names >= 0) & (self._used < self._clock)  # what was found last is about to be read
        if not (unread & ~self._kept).any():
            self._kept[:] = False
        held = np.flatnonzero(unread & ~self._kept)
        oldest = held[np.argsort(self._used[held], kind="stable")[: max(1, len(held) // _SHARE)]]
        for name in self._names[oldest].tolist():
            del self._slots[name]
        self._names[oldest] = -1
