"""Where decoded tiles are kept."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from vae_explorer.inference.evidence.cover import POINTS
from vae_explorer.inference.evidence.store import Fresh, TileStore


def put(store: TileStore, names: NDArray[np.int64], above: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Tiles that hold their own names at each point, or, where a slot `above` is given, what that one has at every second point."""
    values = np.repeat(names[:, None], POINTS, axis=1).astype(np.float64)
    copied = np.zeros(values.shape, bool)
    sources = np.zeros(0, np.int64)
    if above is not None:
        copied[:, ::2] = True
        sources = (above[:, None] * POINTS + np.arange(0, POINTS, 2)).ravel()
    fresh = values[~copied]
    coefficients = torch.from_numpy(fresh)[:, None].float()
    decoded = Fresh(coefficients, fresh, -coefficients if store.has_pixels else None)
    return store.put(names, decoded, copied, sources, values)


def test_that_a_full_store_keeps_what_is_about_to_be_read() -> None:
    """Of large images it has room for few tiles more than are worked on at once."""
    store = TileStore(1, torch.float32, 0, 256, by_pixel=True)
    put(store, np.arange(256))
    names = np.concatenate([np.arange(100), np.arange(1000, 1155)])
    slots = store.find(names)
    slots[slots < 0] = put(store, names[slots < 0])
    assert store.normaliser[slots, 0].tolist() == names.tolist()
    assert (store.find(names) == slots).all()


def test_that_points_of_another_tile_are_taken_from_it() -> None:
    store = TileStore(1, torch.float32, 0, 8, by_pixel=True)
    above = put(store, np.array([7]))
    slots = put(store, np.array([20, 30]), np.repeat(above, 2))
    expected = np.tile([7.0, 20.0, 7.0, 30.0], (POINTS // 2, 1)).reshape(-1, 2, 2).swapaxes(0, 1).reshape(2, -1)
    assert (store.normaliser[slots] == expected).all()
    assert (store.coefficients(slots).numpy().reshape(2, -1) == expected).all()
    assert (store.by_pixel(slots).numpy().reshape(2, -1) == -expected).all()


def test_that_tiles_apart_are_read_like_neighbours() -> None:
    store = TileStore(1, torch.float32, 0, 8, by_pixel=False)
    slots = put(store, np.arange(5))
    for some in (slots[1:4], slots[[4, 0, 2]]):
        assert store.coefficients(some).view(-1, POINTS)[:, 0].tolist() == some.tolist()
