"""The figures of a trained model on a data set."""

from __future__ import annotations

from typing import Any

import torch

from vae_explorer.codes import TEST, TRAIN, Codes
from vae_explorer.data.base import Dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.measure import binarise_once, codes_of, elbo_of

NEIGHBOURS = 5
SAMPLES = 8  # draws of z an image; what the model card's own figures are made with


def evaluate(model: TrainedModel, dataset: Dataset, samples: int = SAMPLES) -> dict[str, Any]:
    """`elbo`, `reconstruction`, `kl` in nats a test image, `knn_accuracy` of the test codes among the train codes, `n`, `binarised`.

    A model trained on binarised images is measured on the test set binarised once (seed 0); another one on grey images, whose figures
    are cross-entropies and compare with no likelihood. Raises `UserError` where the images have another shape.
    """
    check_shape(model, dataset.test.images.shape[1:])
    test = torch.from_numpy(dataset.test.unit())
    images = binarise_once(test) if model.card.binarised == "dynamic" else test
    figures: dict[str, Any] = dict(elbo_of(model.network, images, samples))
    codes = codes_of(model.network, dataset.parts())
    return figures | {"knn_accuracy": knn_accuracy(codes), "n": len(dataset.test), "binarised": model.card.binarised}


def check_shape(model: TrainedModel, shape: tuple[int, ...]) -> None:
    """Raises `UserError` where images of `shape` are not what the model takes."""
    if shape != model.image_shape:
        raise UserError(
            f"this data set's images are {shape}, the model's are {model.image_shape}; choose the data set it was made for"
        )


def knn_accuracy(codes: Codes, k: int = NEIGHBOURS) -> float:
    """Share of test codes whose class is the majority among their k nearest train codes, in [0, 1]."""
    from sklearn.neighbors import KNeighborsClassifier

    train, test = codes.of_split(TRAIN), codes.of_split(TEST)
    classifier = KNeighborsClassifier(n_neighbors=min(k, len(train))).fit(train.mean, train.label)
    return float(classifier.score(test.mean, test.label))
