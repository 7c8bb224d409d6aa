"""The decoded plane: tiles of the lattice, decoded on request and kept while memory lasts.

Runs on the calling thread, and on one thread at a time.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.data.base import Cancelled, ShouldStop, never
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.cover import (
    POINTS,
    SIDE,
    Cover,
    Keys,
    Square,
    everywhere,
    log_prior,
    packed,
    points_of,
    squares_of,
)
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.store import Fresh, Slots, TileStore
from vae_explorer.inference.evidence.sums import PixelSums
from vae_explorer.models.base import LatentModel
from vae_explorer.models.bodies import BODIES
from vae_explorer.models.spec import RELU

BUDGET = 200_000_000  # bytes of kept tiles
_TILES_AT_ONCE = 64  # tiles decoded by one call, about, where the store has room
_CALLS_HELD = 4  # a call decodes less than twice its tiles, and needs their parents too
_POINTS_AT_ONCE = 2048
_SQUARE = 2  # many images are multiplied with squares of 2^_SQUARE tiles a side
_EVEN = (np.add.outer(np.arange(SIDE) % 2, np.arange(SIDE) % 2) == 0).ravel()  # points shared with the level above
_MOST_LEVELS = 16
_ROWS = 128  # points are decoded in multiples of this; oneDNN keeps memory for every other number of rows


class DecodedLattice:
    """log p(x|z) in nats, or log p(x|z,c) of a conditional model, of any image on the lattice."""

    def __init__(self, network: LatentModel, budget: int = BUDGET) -> None:
        """Use `network`, unchanging and in evaluation mode."""
        self._network, self._likelihood = network, network.likelihood
        self._budget = budget
        self._sums = PixelSums(self._likelihood, self._go_on)
        self.dtype = next(network.parameters()).dtype
        self._store = self._empty_store(by_pixel=False)
        self.should_stop: ShouldStop = never  # asked before decoding

    @property
    def is_smooth(self) -> bool:
        """Whether log p(x|z) has no kinks, as rectified units make them."""
        spec = self._network.spec
        return spec.activation != RELU or not BODIES[spec.body].activated

    @property
    def held_bytes(self) -> int:
        return self._store.held_bytes

    @property
    def room(self) -> int:
        """The number of tiles that `warm` can pin."""
        return self._store.most_kept

    def log_joint(self, observed: Observed, level: int, cover: Cover) -> NDArray[np.float64]:
        """Return log p(x|z) p(z) of each image at the points of its tiles, (p, POINTS)."""
        return self._summed(observed, level, cover, with_prior=True)

    def log_likelihood(self, observed: Observed, level: int, cover: Cover) -> NDArray[np.float64]:
        """Return log p(x|z) of each image at the points of its tiles, (p, POINTS)."""
        return self._summed(observed, level, cover, with_prior=False)

    @torch.inference_mode()
    def highest(self, observed: Observed, level: int, keys: Keys) -> NDArray[np.float32]:
        """Return the tile point with each image's highest log-joint, to float32 precision, (n, 2)."""
        self._see_to_pixels(observed)
        top, place = np.full(len(observed), -np.inf), np.zeros((len(observed), 2))
        for squares in self._together([_in_order(everywhere(1, keys))]):
            inside = np.concatenate([square.keys for square in squares])
            slots = self._slots(observed.label, level, inside)
            sums = self._sums.of_all(self._store, observed, slots)
            sums += self._store.log_prior[slots].astype(np.float32)
            sums, z = sums.reshape(len(observed), -1), points_of(level, inside).reshape(-1, 2)
            best = sums.argmax(axis=1)
            there = sums[np.arange(len(sums)), best]
            place[there > top] = z[best[there > top]]
            top = np.maximum(top, there)
        return place.astype(np.float32)

    @torch.inference_mode()
    def _summed(self, observed: Observed, level: int, cover: Cover, with_prior: bool) -> NDArray[np.float64]:
        self._see_to_pixels(observed)
        result = np.empty((len(cover.image), POINTS))
        if len(observed) == 1:
            self._sum_one(observed, level, cover.keys, with_prior, result)
            return result
        for squares in self._together(squares_of(cover, _SQUARE)):
            slots = self._slots(observed.label, level, np.concatenate([square.keys for square in squares]))
            start = 0
            for square in squares:
                end = start + len(square.keys)
                here = slots[start:end]
                sums = self._sums.of_pairs(self._store, observed, cover.image[square.pairs], here, square.tile)
                if with_prior:
                    sums += self._store.log_prior[here[square.tile]]
                result[square.pairs] = sums
                start = end
        result += observed.base(self._likelihood)[cover.image, None]
        return result

    def _sum_one(self, observed: Observed, level: int, keys: Keys, with_prior: bool, result: NDArray[np.float64]) -> None:
        """Write the log-joint or log-likelihood of a single image to `result`.

        Tiles decoded together lie together in memory.
        """
        at_once = 2 * self._tiles_at_once
        for start in range(0, len(keys), at_once):
            rows = slice(start, start + at_once)
            slots = self._slots(observed.label, level, keys[rows])
            result[rows] = self._sums.of_all(self._store, observed, slots)[0]
            if with_prior:
                result[rows] += self._store.log_prior[slots]
        result += observed.base(self._likelihood)

    @torch.inference_mode()
    def log_likelihood_at(self, observed: Observed, z: Tensor) -> NDArray[np.float64]:
        """Return log p(x|z) of n images at k points each, z (k, n, 2), newly decoded, (k, n)."""
        k, n = z.shape[:2]
        points, result = z.transpose(0, 1).reshape(-1, 2), np.empty(n * k)
        every: slice | Tensor = slice(None)  # a single image needs no copy for each point
        for start in range(0, n * k, _POINTS_AT_ONCE):
            self._go_on()
            part = slice(start, start + _POINTS_AT_ONCE)
            image = every if n == 1 else torch.arange(*part.indices(n * k)) // k
            result[part] = self._sums.at_points(observed, image, self.decode(points[part], observed.label))
        return result.reshape(n, k).T + observed.base(self._likelihood)

    def warm(self, level: int, keys: Keys, label: int = 0) -> None:
        """Decode tiles now and pin them, as far as there is room."""
        for squares in self._together([_in_order(everywhere(1, keys))]):
            self._store.keep(self._slots(label, level, np.concatenate([square.keys for square in squares])))

    @torch.inference_mode()
    def decode(self, z: Tensor, label: int = 0) -> Tensor:
        """Return the likelihood's coefficients (m, D) at any points (m, 2)."""
        rows = _ROWS if len(z) > 4 * _ROWS else _ROWS // 4
        full = -(-len(z) // rows) * rows
        points = torch.cat([z.to(self.dtype), torch.zeros(full - len(z), 2, dtype=self.dtype)])
        condition = None
        if self._network.spec.classes:
            condition = self._network.one_hot(torch.full((full,), label), full).to(self.dtype)
        return self._likelihood.coefficients(self._network.decode(points, condition)[: len(z)])

    def _slots(self, label: int, level: int, keys: Keys) -> Slots:
        self._go_on()
        first = np.full(len(keys), label * _MOST_LEVELS + level)
        names = packed(first, keys)
        slots = self._store.find(names)
        missing = np.flatnonzero(slots < 0)
        if len(missing):
            above = packed(first - 1, keys >> 1)[missing]  # for level 0 a level that does not exist
            slots[missing] = self._decode_tiles(label, level, keys[missing], names, above)
        return slots

    @torch.inference_mode()
    def _decode_tiles(self, label: int, level: int, keys: Keys, names: NDArray[np.int64], above: NDArray[np.int64]) -> Slots:
        """Decode and keep the missing tiles `names`, copying shared points from the tiles `above`."""
        found = self._store.find(np.concatenate([names, above]))
        names, above = names[found[: len(names)] < 0], found[len(names) :]
        copied = (above >= 0)[:, None] & _EVEN
        sources = (above[:, None] * POINTS + _quarter(keys))[above >= 0].ravel()
        z = points_of(level, keys)
        coefficients = self.decode(torch.from_numpy(z[~copied]), label)
        taken = self._sums.taken(coefficients)
        sums = np.asarray(taken.sum(dim=1, dtype=torch.float64).numpy())
        if not (np.isfinite(sums).all() and coefficients.isfinite().all()):
            raise UserError(
                "the decoder gives NaN or infinite numbers in parts of the plane, so log p(x) cannot be computed; choose another model"
            )
        fresh = Fresh(coefficients, sums, taken if self._store.has_pixels else None)
        return self._store.put(names, fresh, copied, sources, log_prior(z))

    def _go_on(self) -> None:
        if self.should_stop():
            raise Cancelled("stopped")

    def _see_to_pixels(self, observed: Observed) -> None:
        if observed.seen is not None and self._sums.is_product and not self._store.has_pixels:
            self._store = self._empty_store(by_pixel=True)

    def _empty_store(self, by_pixel: bool) -> TileStore:
        return TileStore(self._network.spec.image_size, self.dtype, self._budget, _CALLS_HELD, by_pixel)

    @property
    def _tiles_at_once(self) -> int:
        return min(self._store.size // _CALLS_HELD, _TILES_AT_ONCE)

    def _together(self, squares: list[Square]) -> Iterator[list[Square]]:
        """Yield squares with about `_tiles_at_once` tiles in all; large squares are split."""
        at_once, part, count = self._tiles_at_once, list[Square](), 0
        for square in (one for whole in squares for one in whole.parts(at_once)):
            part.append(square)
            count += len(square.keys)
            if count >= at_once:
                yield part
                part, count = [], 0
        if part:
            yield part


def _in_order(cover: Cover) -> Square:
    """Return the pairs of a single image's cover in their order, the order of decoding."""
    every = np.arange(len(cover.image))
    return Square(cover.keys, every, every)


def _quarter(keys: Keys) -> NDArray[np.int64]:
    """Return the parent's points shared with tiles (k, 2), in their order, (k, POINTS / 4)."""
    half = SIDE // 2
    corner = (keys & 1) * half
    row, column = np.divmod(np.arange(half * half), half)
    points: NDArray[np.int64] = (corner[:, 1:] + row) * SIDE + corner[:, :1] + column
    return points
