"""The deep-feature-consistent VAE: its objective by scipy's convolutions, what its classifier learns, and what stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.signal import correlate2d
from sklearn.datasets import load_digits
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.models.slopes import generator
from vae_explorer.models.base import Batch, Material, build_model
from vae_explorer.models.dfc_vae import DfcVae
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.spec import ModelSpec
from vae_explorer.shapes import ImageShape

WEIGHT, PIXELS = 30.0, 0.4


def made(shape: ImageShape = (8, 8, 1)) -> DfcVae:
    torch.manual_seed(3)
    parameters = {"feature_weight": WEIGHT, "pixel_weight": PIXELS}
    model = build_model(ModelSpec("dfc-vae", "mlp", shape, (16,), parameters=parameters))
    assert isinstance(model, DfcVae)
    return model


def batch(n: int = 4, pixels: int = 64) -> Batch:
    return Batch(torch.rand(n, pixels, generator=generator(), dtype=torch.float64), torch.zeros(n, dtype=torch.int64))


def material(
    images: torch.Tensor, label: torch.Tensor, should_stop: Callable[[], bool] = lambda: False, seed: int = 5
) -> Material:
    """Images (n, D) and their classes, all of them where as many are asked for, else some at random."""
    source = generator(seed)

    def draw(n: int) -> Batch:
        rows = torch.arange(n) if n == len(images) else torch.randint(len(images), (n,), generator=source)
        return Batch(images[rows], label[rows])

    return Material(len(images), int(label.max()) + 1, draw, should_stop)


def layer(maps: NDArray[np.float64], weight: torch.Tensor, bias: torch.Tensor) -> NDArray[np.float64]:
    """A rectified 3×3 convolution of stride 2 with a border of zeros, (C, H, W) -> (C', ⌈H/2⌉, ⌈W/2⌉)."""
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1)))
    kernels = weight.detach().numpy()
    sums = [sum(correlate2d(plane, k, mode="valid") for plane, k in zip(padded, kernel, strict=True)) for kernel in kernels]
    whole = np.stack(sums) + bias.detach().numpy()[:, None, None]
    result: NDArray[np.float64] = np.maximum(whole[:, ::2, ::2], 0)
    return result


def layers(model: DfcVae, image: torch.Tensor) -> list[NDArray[np.float64]]:
    features = model.classifier
    planes = np.moveaxis(image.detach().numpy().reshape(model.spec.image_shape), 2, 0)
    first = layer(planes, features.first.weight, features.first.bias)
    return [first, layer(first, features.second.weight, features.second.bias)]


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 11, 1), (9, 11, 3)])
def test_that_the_features_are_those_of_scipy(shape: ImageShape) -> None:
    model = made(shape).double()
    images = batch(3, math.prod(shape)).images
    for i, image in enumerate(images):
        for found, wanted in zip(model.classifier(images), layers(model, image), strict=True):
            assert found[i].detach().numpy() == pytest.approx(wanted.ravel(), rel=1e-10, abs=1e-12)


def test_that_the_objective_is_that_of_the_paper() -> None:
    model, data = made().double(), batch()
    model.classifier.scale.copy_(torch.tensor([2.0, 0.5]))
    posterior = model.encode(data.images)
    logits = model.decode(posterior.sample(generator()))
    kl = kl_divergence(Normal(posterior.mean, posterior.std), Normal(0.0, 1.0)).sum(dim=1)
    log_prob = Bernoulli(logits=logits, validate_args=False).log_prob(data.images).sum(dim=1)
    features = []
    for image, rebuilt in zip(data.images, torch.sigmoid(logits), strict=True):
        pairs = zip(layers(model, image), layers(model, rebuilt), (2.0, 0.5), strict=True)
        features.append(sum(0.5 * np.square(a - b).sum() / scale for a, b, scale in pairs))
    wanted = kl.mean().item() + WEIGHT * np.mean(features) - PIXELS * log_prob.mean().item()
    loss = model.loss(data, generator())
    assert loss.total.item() == pytest.approx(wanted, rel=1e-9)
    assert loss.terms["elbo"].item() == pytest.approx((log_prob - kl).mean().item(), rel=1e-9)
    assert model.image_terms(data, generator())["feature"].tolist() == pytest.approx(features, rel=1e-9)


def test_that_the_mean_image_has_one_unit_of_difference_for_each_layer_of_features() -> None:
    model = made()
    images = torch.rand(300, 64, generator=generator())
    before = model.classifier(images)[-1]
    model.prepare(material(images, torch.arange(300) % 3))
    layers_of = model.classifier(images)
    assert not torch.equal(before, layers_of[-1])
    spreads = [((each - each.mean(dim=0)) ** 2).sum(dim=1).mean().item() / 2 for each in layers_of]
    assert model.classifier.scale.tolist() == pytest.approx(spreads, rel=1e-4)


def test_that_the_classifier_learns_the_classes_and_is_left_alone_by_training() -> None:
    model = made()
    digits = load_digits()
    images = torch.from_numpy(digits.images.reshape(-1, 64) / 16).float()
    label = torch.from_numpy(digits.target.astype(np.int64))
    separated = []
    for _ in range(2):
        features = model.classifier(images)[-1]
        centres = torch.stack([features[label == c][::2].mean(dim=0) for c in range(10)])
        separated.append((torch.cdist(features[1::2], centres).argmin(dim=1) == label[1::2]).double().mean().item())
        if len(separated) == 1:
            model.prepare(material(images, label))
    assert separated[1] > separated[0] + 0.2
    moved = {id(weight) for phase in model.phases() for weight in phase.weights}
    frozen = list(model.classifier.parameters())
    assert not any(id(weight) in moved or weight.requires_grad for weight in frozen)
    assert len(moved) + len(frozen) == len(list(model.parameters()))


def test_that_what_was_prepared_travels_in_the_state_dict_and_is_the_same_for_a_seed() -> None:
    images = torch.rand(60, 64, generator=generator())
    label = torch.arange(60) % 3
    first, second = made(), made()
    for model in (first, second):
        torch.manual_seed(1)
        model.prepare(material(images, label))
    kept = {name for name in first.state_dict() if name.startswith("classifier.")}
    assert kept == {"classifier.scale", *(f"classifier.{a}.{b}" for a in ("first", "second") for b in ("weight", "bias"))}
    assert all(torch.equal(first.state_dict()[name], second.state_dict()[name]) for name in kept)


def test_that_a_stop_ends_what_is_learned_first_and_leaves_it_whole() -> None:
    images, asked = torch.rand(300, 64, generator=generator()), iter(range(100))
    model, once = made(), material(images, torch.arange(300) % 3, should_stop=lambda: next(asked) == 2)
    model.prepare(once)
    assert next(asked) == 3
    assert model.classifier.scale.isfinite().all()
    assert not any(weight.requires_grad for weight in model.classifier.parameters())


def test_that_images_of_one_class_teach_nothing() -> None:
    model, images = made(), torch.rand(300, 64, generator=generator())
    before = model.classifier(images)
    model.prepare(material(images, torch.zeros(300, dtype=torch.int64)))
    assert all(torch.equal(one, other) for one, other in zip(before, model.classifier(images), strict=True))


def test_that_figures_are_those_of_the_family() -> None:
    model, data = made().double(), batch()
    found = mean_terms(model, data.images, data.label, samples=2)
    assert tuple(found) == FAMILIES["dfc-vae"].terms
    assert all(math.isfinite(value) for value in found.values())
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"], rel=1e-9)
