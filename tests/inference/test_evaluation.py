from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset, Fetching, ImageSet
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.evaluation import evaluate, knn_accuracy
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.model_file import ModelFile, read_model_file


@pytest.fixture
def file(tiny_model_path: Path) -> ModelFile:
    return read_model_file(tiny_model_path)


@pytest.fixture
def digits() -> Dataset:
    return load_dataset("digits", Fetching(Path("unused")))


def clusters(spread: float, seed: int) -> Codes:
    """Three classes of 20 train and 10 test codes, in clusters of width `spread` at a distance of 10."""
    random = np.random.default_rng(seed)
    label = np.tile(np.arange(3, dtype=np.uint8), 30)
    split = np.repeat(np.array([Split.TRAIN, Split.TEST], np.uint8), [60, 30])
    centres = np.array([[0, 0], [10, 0], [0, 10]])[label]
    mean = (centres + random.normal(scale=spread, size=(90, 2))).astype(np.float32)
    return Codes(mean, np.ones_like(mean), label, split)


def brute_force(codes: Codes, k: int = 5) -> float:
    """The vote of the k nearest train codes, the smaller class where two tie."""
    train, test = codes.of_split(Split.TRAIN), codes.of_split(Split.TEST)
    right = 0
    for point, label in zip(test.mean, test.label, strict=True):
        nearest = np.argsort(np.hypot(*(train.mean - point).T), kind="stable")[:k]
        votes = Counter(train.label[nearest].tolist())
        right += min(votes, key=lambda name: (-votes[name], name)) == label
    return right / len(test)


@pytest.mark.parametrize("spread", [0.5, 4.0, 8.0])
def test_that_the_accuracy_is_that_of_a_brute_force_vote(spread: float) -> None:
    codes = clusters(spread, seed=0)
    assert knn_accuracy(codes) == pytest.approx(brute_force(codes))


def test_that_clusters_far_apart_are_told_apart() -> None:
    assert knn_accuracy(clusters(0.5, seed=1)) == 1.0


def test_that_one_wrong_label_is_one_mistake() -> None:
    codes = clusters(0.5, seed=1)
    codes.label[-1] = (codes.label[-1] + 1) % 3
    assert knn_accuracy(codes) == pytest.approx(29 / 30)


def test_that_an_evaluation_says_everything_that_a_figure_needs(file: ModelFile, digits: Dataset) -> None:
    figures = evaluate(TrainedModel(file), digits)
    health = {"active_units", "kl_by_dimension", "aggregate_mean", "aggregate_std", "information", "marginal_kl"}
    means = {"elbo", "reconstruction", "kl", "knn_accuracy"}
    assert set(figures) == {"n", "likelihood", "binarised"} | means | {f"{name}_se" for name in means} | health
    assert (figures["n"], figures["binarised"]) == (360, "dynamic")
    assert figures["elbo"] == pytest.approx(figures["reconstruction"] - figures["kl"])
    assert 0 <= figures["knn_accuracy"] <= 1


def test_that_an_evaluation_gives_the_figures_of_the_model_card(file: ModelFile, digits: Dataset) -> None:
    figures = evaluate(TrainedModel(file), digits)
    assert {name: figures[name] for name in file.card.metrics} == pytest.approx(dict(file.card.metrics), rel=1e-6)


def test_that_the_error_of_the_accuracy_is_that_of_a_share(file: ModelFile, digits: Dataset) -> None:
    figures = evaluate(TrainedModel(file), digits)
    right = np.zeros(360)
    right[: round(360 * figures["knn_accuracy"])] = 1
    assert figures["knn_accuracy_se"] == pytest.approx(right.std() / math.sqrt(360))


def test_that_the_kl_term_is_that_of_the_stored_codes(file: ModelFile, digits: Dataset) -> None:
    codes = file.codes.of_split(Split.TEST)
    variance = codes.std.astype(np.float64) ** 2
    wanted = 0.5 * (codes.mean**2 + variance - 1 - np.log(variance)).sum(axis=1).mean()
    grey = TrainedModel(replace(file, card=replace(file.card, binarised=Binarised.NONE)))  # as images are when codes are stored
    assert evaluate(grey, digits)["kl"] == pytest.approx(wanted, rel=1e-5)


def test_that_a_model_of_binary_images_is_measured_on_binary_images(file: ModelFile, digits: Dataset) -> None:
    dynamic, grey = (TrainedModel(replace(file, card=replace(file.card, binarised=kind))) for kind in Binarised)
    white = (digits.test.images > 127).astype(np.uint8) * np.uint8(255)
    binary = Dataset(digits.train, ImageSet(white, digits.test.labels))
    assert evaluate(dynamic, digits)["binarised"] == "dynamic"
    assert evaluate(dynamic, digits)["elbo"] != evaluate(grey, digits)["elbo"]
    assert evaluate(dynamic, binary)["elbo"] == evaluate(grey, binary)["elbo"]


def test_that_an_evaluation_gives_the_same_figures_twice(file: ModelFile, digits: Dataset) -> None:
    model = TrainedModel(file)
    first = evaluate(model, digits)
    torch.manual_seed(99)
    assert evaluate(model, digits) == first


def test_that_images_and_labels_of_other_types_give_the_same_figures(file: ModelFile, digits: Dataset) -> None:
    parts = (digits.train, digits.test)
    other = Dataset(*(ImageSet(part.images / 255, part.labels.astype(np.int64)) for part in parts))  # type: ignore[arg-type]
    assert evaluate(TrainedModel(file), other) == evaluate(TrainedModel(file), digits)


def test_that_images_that_are_no_images_are_refused(file: ModelFile, digits: Dataset) -> None:
    bright = ImageSet(digits.test.images.astype(np.float32), digits.test.labels)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="the test images of this data set hold values from 0 to 255 in image 0"):
        evaluate(TrainedModel(file), Dataset(digits.train, bright))


def test_that_images_of_another_size_are_refused(file: ModelFile, digits: Dataset) -> None:
    large = ImageSet(np.zeros((3, 28, 28, 1), np.uint8), np.zeros(3, np.uint8))
    with pytest.raises(UserError, match=r"images are 28×28, the model's are 8×8; choose the data set of its training"):
        evaluate(TrainedModel(file), Dataset(large, large))
