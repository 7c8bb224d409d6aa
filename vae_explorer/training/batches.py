"""Deals training images in random batches, from memory or a larger file."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_explorer.mapped import is_mapped, release
from vae_explorer.models.measure import flat, unit

BLOCK_BYTES = 4 << 20  # read at once
POOL_BLOCKS = 16  # random blocks that are shuffled together
_DRAW_LEVELS = 1 << 15  # of the random number that decides a pixel


class Batches:
    """Deals images (n, H, W, C) uint8 and classes (n,) in random batches on `device`.

    A batch is (b, D) uint8 and (b,) int64. Each image of `rows` (all if None) comes once an epoch, in a new order. A mapped
    file is read in random blocks: a pool of POOL_BLOCKS · BLOCK_BYTES is shuffled, then released. Other images lie on the
    device as bytes.
    """

    def __init__(
        self,
        images: NDArray[np.uint8],
        label: NDArray[np.uint8],
        batch_size: int,
        device: torch.device,
        seed: int,
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        self._batch_size, self._device = batch_size, device
        self._order = torch.Generator().manual_seed(seed)
        self._file = images if is_mapped(images) else None
        self._flat = None if self._file is not None else flat(images).to(device)
        self._label = torch.from_numpy(label.astype(np.int64)).to(device)
        self._rows = None if rows is None else torch.from_numpy(rows)
        self.size = len(images) if rows is None else len(rows)
        self.per_epoch = math.ceil(self.size / batch_size)

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        if self._flat is not None:
            order = torch.randperm(self.size, generator=self._order)
            order = order if self._rows is None else self._rows[order]
            for rows in torch.split(order.to(self._device), self._batch_size):
                yield torch.index_select(self._flat, 0, rows), torch.index_select(self._label, 0, rows)
            return
        yield from self._from_pools()

    def _from_pools(self) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield batches pool by pool; the rest of a pool goes into the next one."""
        left, left_label = torch.empty(0, dtype=torch.uint8), torch.empty(0, dtype=torch.int64)
        for pool, label in self._pools():
            if len(left):
                pool, label = torch.cat([left, pool]), torch.cat([left_label, label])
            order = torch.randperm(len(pool), generator=self._order)
            whole = len(pool) - len(pool) % self._batch_size
            for rows in torch.split(order[:whole], self._batch_size) if whole else ():
                yield torch.index_select(pool, 0, rows).to(self._device), label[rows].to(self._device)
            left, left_label = pool[order[whole:]], label[order[whole:]]
        if len(left):
            yield left.to(self._device), left_label.to(self._device)

    def _pools(self) -> Iterator[tuple[Tensor, Tensor]]:
        assert self._file is not None
        rows = max(1, BLOCK_BYTES // max(1, self._file[0].nbytes))
        blocks = torch.randperm(math.ceil(len(self._file) / rows), generator=self._order)
        label = self._label.cpu()
        wanted = torch.ones(len(label), dtype=torch.bool)
        if self._rows is not None:
            wanted.zero_()[self._rows] = True
        for group in torch.split(blocks, POOL_BLOCKS):
            parts, classes = [], []
            for block in group.tolist():
                part = slice(block * rows, (block + 1) * rows)
                parts.append(self._file[part][wanted[part].numpy()])
                classes.append(label[part][wanted[part]])
                release(self._file)
            yield flat(np.concatenate(parts)), torch.cat(classes)


def binarise(images: Tensor, generator: torch.Generator) -> Tensor:
    """Draw each pixel of (b, D) uint8 as a Bernoulli of its grey value, at most 2⁻¹⁵ above it.

    Returns (b, D) float32 in {0, 1}.
    """
    if images.device.type != "cpu" or images.numel() % 4:
        return torch.bernoulli(unit(images), generator=generator)
    # One 64-bit random number for four pixels takes a tenth of the time of torch.bernoulli.
    words = torch.empty(images.numel() // 4, dtype=torch.int64).random_(generator=generator)
    draws = (words.view(torch.int16) & (_DRAW_LEVELS - 1)).view(images.shape)
    levels = images.float().mul_(_DRAW_LEVELS / 255)
    return torch.lt(draws, levels, out=levels)
