"""What a run gives a family to learn from before the first step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_explorer.data.base import Dataset, ImageSet, never
from vae_explorer.kinds import Binarised
from vae_explorer.models.base import Material
from vae_explorer.models.dfc_vae import DfcVae
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train
from vae_explorer.training.run import Run

N = 1200


@pytest.fixture(params=["in memory", "mapped"])
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    """Images in order of their class, each of one grey value that names it."""
    label = np.repeat(np.arange(10, dtype=np.uint8), N // 10)
    images = np.broadcast_to((20 * label + 30)[:, None, None, None], (N, 8, 8, 1)).copy()
    if request.param == "mapped":
        np.save(tmp_path / "images.npy", images)
        images = np.load(tmp_path / "images.npy", mmap_mode="r")
    return Dataset(ImageSet(images, label), ImageSet(np.array(images[:10]), label[:10]))


def given(config: TrainConfig, dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> Material:
    found: list[Material] = []
    monkeypatch.setattr(DfcVae, "prepare", lambda _, material: found.append(material))
    Run(config, dataset, torch.device("cpu")).prepare(never)
    return found[0]


@pytest.mark.parametrize("binarised", Binarised)
def test_that_it_is_what_a_step_sees_from_all_over_the_data(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, binarised: Binarised
) -> None:
    material = given(TrainConfig(family="dfc-vae", hidden=(4,), binarised=binarised), dataset, monkeypatch)
    assert (material.size, material.classes) == (N, 10)
    batch = material.draw(500)
    assert batch.images.shape == (500, 64)
    assert torch.bincount(batch.label, minlength=10).min() > 20
    grey = (20 * batch.label + 30).float() / 255
    if binarised is Binarised.NONE:
        assert torch.allclose(batch.images, grey[:, None].expand(-1, 64))
    else:
        assert set(batch.images.unique().tolist()) == {0.0, 1.0}
        for label in range(10):
            of_class = batch.images[batch.label == label]
            assert of_class.mean().item() == pytest.approx((20 * label + 30) / 255, abs=0.07)


def test_that_a_stop_meanwhile_ends_the_run_at_once(short: Callable[..., TrainConfig]) -> None:
    asked: list[None] = []
    events = list(train(short(family="dfc-vae", epochs=1000), should_stop=lambda: asked.append(None) or len(asked) > 3))
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped
    assert len(asked) == 5  # that the fourth learning step and the first step of the run were not taken
