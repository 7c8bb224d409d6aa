"""Measures a trained model on a data set."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import torch

from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset
from vae_explorer.data.check import MAX_CLASSES, check_dataset
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import PosteriorKind
from vae_explorer.latent.aggregate import surgery
from vae_explorer.latent.health import health
from vae_explorer.models.bits import figures_in_bits
from vae_explorer.models.measure import codes_of, measure, measured_images
from vae_explorer.runtime.loading_scipy import load_scipy
from vae_explorer.shapes import without_grey_axis, written

NEIGHBOURS = 5
SAMPLES = 8  # draws of z an image, as for the terms in the model card


def evaluate(model: TrainedModel, dataset: Dataset, samples: int = SAMPLES) -> dict[str, Any]:
    """Measure the family's terms on the test images, and `knn_accuracy` of the test codes unless all have one label.

    Terms of a bound are in nats an image. Standard errors stand beside the values as `…_se`. Where p(x|z) is a probability of
    8-bit pixels, bounds of log p(x) stand in bits a dimension as `…_bits_per_dim`. The dict also holds `n`, `likelihood`,
    `binarised`, the health of all codes (`latent.health`) and the parts `information` and `marginal_kl` of the KL term
    (`latent.aggregate.surgery`). A model of binarised images is measured on images binarised once (seed 0). Other models are
    measured on grey images; their cross-entropies compare with no likelihood. Raises `UserError` on unfit images.
    """
    dataset = fitting(model, dataset)
    images, label = (
        measured_images(dataset.test.images, model.card.binarised),
        torch.from_numpy(dataset.test.labels.astype(np.int64)),
    )
    measured = measure(model.network, images, label, samples)
    figures = measured.means | {f"{name}_se": error for name, error in measured.errors.items()}
    found: dict[str, Any] = figures | figures_in_bits(figures, model.card.spec)
    codes = codes_of(model.network, dataset.parts())
    said = {"n": len(dataset.test), "likelihood": model.card.spec.likelihood, "binarised": model.card.binarised}
    return found | _accuracy(codes, len(dataset.test)) | _health(codes, model) | _split(codes, model) | said


def _accuracy(codes: Codes, n: int) -> dict[str, float]:
    """Return the accuracy on `n` test images and its standard error; nothing for images of one class or of none."""
    if not codes.label.any():
        return {}
    accuracy = knn_accuracy(codes)
    return {"knn_accuracy": accuracy, "knn_accuracy_se": math.sqrt(accuracy * (1 - accuracy) / n)}


def _health(codes: Codes, model: TrainedModel) -> dict[str, Any]:
    found = health(codes.mean, codes.std, model.card.family.codes_are)
    return {
        "active_units": sum(found.active),
        "kl_by_dimension": found.kl,
        "aggregate_mean": found.mean,
        "aggregate_std": found.std,
    }


def _split(codes: Codes, model: TrainedModel) -> dict[str, float]:
    """Return the parts of the KL term of Gaussian codes, with standard errors of estimates; nothing for other codes."""
    if model.card.family.posterior is not PosteriorKind.GAUSSIAN:
        return {}
    try:
        found = surgery(codes.mean, codes.std)
    except (UserError, ValueError):  # all codes lie off the map, or are points
        return {}
    parts = {"information": found.information, "marginal_kl": found.marginal_kl}
    errors = {"information_se": found.information_se, "marginal_kl_se": found.marginal_kl_se}
    return parts | {name: error for name, error in errors.items() if error is not None}


def fitting(model: TrainedModel, dataset: Dataset) -> Dataset:
    """Check `dataset` with `check_dataset`.

    Raises `UserError` if shape or classes do not fit the model.
    """
    check_shape(model, np.shape(dataset.test.images)[1:])
    return check_dataset("this data set", dataset, model.image_shape, model.card.spec.classes or MAX_CLASSES)


def check_shape(model: TrainedModel, shape: tuple[int, ...]) -> None:
    """Raise `UserError` if the model takes no images of `shape`."""
    if shape not in (model.image_shape, without_grey_axis(model.image_shape)):
        own = written(shape) if len(shape) in (2, 3) else shape
        raise UserError(
            f"this data set's images are {own}, the model's are {written(model.image_shape)}; choose the data set of its training"
        )


def knn_accuracy(codes: Codes, k: int = NEIGHBOURS) -> float:
    """Return the share of test codes classified correctly by their k nearest train codes."""
    load_scipy()  # which scikit-learn imports too
    from sklearn.neighbors import KNeighborsClassifier

    train, test = codes.of_split(Split.TRAIN), codes.of_split(Split.TEST)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The number of unique classes")  # few images of many classes are fine here
        classifier = KNeighborsClassifier(n_neighbors=min(k, len(train))).fit(train.mean, train.label)
        return float(classifier.score(test.mean, test.label))
