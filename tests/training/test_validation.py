"""Which images a run holds out, and what it measures on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vae_explorer.data.base import Fetching, ImageSet
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.base import Batch, LossTerms
from vae_explorer.models.measure import mean_terms, unit
from vae_explorer.models.vae import Vae
from vae_explorer.training import batches, validation
from vae_explorer.training.batches import Batches
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import EpochDone
from vae_explorer.training.validation import split_rows

Short = Callable[..., TrainConfig]
Run = Callable[..., Any]


def digits() -> ImageSet:
    return load_dataset("digits", Fetching(Path("unused"))).train


@pytest.mark.parametrize(("images", "share", "held"), [(1437, 0.1, 144), (2, 0.001, 1), (3, 0.5, 2), (60_000, 0.1, 6_000)])
def test_that_a_share_of_the_images_is_held_out_and_the_rest_is_kept(images: int, share: float, held: int) -> None:
    kept, held_out = split_rows(images, share)
    assert len(held_out) == held
    assert sorted([*kept, *held_out]) == list(range(images))
    assert all(np.array_equal(one, other) for one, other in zip(split_rows(images, share), (kept, held_out), strict=True))


def test_that_held_out_images_come_from_all_over_the_set() -> None:
    _, held_out = split_rows(60_000, 0.1)
    assert np.histogram(held_out, bins=10, range=(0, 60_000))[0] == pytest.approx(600, abs=100)  # std 22


def test_that_no_image_is_held_out_by_default_and_no_more_than_a_limit_of_a_large_set() -> None:
    assert [len(rows) for rows in split_rows(50, 0.0)] == [50, 0]
    assert len(split_rows(1_000_000, 0.5)[1]) == validation.MAX_HELD_OUT


def test_that_a_single_image_is_not_split() -> None:
    with pytest.raises(UserError, match="one training image cannot be split; leave the validation part out"):
        split_rows(1, 0.1)


def test_that_training_never_sees_an_image_that_it_holds_out(short: Short, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    genuine = Vae.loss

    def spy(self: Vae, batch: Batch, generator: torch.Generator | None = None) -> LossTerms:
        seen.append(batch.images)
        return genuine(self, batch, generator)

    monkeypatch.setattr(Vae, "loss", spy)
    run(short(epochs=1, validation=0.1))
    kept, _ = split_rows(1437, 0.1)
    wanted = digits().images[kept].reshape(-1, 64) / np.float32(255)
    assert sorted(map(tuple, torch.cat(seen).numpy())) == sorted(map(tuple, wanted))


def test_that_an_epoch_reports_the_held_out_images_in_place_of_the_test_images(short: Short, run: Run) -> None:
    events, last = run(short(validation=0.1), snapshots=True)
    *_, epoch = (event for event in events if isinstance(event, EpochDone))
    _, held_out = split_rows(1437, 0.1)
    images, label = torch.from_numpy(digits().images[held_out].reshape(-1, 64)), torch.zeros(144, dtype=torch.int64)
    model = TrainedModel(last.model).network
    assert epoch.part == "validation"
    assert epoch.measured == pytest.approx(mean_terms(model, unit(images), label), rel=1e-6)
    assert last.model.card.validation == pytest.approx(mean_terms(model, unit(images), label, samples=8), rel=1e-6)
    assert epoch.snapshot is not None
    assert not epoch.snapshot.card.metrics
    assert last.model.card.metrics["elbo"] != last.model.card.validation["elbo"]


def test_that_a_run_without_a_validation_part_reports_the_test_images(short: Short, run: Run) -> None:
    events, last = run(short(epochs=1))
    assert next(event.part for event in events if isinstance(event, EpochDone)) == "test"
    assert (dict(last.model.card.validation), dict(last.model.card.extra)) == ({}, {})


@pytest.mark.parametrize("mapped", [False, True])
def test_that_batches_deal_the_wanted_images_alone(mapped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BLOCK_BYTES", 10)
    monkeypatch.setattr(batches, "POOL_BLOCKS", 3)
    np.save(tmp_path / "images.npy", np.arange(200, dtype=np.uint8).reshape(-1, 1, 1))
    images = np.load(tmp_path / "images.npy", mmap_mode="r" if mapped else None)
    rows = np.array([0, 3, 9, *range(50, 60), 100, 199])
    source = Batches(images, np.arange(200, dtype=np.uint8), 4, torch.device("cpu"), 0, rows)
    dealt = list(source.epoch())
    assert len(dealt) == source.per_epoch == 4
    assert sorted(torch.cat([part for part, _ in dealt]).flatten().tolist()) == rows.tolist()
    assert all(part.flatten().tolist() == label.tolist() for part, label in dealt)


@pytest.mark.parametrize("share", [-0.1, 0.6, float("nan")])
def test_that_a_share_out_of_range_is_refused(share: float) -> None:
    with pytest.raises(UserError, match=r"validation share \S+ is out of range; choose a value from 0 to 0\.5"):
        TrainConfig(validation=share)
