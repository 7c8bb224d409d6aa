"""Every family trains on colour images with every likelihood of such, or refuses in one line; every file opens again."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import vae_explorer as vx
from vae_explorer.data.base import Dataset, DatasetSpec, ImageSet
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.inference.evaluation import evaluate
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished

Run = Callable[..., tuple[list[Any], Finished]]
SHAPE, IMAGES, TESTS = (8, 8, 3), 60, 12
PAIRS = [(family, likelihood) for family in FAMILIES for likelihood in LIKELIHOODS]
OFFERED = [(family, likelihood) for family, likelihood in PAIRS if likelihood in FAMILIES[family].likelihoods]
Z = np.array([[0.0, 0.0], [0.5, -1.0]], np.float32)


def discs(n: int, seed: int) -> ImageSet:
    """Discs in one of three colours on a blue ground, and the number of the colour."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    middle, label = random.uniform(2, 6, (n, 2, 1, 1)), random.integers(0, 3, n)
    inside = (rows - middle[:, 0]) ** 2 + (columns - middle[:, 1]) ** 2 < 5
    colours = np.array([[255, 0, 0], [200, 180, 20], [0, 90, 10]], np.uint8)[label]
    images = np.where(inside[..., None], colours[:, None, None], np.array([0, 30, 130], np.uint8))
    return ImageSet(images.astype(np.uint8), label.astype(np.uint8))


DATA = Dataset(discs(IMAGES, 0), discs(TESTS, 1))


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, own_tables: None) -> None:
    source = ModuleType("made_discs")
    source.load = lambda fetching: DATA  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "made_discs", source)
    names = ("red", "yellow", "green")
    DATASETS.register("discs", DatasetSpec("Discs", "made_discs:load", SHAPE, names, (IMAGES, TESTS), "made"))


@pytest.mark.parametrize(("family", "likelihood"), OFFERED)
def test_that_a_family_trains_on_colour_and_its_file_opens(family: str, likelihood: str, run: Run, tmp_path: Path) -> None:
    config = TrainConfig(family=family, dataset="discs", likelihood=likelihood, hidden=(6,), epochs=1, batch_size=20, threads=1)
    _, last = run(config)
    assert not last.reason
    path = tmp_path / "m.safetensors"
    write_model_file(path, last.model)
    model = vx.load(path)
    pictures = model.decode_uint8(Z)
    assert pictures.shape == (2, *SHAPE)
    assert model.encode(
        DATA.test.images / np.float32(255), DATA.test.labels if model.card.spec.classes else None
    ).mean.shape == (
        TESTS,
        2,
    )
    figures = evaluate(model, DATA, samples=1)
    assert all(math.isfinite(figures[name]) for name in FAMILIES[family].terms)


@pytest.mark.parametrize(("family", "likelihood"), [pair for pair in PAIRS if pair not in OFFERED])
def test_that_a_family_names_itself_and_its_likelihoods_where_it_refuses(family: str, likelihood: str) -> None:
    with pytest.raises(UserError) as refused:
        TrainConfig(family=family, dataset="discs", likelihood=likelihood)
    line = str(refused.value)
    assert "\n" not in line
    assert family in line
    assert all(name in line for name in FAMILIES[family].likelihoods)


@pytest.mark.parametrize("likelihood", [name for name in LIKELIHOODS if name != "bernoulli"])
def test_that_colour_has_an_exact_evidence(likelihood: str, run: Run) -> None:
    config = TrainConfig(dataset="discs", likelihood=likelihood, hidden=(16,), epochs=10, batch_size=20, threads=1)
    model = TrainedModel(run(config)[1].model)
    images = DATA.test.images[:3] / np.float32(255)
    found = vx.evidence(model, images)
    assert found.converged.all()
    assert found.residual == pytest.approx(0, abs=1e-3)
    draws = np.random.default_rng(0).standard_normal((4000, 2)).astype(np.float32)
    for image, exact in zip(images, found.log_evidence, strict=True):
        terms = model.log_likelihood(np.repeat(image[None], len(draws), 0), draws)
        weights = np.exp(terms - terms.max())
        error = weights.std() / weights.mean() / math.sqrt(len(draws))
        assert exact == pytest.approx(terms.max() + math.log(weights.mean()), abs=max(5 * error, 1e-3))
