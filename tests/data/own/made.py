"""Images as people bring them, and what the program makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import Store
from vae_explorer.errors import UserError


def grey(number: int, height: int = 6, width: int = 8) -> NDArray[np.uint8]:
    """Another random image (h, w) for every number."""
    return np.random.default_rng(number).integers(0, 256, (height, width), dtype=np.uint8)


def colours(number: int, height: int = 6, width: int = 8) -> NDArray[np.uint8]:
    return np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)


def save(path: Path, pixels: NDArray[Any], **how: Any) -> NDArray[Any]:
    """Save `pixels` as they are, and return them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **how)
    return pixels


def added(path: Path, root: Path, name: str = "", **how: Any) -> Store:
    """Read the images at `path` into a store below `root`."""
    return add(path, Reading(**how), root, name).store


def held(store: Store) -> dict[str, NDArray[np.uint8]]:
    """Return every image (H, W, C) of a store by the name of its file."""
    dataset = store.dataset()
    images = np.concatenate([dataset.train.images, dataset.test.images])
    return dict(zip(dataset.columns["file"].values, images, strict=True))  # type: ignore[arg-type]


def reasons(store: Store) -> dict[str, str]:
    return {each.name: each.reason for each in store.skipped()}


def class_of(store: Store) -> dict[str, str]:
    """Return the class of every image by the name of its file, "" where it is missing."""
    columns = store.dataset().columns
    column = columns.the_class
    assert column is not None
    names = [*column.names, ""]
    return {file: names[number] for file, number in zip(columns["file"].values, column.values, strict=True)}  # type: ignore[call-overload]


def added_or_refused(path: Path, root: Path, **how: Any) -> Store | str:
    """Return the store of the images at `path`, or the line that refuses them."""
    try:
        return added(path, root, **how)
    except UserError as error:
        return str(error)
