"""The decoded plane: a lattice of points whose step halves from level to level, decoded where it is asked for, and kept.

Level l has the points (i, j) · BASE_STEP / 2^l, so that each level holds the one above it. Tiles of SIDE × SIDE points are decoded
together and forgotten in the order in which they were last asked for. Runs on whichever thread calls it, one at a time.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.data.base import Cancelled, ShouldStop, never
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.models.base import LatentModel
from vae_explorer.models.linear import faster_product

SIDE = 4  # points a side of a tile
POINTS = SIDE * SIDE
BASE_STEP = 0.25  # of level 0
MAX_LEVEL = 9  # step 0.0005
BUDGET = 500_000_000  # bytes of decoded tiles that are kept
_AT_ONCE = 256  # tiles decoded by one call
_POINTS_AT_ONCE = 4096
_LOG_TWO_PI = math.log(2 * math.pi)

Keys = NDArray[np.int64]  # (k, 2): column and row of tiles of a level
Name = tuple[int, int, int, int]  # class, level, column, row
_EVEN = (np.add.outer(np.arange(SIDE) % 2, np.arange(SIDE) % 2) == 0).ravel()  # the points that the level above has too


def step_of(level: int) -> float:
    """The distance of neighbours."""
    return float(BASE_STEP / 2**level)


def points_of(level: int, keys: Keys) -> NDArray[np.float64]:
    """The points of tiles, row by row from the lowest, (k, SIDE · SIDE, 2)."""
    row, column = np.divmod(np.arange(POINTS), SIDE)
    places: NDArray[np.float64] = (keys[:, None] * SIDE + np.stack([column, row], axis=1)) * step_of(level)
    return places


def children(keys: Keys) -> Keys:
    """The tiles of the next level that cover the same squares, (4k, 2)."""
    quarters = np.array([[0, 0], [1, 0], [0, 1], [1, 1]])
    return np.reshape(2 * keys[:, None] + quarters, (-1, 2))


def tiles_over(level: int, low: NDArray[np.float64], high: NDArray[np.float64]) -> Keys:
    """The tiles of a level that together hold the rectangle from `low` (2,) to `high` (2,)."""
    side = SIDE * step_of(level)
    columns, rows = (np.arange(math.floor(a / side), math.floor(b / side) + 1) for a, b in zip(low, high, strict=True))
    return np.stack([part.ravel() for part in np.meshgrid(columns, rows)], axis=1)


def log_prior(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """log N(z; 0, I) in nats, (..., 2) -> (...)."""
    result: NDArray[np.float64] = -0.5 * np.square(z).sum(axis=-1) - _LOG_TWO_PI
    return result


@dataclass(slots=True)
class _Tile:
    coefficients: Tensor  # (POINTS, D) in the network's own precision
    normaliser: NDArray[np.float64]  # (POINTS,), the sum over pixels
    by_pixel: Tensor | None = None  # (POINTS, D), once a part of the pixels was asked for

    @property
    def nbytes(self) -> int:
        return self.coefficients.nbytes * (1 if self.by_pixel is None else 2)


def _tile(fresh: Tensor, sums: NDArray[np.float64], above: _Tile | None, quarter: tuple[int, int]) -> _Tile:
    """A tile of decoded points, with those of the tile above put between them. Copies: a view would keep its whole block alive."""
    if above is None:
        return _Tile(fresh.clone(), sums.copy())
    column, row = quarter
    half = SIDE // 2
    kept = np.arange(POINTS).reshape(SIDE, SIDE)[row * half : (row + 1) * half, column * half : (column + 1) * half].ravel()
    coefficients, normaliser = fresh.new_empty(POINTS, fresh.shape[1]), np.empty(POINTS)
    coefficients[torch.from_numpy(~_EVEN)], normaliser[~_EVEN] = fresh, sums
    coefficients[torch.from_numpy(_EVEN)], normaliser[_EVEN] = (
        above.coefficients[torch.from_numpy(kept)],
        above.normaliser[kept],
    )
    return _Tile(coefficients, normaliser)


class DecodedLattice:
    """log p(x|z) of any image at the points of the lattice, in nats; of a conditional model log p(x|z,c)."""

    def __init__(self, network: LatentModel, budget: int = BUDGET) -> None:
        """`network` is in evaluation mode and does not change; `budget` is in bytes."""
        self._network, self._likelihood = network, network.likelihood
        self._budget = budget
        self._tiles: OrderedDict[Name, _Tile] = OrderedDict()
        self._held = 0
        self.should_stop: ShouldStop = never  # asked before tiles are decoded
        self.dtype = next(network.parameters()).dtype

    @property
    def held_bytes(self) -> int:
        return self._held

    @torch.inference_mode()
    def log_likelihood(self, observed: Observed, level: int, keys: Keys) -> NDArray[np.float64]:
        """log p(x|z) of n images at the points of tiles `keys` (k, 2), (n, k, POINTS)."""
        by_tile = np.empty((len(keys), len(observed), POINTS))
        for row, tile in zip(by_tile, self._walk(level, keys, observed.label), strict=True):
            taken = tile.normaliser if observed.seen is None else self._normaliser(tile, observed.seen)
            np.subtract(faster_product(observed.images, tile.coefficients.t()).numpy(), taken, out=row)
        by_tile += observed.base(self._likelihood)[:, None]
        return np.ascontiguousarray(by_tile.swapaxes(0, 1))

    @torch.inference_mode()
    def log_likelihood_at(self, observed: Observed, z: Tensor) -> NDArray[np.float64]:
        """log p(x|z) of each of n images at k points of its own (k, n, 2), each decoded anew, (k, n)."""
        result = np.empty(z.shape[:2])
        for image in range(len(observed)):
            for start in range(0, len(z), _POINTS_AT_ONCE):
                part = slice(start, start + _POINTS_AT_ONCE)
                coefficients = self.decode(z[part, image], observed.label)
                taken = self._likelihood.normaliser(coefficients)
                taken = taken if observed.seen is None else taken * observed.seen[image]
                product = (coefficients @ observed.images[image]).double() - taken.sum(dim=1, dtype=torch.float64)
                result[part, image] = product.numpy()
        result += observed.base(self._likelihood)
        return result

    def warm(self, level: int, keys: Keys, label: int = 0) -> None:
        """Decode these tiles now, as far as there is room for them."""
        for _ in self._walk(level, keys, label):
            pass

    def _walk(self, level: int, keys: Keys, label: int) -> Iterator[_Tile]:
        """The tiles one after the other, a block of those that are missing decoded at once."""
        for start in range(0, len(keys), _AT_ONCE):
            names = [(label, level, int(x), int(y)) for x, y in keys[start : start + _AT_ONCE]]
            missing = [name for name in names if name not in self._tiles]
            if self.should_stop():
                raise Cancelled("stopped")
            fresh = dict(zip(missing, self._decode(missing), strict=True)) if missing else {}
            for name in names:
                yield fresh[name] if name in fresh else self._tiles[name]
                if name not in fresh:
                    self._tiles.move_to_end(name)
            for name, tile in fresh.items():
                self._keep(name, tile)
            self._forget()

    def _keep(self, name: Name, tile: _Tile) -> None:
        self._tiles[name] = tile
        self._held += tile.nbytes

    def _forget(self) -> None:
        while self._held > self._budget and self._tiles:
            self._held -= self._tiles.popitem(last=False)[1].nbytes

    @torch.inference_mode()
    def _decode(self, names: list[Name]) -> list[_Tile]:
        """Tiles of one class and level; every fourth point is one of the level above, and is taken from there where it is kept."""
        (label, level, *_), keys = names[0], np.array([name[2:] for name in names])
        above = [self._tiles.get((label, level - 1, x // 2, y // 2)) for _, _, x, y in names]
        wanted = np.ones((len(names), POINTS), bool)
        wanted[np.array([tile is not None for tile in above])[:, None] & _EVEN] = False
        fresh = self.decode(torch.from_numpy(points_of(level, keys)[wanted]), label)
        sums = self._likelihood.normaliser(fresh).sum(dim=1, dtype=torch.float64).numpy()
        ends = np.cumsum(wanted.sum(axis=1))
        return [
            _tile(fresh[end - count : end], sums[end - count : end], tile, (x % 2, y % 2))
            for end, count, tile, (x, y) in zip(ends, wanted.sum(axis=1), above, keys, strict=True)
        ]

    @torch.inference_mode()
    def decode(self, z: Tensor, label: int = 0) -> Tensor:
        """The likelihood's coefficients (m, D) at any points (m, 2)."""
        points = z.to(self.dtype)
        condition = None
        if self._network.spec.classes:
            condition = self._network.one_hot(torch.full((len(points),), label), len(points)).to(self.dtype)
        return self._likelihood.coefficients(self._network.decode(points, condition))

    def _normaliser(self, tile: _Tile, seen: Tensor) -> NDArray[np.float64]:
        """Summed over the pixels that are seen, (n, POINTS)."""
        if tile.by_pixel is None:
            tile.by_pixel = self._likelihood.normaliser(tile.coefficients)
            self._held += tile.by_pixel.nbytes
        sums: NDArray[np.float64] = faster_product(seen, tile.by_pixel.t()).double().numpy()
        return sums
