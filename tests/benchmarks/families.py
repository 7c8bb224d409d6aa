"""Every family on MNIST, as it comes along: what it is judged by, how well its codes tell the classes apart, seconds an epoch."""

from __future__ import annotations

import time
from itertools import pairwise

from tests.benchmarks.tools import row
from vae_explorer import locations
from vae_explorer.data.base import Dataset, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evaluation import evaluate
from vae_explorer.inference.trained import TrainedModel, load_model
from vae_explorer.models.card import measured_by
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.terms import headline, number
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import EpochDone
from vae_explorer.training.loop import train

_TIMED = 2  # epochs, after a first one


def measure() -> list[dict[str, str]]:
    dataset = load_dataset("mnist", Fetching(locations.data()))
    models = [load_model(path) for path in pretrained_models().values()]
    return [_measured(model, dataset) for model in models if model.card.dataset == "mnist"]


def _measured(model: TrainedModel, dataset: Dataset) -> dict[str, str]:
    card = model.card
    figures = evaluate(model, dataset)
    errors = {name.removesuffix("_se"): error for name, error in figures.items() if name.endswith("_se")}
    accuracy = number(figures["knn_accuracy"], 3, errors["knn_accuracy"])
    words = [headline(card.spec.family, figures, errors), f"5-NN {accuracy}", f"{_seconds(model):.1f} s an epoch"]
    return row(f"{card.spec.family} ({card.name}), {measured_by(card)}", "", ", ".join(words))


def _seconds(model: TrainedModel) -> float:
    """Of an epoch with the model's own configuration, the test figures of each epoch included."""
    config = TrainConfig(**(dict(model.card.training) | {"epochs": 1 + _TIMED, "threads": 0}))
    stamps = [time.perf_counter() for event in train(config) if isinstance(event, EpochDone)]
    return min(after - before for before, after in pairwise(stamps))
