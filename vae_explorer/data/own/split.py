"""Divides images into training and test images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Split
from vae_explorer.errors import UserError

USUAL_SHARE, MOST_USUAL = 0.2, 10_000  # the test images of a set that says nothing
Splits = NDArray[np.uint8]  # (n,) numbers of `Split`


def split_images(classes: NDArray[np.int32] | None, images: int, share: float | None, seed: int) -> Splits:
    """Return the split of each of `images`, at random by `seed`, with equal shares of each class.

    `classes` (n,) is None for a set without classes. Each split has an image at least. Raises `UserError` for fewer than two
    images.
    """
    if images < 2:
        raise UserError(
            f"{images} {'image was' if images == 1 else 'images were'} found, but a data set needs 2: "
            "one to train with and one to test with"
        )
    usual = min(USUAL_SHARE * images, MOST_USUAL)
    wanted = round(usual if share is None else share * images)
    wanted = min(max(wanted, 1), images - 1)
    splits = np.full(images, Split.TRAIN, np.uint8)
    random = np.random.default_rng(seed)
    members = _members(classes, images)
    for rows, count in zip(members, _shares([len(rows) for rows in members], wanted), strict=True):
        splits[random.permutation(rows)[:count]] = Split.TEST
    return splits


def given_splits(splits: Sequence[Split]) -> Splits:
    """Return the splits that a source names. Raises `UserError` if one of them has no image."""
    found = np.array(splits, np.uint8)
    for split in Split:
        if not (found == split).any():
            raise UserError(f"the source has no {split.title} images that can be read; give both splits, or a test share")
    return found


def _members(classes: NDArray[np.int32] | None, images: int) -> list[NDArray[np.int64]]:
    """Return the rows of each class, and of the images without a class."""
    if classes is None:
        return [np.arange(images)]
    order = np.argsort(classes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(classes[order])) + 1)


def _shares(counts: Sequence[int], wanted: int) -> list[int]:
    """Return the test images of classes of sizes `counts`, `wanted` together, by the largest remainders.

    A class keeps a training image as long as other classes can give theirs.
    """
    exact = np.array(counts) * (wanted / sum(counts))
    most = np.maximum(np.array(counts) - 1, 0)
    shares = np.minimum(np.floor(exact).astype(int), most)
    for place in np.argsort(shares - exact, kind="stable"):
        if shares.sum() < wanted and shares[place] < most[place]:
            shares[place] += 1
    for limit in (most, np.array(counts)):
        for place in np.argsort(-np.array(counts), kind="stable"):
            shares[place] += min(wanted - int(shares.sum()), int(limit[place] - shares[place]))
    return [int(share) for share in shares]
