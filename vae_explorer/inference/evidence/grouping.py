"""Groups images of one class that lie near one another, so that a group shares decoded tiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.codes import Labels
from vae_explorer.inference.evidence.cover import strips_to, tiles_over
from vae_explorer.inference.evidence.joint import classes_of
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.results import Rows
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import BATCH
from vae_explorer.models.posterior import FamilyPosterior

TOGETHER = 128  # neighbouring images that share their tiles
ALONE = 2500  # neighbouring images for log p(x) alone; each group decodes its tiles anew
# The root covers the plane up to here, beyond which N(0, I) has 1e-15 of its mass, and the ways to codes farther out.
_ROOT_REACH = 8.0
_MORTON_BITS = 20


class Grouping:
    """Encodes images, and sorts them by class and place on the plane.

    `root` holds the coarse tiles that every image needs. Images whose codes lie far out extend it.
    """

    def __init__(self, model: TrainedModel, lattice: DecodedLattice) -> None:
        self._model, self._lattice = model, lattice
        self.root = tiles_over(0, np.full(2, -_ROOT_REACH), np.full(2, _ROOT_REACH))
        self._reach_out(model.codes.mean)

    def chunks(self, images: ArrayLike, label: ArrayLike | None = None, together: int = TOGETHER) -> list[tuple[int, Rows]]:
        """Return (class, rows) of images (n, H, W, C), `together` images each.

        Raises `UserError` on other shapes and missing classes.
        """
        flat = self._model.flat(images)
        return list(self._chunks(flat, self._classes(label, len(flat)), together))

    def groups(
        self, images: ArrayLike, label: ArrayLike | None, seen: ArrayLike | None, together: int = TOGETHER
    ) -> Iterator[tuple[Rows, Observed]]:
        """Yield (rows, their images) of images (n, H, W, C), at most `together` images each.

        `seen` (n, H, W) or (H, W) is true for pixels that count. Raises `UserError` on other shapes and missing classes.
        """
        flat = self._model.flat(images)
        classes = self._classes(label, len(flat))
        counts = None if seen is None else np.broadcast_to(self._model.flat_mask(seen), flat.shape)
        for one, rows in self._chunks(flat if counts is None else flat * counts, classes, together):
            if len(rows) > 1:  # many images would displace the coarse plane; for one image warming costs more than it saves
                self._lattice.warm(0, self.root, one)
            every = len(rows) == len(flat)  # a copy would cost memory
            part, hidden = (flat, counts) if every else (flat[rows], None if counts is None else counts[rows])
            yield rows, self._observed(part, one, hidden)

    @torch.inference_mode()
    def posterior(self, observed: Observed) -> FamilyPosterior:
        """Encode the visible pixels of images."""
        label = torch.full((len(observed),), observed.label) if self._model.card.spec.classes else None
        return self._model.network.encode(observed.images, label)

    def _chunks(self, flat: NDArray[np.float32], classes: Labels, together: int) -> Iterator[tuple[int, Rows]]:
        """Yield (class, rows) by class. More than `together` images are sorted by place first."""
        codes = self._codes(flat, classes)
        self._reach_out(codes)
        for one in np.unique(classes).tolist():
            rows = np.flatnonzero(classes == one)
            if len(rows) > together:
                rows = rows[np.argsort(self._places(flat, codes, rows, one), kind="stable")]
            for start in range(0, len(rows), together):
                yield one, rows[start : start + together]

    @torch.inference_mode()
    def _codes(self, flat: NDArray[np.float32], classes: Labels) -> NDArray[np.float32]:
        """Return the encoder's codes, (n, 2)."""
        codes = np.empty((len(flat), 2), np.float32)
        for one, rows in _batches(classes):
            codes[rows] = self.posterior(self._observed(flat[rows], one, None)).mean.float().numpy()
        return codes

    def _places(self, flat: NDArray[np.float32], codes: NDArray[np.float32], rows: Rows, label: int) -> NDArray[np.int64]:
        """Return numbers (m,) by which images with neighbouring p(z|x) sort next to one another.

        The highest point of the coarse plane comes first, since the encoder may miss p(z|x). Hidden pixels count as black.
        """
        self._lattice.warm(0, self.root, label)
        parts = np.array_split(rows, -(-len(rows) // BATCH))
        highest = [self._lattice.highest(self._observed(flat[part], label, None), 0, self.root) for part in parts]
        return (morton(np.concatenate(highest)) << _MORTON_BITS) + morton(codes[rows])

    def _observed(self, flat: NDArray[np.float32], label: int, counts: NDArray[np.float32] | None) -> Observed:
        images = torch.from_numpy(np.require(flat, requirements="W")).to(self._lattice.dtype)  # torch warns of read-only
        if counts is None:
            return Observed(images, label)
        seen = torch.from_numpy(np.require(counts, requirements="W")).to(self._lattice.dtype)
        return Observed(images * seen, label, seen)

    def _classes(self, label: ArrayLike | None, n: int) -> Labels:
        classes = classes_of(self._model, label, n)
        return np.zeros(n, np.uint8) if classes is None else classes

    def _reach_out(self, codes: NDArray[np.float32]) -> None:
        """Extend the root to codes (n, 2), since the encoder may place an image far out."""
        strips = strips_to(codes.astype(np.float64), _ROOT_REACH - 1)
        if len(strips):
            self.root = np.unique(np.concatenate([self.root, strips]), axis=0)


def _batches(classes: Labels) -> Iterator[tuple[int, Rows]]:
    for one in np.unique(classes).tolist():
        found = np.flatnonzero(classes == one)
        yield from ((one, rows) for rows in np.array_split(found, -(-len(found) // BATCH)))


def morton(z: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return numbers (n,) by which neighbouring points (n, 2) sort together: Morton 1966."""
    cells = np.clip((z + _ROOT_REACH) * (2 ** (_MORTON_BITS // 2) / (2 * _ROOT_REACH)), 0, 2 ** (_MORTON_BITS // 2) - 1).astype(
        np.int64
    )
    bits = np.arange(_MORTON_BITS // 2)
    spread = ((cells[:, :, None] >> bits) & 1) << (2 * bits)
    places: NDArray[np.int64] = (spread.sum(axis=2) << np.arange(2)).sum(axis=1)
    return places
