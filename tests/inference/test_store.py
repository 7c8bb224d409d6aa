"""Where decoded tiles are kept."""

from __future__ import annotations

import gc
from types import FunctionType, ModuleType

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.inference.evidence_models import small_model
from tests.models.specs import a_spec
from vae_explorer.inference.evidence.cover import POINTS, everywhere, points_of, tiles_over
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.store import Fresh, TileStore
from vae_explorer.inference.evidence.workers import budget_of
from vae_explorer.models.base import build_model
from vae_explorer.shapes import ImageShape


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


def test_that_more_than_there_is_room_for_is_refused() -> None:
    store = TileStore(1, torch.float32, 0, 8, by_pixel=False)
    put(store, np.arange(5))
    with pytest.raises(RuntimeError, match="no room"):
        put(store, np.arange(10, 20))


def test_that_what_is_held_on_to_twice_counts_once() -> None:
    store = TileStore(1, torch.float32, 0, 8, by_pixel=False)
    store.keep(put(store, np.arange(6)))
    store.keep(store.find(np.arange(2)))
    for names in (np.array([100, 101]), np.array([200, 201])):
        store.find(names)
        put(store, names)
    assert (store.find(np.arange(6)) >= 0).all()


def test_that_tiles_apart_are_read_like_neighbours() -> None:
    store = TileStore(1, torch.float32, 0, 8, by_pixel=False)
    slots = put(store, np.arange(5))
    for some in (slots[1:4], slots[[4, 0, 2]]):
        assert store.coefficients(some).view(-1, POINTS)[:, 0].tolist() == some.tolist()


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("hidden", [False, True])
def test_that_a_lattice_without_room_gives_what_one_with_room_gives(n: int, hidden: bool) -> None:
    """Tiles give way all the time there, those that others are copied from among them."""
    network = small_model().network
    random = np.random.default_rng(0)
    images = torch.from_numpy(random.integers(0, 2, (n, network.spec.image_size)).astype(np.float32)).to(
        next(network.parameters()).dtype
    )
    seen = (torch.arange(network.spec.image_size) % 2).to(images.dtype).expand_as(images) if hidden else None
    observed = Observed(images if seen is None else images * seen, 0, seen)
    tight, roomy = DecodedLattice(network, budget=0), DecodedLattice(network)
    for level in (0, 1, 2, 3, 2, 3, 1, 3):
        keys = random.permutation(tiles_over(level, np.full(2, -2.0), np.full(2, 2.0)))[:300]
        cover = everywhere(n, np.unique(keys, axis=0))
        np.testing.assert_allclose(tight.log_joint(observed, level, cover), roomy.log_joint(observed, level, cover), atol=1e-4)
    assert tight.held_bytes < roomy.held_bytes


def bytes_of_arrays(lattice: DecodedLattice) -> int:
    """The bytes of all tensors and arrays that a lattice holds, its network aside."""
    known, waiting, held = set[int](), list[object]([lattice]), 0
    while waiting:
        each = waiting.pop()
        if id(each) in known or isinstance(each, torch.nn.Module | type | ModuleType | FunctionType):
            continue
        known.add(id(each))
        if isinstance(each, torch.Tensor | np.ndarray):
            held += each.nbytes
        else:
            waiting.extend(gc.get_referents(each))
    return held


@pytest.mark.parametrize("shape", [(64, 64, 3), (128, 128, 3), (256, 256, 1)])
def test_that_a_lattice_of_large_images_keeps_to_its_bytes(shape: ImageShape) -> None:
    """The bytes are counted in the arrays that hold the tiles."""
    network = build_model(a_spec("vae", "", shape, small=True)).eval()
    lattice = DecodedLattice(network, budget=60_000_000)
    image = torch.full((1, network.spec.image_size), 0.5)
    observed = Observed(image, 0, None)
    found = lattice.log_joint(observed, 2, everywhere(1, tiles_over(2, np.full(2, -1.0), np.full(2, 1.0))))
    assert lattice.held_bytes < bytes_of_arrays(lattice) <= 60_000_000
    z = points_of(2, tiles_over(2, np.full(2, -1.0), np.full(2, 1.0))).reshape(-1, 2)[::50]
    with torch.inference_mode():
        decoded = network.decode(torch.from_numpy(z).float())
        wanted = network.likelihood.log_prob(image, decoded).double().numpy() - 0.5 * (z**2).sum(axis=1) - np.log(2 * np.pi)
    assert found.reshape(-1)[::50] == pytest.approx(wanted, rel=1e-6)


def test_that_threads_keep_the_coarse_plane_of_larger_images_within_a_bound() -> None:
    assert [budget_of(784, threads) for threads in (1, 2, 8)] == [44_000_000, 22_000_000, 22_000_000]
    sprites = DecodedLattice(build_model(a_spec("vae", "", (32, 32, 3), small=True)).eval(), budget_of(3072, 2))
    assert sprites.room > 300
    assert 8 * budget_of(128 * 128 * 3, 8) <= 400_000_000
