"""Sums log p(x|z) over the pixels of images at the points of decoded tiles, without the part that does not depend on z."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.inference.evidence.cover import POINTS
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.store import Slots, TileStore
from vae_explorer.models.observation import Likelihood, ProductLikelihood

_PIXELS_AT_ONCE = 1 << 18  # pixels at all points of some pairs, which stay in the cache


class PixelSums:
    """Log p(x|z) − base(x) in nats from a store of tiles. A product likelihood needs one matrix product for many images."""

    def __init__(self, likelihood: Likelihood, go_on: Callable[[], None]) -> None:
        """Call `go_on`, which may raise, between parts that take long."""
        self._likelihood, self._go_on = likelihood, go_on

    @property
    def is_product(self) -> bool:
        return isinstance(self._likelihood, ProductLikelihood)

    def taken(self, coefficients: Tensor) -> Tensor:
        """Return what the store keeps of each pixel beside its coefficient: the normaliser, or nothing."""
        if isinstance(self._likelihood, ProductLikelihood):
            return self._likelihood.normaliser(coefficients)
        return torch.zeros_like(coefficients)

    def of_all(self, store: TileStore, observed: Observed, slots: Slots) -> NDArray[np.float64]:
        """Return the sums of each image at the points of k tiles, (n, k, POINTS)."""
        if not self.is_product:
            n, k = len(observed), len(slots)
            return self._by_pixel(store, observed, np.repeat(np.arange(n), k), np.tile(slots, n)).reshape(n, k, POINTS)
        sums = _by_tile(observed.images, store.coefficients(slots)).astype(np.float64)
        if observed.seen is None:
            sums -= store.normaliser[slots]
        else:
            sums -= _by_tile(observed.seen, store.by_pixel(slots))
        return sums

    def of_pairs(
        self, store: TileStore, observed: Observed, image: NDArray[np.int64], slots: Slots, tile: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the sums of pairs (m,) of an image and a tile, which is an index into `slots`, (m, POINTS)."""
        if not self.is_product:
            return self._by_pixel(store, observed, image, slots[tile])
        images, row = np.unique(image, return_inverse=True)
        return self.of_all(store, observed.of(images), slots)[row, tile]

    def at_points(self, observed: Observed, image: slice | Tensor, coefficients: Tensor) -> NDArray[np.float64]:
        """Return the sums of the images `image` at newly decoded points (m, D), (m,)."""
        each = self._likelihood.of_pixels(observed.images[image], coefficients)
        if observed.seen is not None:
            each *= observed.seen[image]
        return np.asarray(each.sum(dim=1, dtype=torch.float64).numpy())

    def _by_pixel(self, store: TileStore, observed: Observed, image: NDArray[np.int64], slots: Slots) -> NDArray[np.float64]:
        result, pixels = np.empty((len(image), POINTS)), observed.images.shape[1]
        together = max(1, _PIXELS_AT_ONCE // (POINTS * pixels))
        for start in range(0, len(image), together):
            self._go_on()
            part = slice(start, start + together)
            rows = torch.from_numpy(image[part])
            points = store.coefficients(slots[part]).view(-1, POINTS, pixels)
            each = self._likelihood.of_pixels(observed.images[rows, None], points)
            if observed.seen is not None:
                each *= observed.seen[rows, None]
            result[part] = each.sum(dim=2, dtype=torch.float64).numpy()
        return result


def _by_tile(rows: Tensor, points: Tensor) -> NDArray[np.float32]:
    return np.asarray(torch.mm(rows, points.t()).reshape(len(rows), -1, POINTS).numpy())
