"""Where decoded tiles are kept."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import POINTS
from vae_explorer.inference.evidence.store import TileStore


def put(store: TileStore, names: NDArray[np.int64]) -> NDArray[np.int64]:
    """Tiles that hold their own names."""
    values = np.repeat(names[:, None], POINTS, axis=1)
    return store.put(names, torch.from_numpy(values)[:, :, None].float(), values.astype(np.float64), lambda tiles: tiles)


def test_that_a_full_store_keeps_what_is_about_to_be_read() -> None:
    """Of large images it has room for few tiles more than are worked on at once."""
    store = TileStore(1, torch.float32, 0, 256, by_pixel=False)
    put(store, np.arange(256))
    names = np.concatenate([np.arange(100), np.arange(1000, 1155)])
    slots = store.find(names)
    slots[slots < 0] = put(store, names[slots < 0])
    assert store.normaliser[slots, 0].tolist() == names.tolist()
    assert (store.find(names) == slots).all()
