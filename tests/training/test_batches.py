from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vae_explorer.training import batches
from vae_explorer.training.batches import Batches, binarise

CPU = torch.device("cpu")


@pytest.fixture
def images() -> NDArray[np.uint8]:
    """1,000 images that all differ."""
    numbers = np.arange(1000)
    return np.stack([numbers // 256, numbers % 256, numbers % 7, numbers % 11], axis=1).astype(np.uint8).reshape(-1, 2, 2)


@pytest.fixture(params=["memory", "file"])
def stored(
    request: pytest.FixtureRequest, images: NDArray[np.uint8], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> NDArray[np.uint8]:
    """The same images in memory, or mapped from a file of 53 small blocks of which 8 make a pool."""
    if request.param == "memory":
        return images
    monkeypatch.setattr(batches, "BLOCK_BYTES", 19 * 4)
    monkeypatch.setattr(batches, "POOL_BLOCKS", 8)
    np.save(tmp_path / "images.npy", images)
    mapped: NDArray[np.uint8] = np.load(tmp_path / "images.npy", mmap_mode="r")
    return mapped


def batches_of(images: NDArray[np.uint8], batch_size: int, seed: int = 0) -> Batches:
    """Each image's class is its number, modulo 256."""
    return Batches(images, np.arange(len(images), dtype=np.int64).astype(np.uint8), batch_size, CPU, seed)


def pixels(source: Batches) -> list[torch.Tensor]:
    return [images for images, _ in source.epoch()]


def rows(parts: list[torch.Tensor]) -> list[tuple[int, ...]]:
    return [tuple(row) for row in torch.cat(parts).tolist()]


@pytest.mark.parametrize("batch_size", [1, 64, 300, 1000])
def test_that_an_epoch_holds_each_image_once(stored: NDArray[np.uint8], images: NDArray[np.uint8], batch_size: int) -> None:
    source = batches_of(stored, batch_size)
    parts = pixels(source)
    assert len(parts) == source.per_epoch
    assert [len(part) for part in parts[:-1]] == [batch_size] * (len(parts) - 1)
    assert parts[0].dtype == torch.uint8
    assert sorted(rows(parts)) == sorted(tuple(row) for row in images.reshape(1000, 4).tolist())


def test_that_each_image_comes_with_its_class(stored: NDArray[np.uint8], images: NDArray[np.uint8]) -> None:
    class_of = {tuple(row): number % 256 for number, row in enumerate(images.reshape(1000, 4).tolist())}
    assert len(class_of) == 1000
    for part, label in batches_of(stored, 64).epoch():
        assert [class_of[tuple(row)] for row in part.tolist()] == label.tolist()


def test_that_each_epoch_has_an_order_of_its_own_and_a_seed_repeats_them(stored: NDArray[np.uint8]) -> None:
    source, again, other = (batches_of(stored, 64, seed) for seed in (0, 0, 1))
    first, second = rows(pixels(source)), rows(pixels(source))
    assert first != second
    assert (rows(pixels(again)), rows(pixels(again))) == (first, second)
    assert rows(pixels(other)) != first


def test_that_a_batch_from_a_file_mixes_images_from_all_over_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BLOCK_BYTES", 10 * 1)
    monkeypatch.setattr(batches, "POOL_BLOCKS", 30)
    np.save(tmp_path / "sorted.npy", np.repeat(np.arange(100, dtype=np.uint8), 100).reshape(-1, 1, 1))
    source = batches_of(np.load(tmp_path / "sorted.npy", mmap_mode="r"), 50)
    assert min(len(part.unique()) for part in pixels(source)) > 7  # read from start to end it would be 1


def test_that_pixels_are_white_as_often_as_they_are_grey() -> None:
    levels = torch.arange(256, dtype=torch.uint8).expand(20_000, 256)
    drawn = binarise(levels, torch.Generator().manual_seed(0))
    assert drawn.dtype == torch.float32
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    share, wanted = drawn.double().mean(dim=0), torch.arange(256).double() / 255
    error = (share - wanted) / (wanted * (1 - wanted) / 20_000).sqrt().clamp(min=1e-9)
    assert share[0] == 0.0
    assert share[255] == 1.0
    assert error.abs().max() < 4.5  # standard errors, the largest of 254
    assert error.mean().abs() < 4.5 / 254**0.5


def test_that_pixels_are_drawn_independently() -> None:
    drawn = binarise(torch.full((40_000, 8), 128, dtype=torch.uint8), torch.Generator().manual_seed(0))
    correlation = torch.corrcoef(drawn.t()) - torch.eye(8)
    assert correlation.abs().max() < 4.5 / 40_000**0.5


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (5, 4)])
def test_that_any_number_of_pixels_can_be_drawn(shape: tuple[int, int]) -> None:
    white, black = torch.full(shape, 255, dtype=torch.uint8), torch.zeros(shape, dtype=torch.uint8)
    assert binarise(white, torch.Generator()).eq(1).all()
    assert binarise(black, torch.Generator()).eq(0).all()
    assert binarise(white, torch.Generator()).shape == shape
