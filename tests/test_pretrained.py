"""The models that come with the program are what their cards say."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from vae_explorer import locations
from vae_explorer.cli import main
from vae_explorer.codes import Split
from vae_explorer.data.base import Fetching
from vae_explorer.data.sources import DATASETS, load_dataset
from vae_explorer.gui.compare.presets import PRESETS, Preset
from vae_explorer.inference.evaluation import evaluate, knn_accuracy
from vae_explorer.models.catalogue import DEFAULT_MODEL, pretrained_models
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import read_card
from vae_explorer.training.config import TrainConfig

NAMES = list(pretrained_models())


def test_that_the_default_model_comes_along() -> None:
    assert DEFAULT_MODEL in NAMES


def test_that_they_are_small_enough_for_a_wheel() -> None:
    assert sum(path.stat().st_size for path in pretrained_models().values()) <= 60e6


def test_that_every_family_comes_along_on_mnist() -> None:
    cards = [read_card(path) for path in pretrained_models().values()]
    upright = {"rotation-vae"}  # its angle is for images that are turned, and MNIST's are not
    assert {card.spec.family for card in cards if card.dataset == "mnist"} == set(FAMILIES) - upright


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_that_the_models_of_a_preset_come_along(preset: Preset) -> None:
    assert set(preset.models) <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_that_a_pretrained_model_holds_the_codes_of_all_its_data(name: str) -> None:
    codes, card = vx.codes(name), vx.load(name).card
    assert (len(codes.of_split(Split.TRAIN)), len(codes.of_split(Split.TEST))) == DATASETS[card.dataset].size
    assert sorted(np.unique(codes.label)) == list(range(len(card.classes)))


@pytest.mark.parametrize("name", NAMES)
def test_that_a_pretrained_model_was_trained_by_our_own_command(name: str, parsed: list[TrainConfig]) -> None:
    """The line on its card is one that the program still takes, and means the same."""
    card = vx.load(name).card
    words = shlex.split(card.command)
    assert words[:2] == ["vae-explorer", "train"]
    assert words[words.index("--dataset") + 1] == card.dataset
    assert words[words.index("--seed") + 1] == str(card.seed)
    assert card.name == name
    assert main([*words[1:], "--out", "model.safetensors"]) == 2
    assert parsed[-1] == TrainConfig(**card.training)
    assert parsed[-1].spec == card.spec
    assert parsed[-1].binarised == card.binarised


@pytest.mark.parametrize("name", NAMES)
def test_that_a_pretrained_model_tells_the_classes_apart_on_its_map(name: str) -> None:
    codes = vx.codes(name)
    if vx.load(name).card.family.conditional:
        pytest.skip("given the class, the plane need not tell it")
    few = np.arange(0, len(codes), max(1, len(codes) // 5000))
    sample = type(codes)(codes.mean[few], codes.std[few], codes.label[few], codes.split[few])
    guess = np.bincount(sample.label).max() / len(sample)
    better = (knn_accuracy(sample) - guess) / (1 - guess)  # 59 % of the emoji are people
    assert better > 0.16  # a second layer holds much of the class; places and colours come before shapes


@pytest.mark.parametrize("name", NAMES)
def test_that_a_decoded_code_is_encoded_near_itself(name: str) -> None:
    model = vx.load(name)
    some = slice(None, None, len(model.codes) // 200)
    z, label = model.codes.mean[some], model.codes.label[some]
    classes = model.card.spec.classes
    back = model.encode(model.decode(z, np.eye(classes)[label] if classes else None), label if classes else None).mean
    moved, spread = (np.median(np.linalg.norm(each, axis=1)) for each in (back - z, z - z.mean(axis=0)))
    assert moved < 0.3 * spread


def test_that_the_digits_model_has_the_figures_of_its_card() -> None:
    model = vx.load("digits-vae")
    figures = evaluate(model, load_dataset("digits", Fetching(Path("unused"))))
    assert {name: figures[name] for name in model.card.metrics} == pytest.approx(dict(model.card.metrics), abs=0.05)


@pytest.mark.real_data
def test_that_the_mnist_model_is_as_good_as_promised() -> None:
    model = vx.load("mnist-vae")
    figures = evaluate(model, load_dataset("mnist", Fetching(locations.data(), download=False)))
    assert figures["binarised"] == "dynamic"
    assert figures["elbo"] >= -134
    assert {name: figures[name] for name in model.card.metrics} == pytest.approx(dict(model.card.metrics), abs=0.05)
