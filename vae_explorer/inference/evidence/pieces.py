"""Separate pieces of the plane: each mode of p(z|x) is integrated on its own level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import Cover, begins, packed, points_of, step_of

_HALF_OF_NEIGHBOURS = np.array([[1, 0], [0, 1], [1, 1], [1, -1]])


@dataclass(frozen=True, slots=True)
class Settled:
    """Pieces accepted on one level."""

    level: int
    owner: NDArray[np.int64]  # (u,) image of each piece
    cover: Cover  # (p,) tiles of the pieces, numbered from 0
    joint: NDArray[np.float64]  # (p, POINTS) nats
    total: NDArray[np.float64]  # (u,) log of each piece's integral
    moved: NDArray[np.float64]  # (u,) relative change at half the step

    def of(self, chosen: NDArray[np.bool_]) -> Settled:
        tiles = chosen[self.cover.image]
        part = self.cover.where(tiles)
        return Settled(
            self.level,
            self.owner[chosen],
            Cover(part.place, part.keys),
            self.joint[tiles],
            self.total[chosen],
            self.moved[chosen],
        )

    def points(self) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
        """Return the tiles' image, log-joint (p, POINTS), level (p,) and points (p, POINTS, 2)."""
        image = self.owner[self.cover.image]
        return image, self.joint, np.full(len(image), self.level), points_of(self.level, self.cover.keys)

    def moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return mean (u, 2) and covariance (u, 2, 2) of p(z|x) within each piece."""
        starts, z = self.cover.starts, points_of(self.level, self.cover.keys)
        weight = np.exp(self.joint - self.total[self.cover.image, None]) * step_of(self.level) ** 2
        mean = np.add.reduceat(np.einsum("pi,pix->px", weight, z), starts)
        second = np.add.reduceat((weight[..., None] * z).swapaxes(1, 2) @ z, starts)
        return mean, second - mean[:, :, None] * mean[:, None, :]


def totals(n: int, parts: list[Settled]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return log p(x) of n images, and the relative change of all pieces at half the step."""
    total, off = np.full(n, -np.inf), np.zeros(n)
    for part in parts:
        np.logaddexp.at(total, part.owner, part.total)
    for part in parts:
        np.add.at(off, part.owner, np.exp(part.total - total[part.owner]) * part.moved)
    return total, off


def highest(n: int, parts: list[Settled]) -> NDArray[np.float64]:
    """Return the highest log-joint of n images, (n,)."""
    top = np.full(n, -np.inf)
    for part in parts:
        np.maximum.at(top, part.owner[part.cover.image], part.joint.max(axis=1))
    return top


def pieces_of(cover: Cover) -> tuple[Cover, NDArray[np.int64]]:
    """Split images' tiles into pieces that do not touch; also return each piece's image."""
    piece = _connected(*_neighbours(cover), len(cover.image))
    order = np.lexsort((piece, cover.image))
    image, piece = cover.image[order], piece[order]
    is_first = begins(piece)
    return Cover(np.cumsum(is_first) - 1, cover.keys[order]), image[is_first]


def _neighbours(cover: Cover) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    names = packed(cover.image, cover.keys)  # rising, as a cover is sorted
    beside = packed(cover.image, cover.keys + _HALF_OF_NEIGHBOURS[:, None])
    place = np.minimum(np.searchsorted(names, beside), len(names) - 1)
    found = names[place] == beside
    return np.nonzero(found)[1], place[found]


def _connected(one: NDArray[np.int64], other: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return the first item connected to each of n items by pairs (e,) and (e,), (n,).

    Source: Shiloach & Vishkin 1982. scipy's connected_components takes several times as long for the few tiles of one image.
    """
    root = np.arange(n)
    while True:
        first, second = root[one], root[other]
        joined = root.copy()
        np.minimum.at(joined, np.maximum(first, second), np.minimum(first, second))
        while (joined[joined] != joined).any():
            joined = joined[joined]
        if (joined == root).all():
            return root
        root = joined
