"""The plain autoencoder against loops over pixels, singular values and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.models.slopes import check_gradients
from vae_explorer.models.base import Batch, LatentModel, build_model
from vae_explorer.models.spec import ModelSpec


def a_batch(n: int = 5, pixels: int = 6) -> Batch:
    images = torch.rand(n, pixels, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Batch(images, torch.zeros(n, dtype=torch.int64))


@pytest.fixture(params=["mlp", "conv"])
def model(request: pytest.FixtureRequest) -> LatentModel:
    torch.manual_seed(2)
    return build_model(ModelSpec("ae", request.param, (3, 2, 1), (5, 4))).double()


def cross_entropy_by_pixel(images: Tensor, probability: Tensor) -> list[float]:
    """−Σ x log p + (1 − x) log(1 − p) of each image."""
    pairs = ([(x, p) for x, p in zip(*rows, strict=True)] for rows in zip(images.tolist(), probability.tolist(), strict=True))
    return [-sum(x * math.log(p) + (1 - x) * math.log(1 - p) for x, p in row) for row in pairs]


def test_that_the_loss_is_the_cross_entropy_of_what_the_code_decodes_to(model: LatentModel) -> None:
    batch = a_batch()
    code = model.encode(batch.images).mean
    wanted = cross_entropy_by_pixel(batch.images, 1 / (1 + torch.exp(-model.decode(code))))
    assert (-model.image_terms(batch)["reconstruction"]).tolist() == pytest.approx(wanted, rel=1e-12)
    loss = model.loss(batch)
    assert loss.total.item() == pytest.approx(sum(wanted) / len(wanted), rel=1e-12)
    assert loss.terms["reconstruction"].item() == pytest.approx(-loss.total.item(), rel=1e-12)


def test_that_mean_squared_error_is_what_a_gaussian_of_variance_one_half_minimises() -> None:
    torch.manual_seed(2)
    model = build_model(ModelSpec("ae", "mlp", (3, 2, 1), (5,), "gaussian", parameters={"sigma": math.sqrt(0.5)})).double()
    batch = a_batch()
    picture = torch.sigmoid(model.decode(model.encode(batch.images).mean))
    squares = sum((x - y) ** 2 for x, y in zip(batch.images.flatten().tolist(), picture.flatten().tolist(), strict=True))
    assert model.loss(batch).total.item() == pytest.approx(squares / 5 + 6 / 2 * math.log(math.pi), rel=1e-6)  # σ is a float32


def test_that_a_code_is_a_point_and_draws_of_it_are_the_same(model: LatentModel) -> None:
    posterior = model.encode(a_batch().images)
    assert posterior.mean.shape == (5, 2)
    assert posterior.std.abs().max().item() == 0
    assert torch.equal(posterior.sample(torch.Generator().manual_seed(3)), posterior.mean)


def test_that_the_gradient_of_the_loss_is_that_of_finite_differences(model: LatentModel) -> None:
    batch = a_batch()
    check_gradients(model, lambda: model.loss(batch).total)


def test_that_a_linear_autoencoder_of_the_principal_directions_loses_the_other_singular_values() -> None:
    """The best linear code in two dimensions: Baldi & Hornik 1989."""
    random = np.random.default_rng(0)
    centred = random.normal(size=(200, 6)) * np.array([0.05, 0.04, 0.01, 0.01, 0.005, 0.005])
    centred -= centred.mean(axis=0)
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    model = build_model(ModelSpec("ae", "mlp", (3, 2, 1), (), "gaussian", parameters={"sigma": 1.0})).double()
    first = torch.from_numpy(directions[:2])
    # Around ½ the picture sigmoid(a) is ½ + a / 4.
    weights = {"head.weight": first, "head.bias": -first.sum(dim=1) / 2, "decoder.0.weight": 4 * first.T}
    model.load_state_dict(weights | {"decoder.0.bias": torch.zeros(6)})
    batch = Batch(torch.from_numpy(centred + 0.5), torch.zeros(200, dtype=torch.int64))
    wanted = -0.5 * (values[2:] ** 2).sum() / 200 - 3 * math.log(2 * math.pi)
    assert model.loss(batch).terms["reconstruction"].item() == pytest.approx(wanted, abs=1e-6)
