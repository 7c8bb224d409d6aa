"""Trains the VAE with angle and shift on sprites and on turned MNIST, and compares its angle with the known angle.

The triangle has one angle, the ellipse the same image after half a turn, the square after a quarter. So angles are compared
after multiplication by 1, 2 and 4.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from tests.benchmarks.tools import row
from vae_explorer import locations
from vae_explorer.data import sprites
from vae_explorer.data.base import Dataset, DatasetSpec, Fetching, ImageSet, never
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evaluation import knn_accuracy
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.terms import number
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Part
from vae_explorer.training.run import Run

FOLDS = {"ellipse": 2, "square": 4, "triangle": 1}  # equal images within a turn
SPRITES = TrainConfig(family="rotation-vae", dataset="sprites", epochs=10, batch_size=64)
DIGITS, TURNED, TESTED = tuple("0123456789"), 12_000, 2_000
EPOCHS = 12
_SAMPLES = 16  # draws of the latents for the terms of a test image

Floats = NDArray[np.float64]


def measure() -> list[dict[str, str]]:
    return [*_of_sprites(), *_of_turned_digits()]


def circular_correlation(one: Floats, other: Floats) -> float:
    """Return the correlation of two sets of angles (n,) in radians, from −1 to 1: Fisher & Lee 1983, equation 2.1."""
    n = len(one)
    alike = np.sum(np.cos(one) * np.cos(other)) * np.sum(np.sin(one) * np.sin(other))
    across = np.sum(np.cos(one) * np.sin(other)) * np.sum(np.sin(one) * np.cos(other))
    spreads = [n**2 - np.cos(2 * each).sum() ** 2 - np.sin(2 * each).sum() ** 2 for each in (one, other)]
    return float(4 * (alike - across) / np.sqrt(spreads[0] * spreads[1]))


def _of_sprites() -> list[dict[str, str]]:
    model = _trained(SPRITES, sprites.load(Fetching(locations.data())))
    known = sprites.draw_factors(sprites.TRAIN + sprites.TEST).of(slice(sprites.TRAIN, None))
    poses = model.poses(sprites.render(known) / np.float32(255)).mean.astype(np.float64)
    rows = []
    for shape, name in enumerate(sprites.SHAPES):
        those, fold = known.shape == shape, FOLDS[name]
        found = circular_correlation(fold * poses[those, 0], fold * known.angle[those])
        rows.append(row(f"sprites, circular correlation with the known angle: {name}", "≥ 0.9", f"{found:.3f}"))
    for column, axis, places in ((1, "right", known.x), (2, "down", known.y)):
        found = float(np.corrcoef(poses[:, column], places)[0, 1])
        rows.append(row(f"sprites, correlation with the known place: {axis}", "", f"{found:.4f}"))
    return rows


def _of_turned_digits() -> list[dict[str, str]]:
    data, angles = turned_digits()
    spec = DatasetSpec("Turned MNIST", "", (28, 28, 1), DIGITS, (TURNED, TESTED), "")
    rows = []
    for family in ("rotation-vae", "vae"):
        config = TrainConfig(family=family, dataset="mnist", own=spec, hidden=(512, 512), epochs=EPOCHS, batch_size=64)
        model = _trained(config, data)
        figures, errors = model.card.metrics, model.card.errors
        elbo = f"{number(figures['elbo'], 1, errors['elbo'])} nats"
        rows.append(row(f"turned MNIST, {family}: ELBO", "", elbo))
        rows.append(row(f"turned MNIST, {family}: 5-NN accuracy on the map", "", f"{knn_accuracy(model.codes):.3f}"))
        if family == "rotation-vae":
            found = model.poses(data.test.images / np.float32(255)).mean[:, 0].astype(np.float64)
            each = [circular_correlation(found[data.test.labels == k], angles[data.test.labels == k]) for k in range(10)]
            said = ", ".join(f"{digit}: {value:.2f}" for digit, value in zip(DIGITS, each, strict=True))
            rows.append(row("turned MNIST, circular correlation with the known angle by digit", "", said))
    return rows


def turned_digits() -> tuple[Dataset, Floats]:
    """Return the first MNIST images, each turned counterclockwise by an angle of its own, and the test angles (n,)."""
    from scipy.ndimage import rotate

    data, chosen = load_dataset("mnist", Fetching(locations.data())), np.random.default_rng(0)
    parts, angles = list[ImageSet](), np.zeros(0)
    for part, count in ((data.train, TURNED), (data.test, TESTED)):
        angles = chosen.uniform(0, 2 * np.pi, count)
        pairs = zip(part.images[:count, :, :, 0], np.degrees(angles), strict=True)
        images = [rotate(image, degrees, reshape=False, order=1) for image, degrees in pairs]
        parts.append(ImageSet(np.stack(images)[..., None], np.array(part.labels[:count])))
    return Dataset(*parts), angles


def _trained(config: TrainConfig, data: Dataset) -> TrainedModel:
    run = Run(config, data, torch.device("cpu"))
    for epoch in range(config.epochs):
        for _ in run.epoch(epoch + 1, never):
            pass
    return TrainedModel(run.finished({Part.TEST}, _SAMPLES)[0])
