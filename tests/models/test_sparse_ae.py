"""The sparse autoencoder against the hidden layer worked out by hand, and finite differences."""

from __future__ import annotations

import math

import pytest
import torch

from tests.models.slopes import check_gradients
from vae_explorer.models.base import Batch, LatentModel, build_model
from vae_explorer.models.spec import ModelSpec


def a_batch(n: int = 5) -> Batch:
    images = torch.rand(n, 6, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    return Batch(images, torch.zeros(n, dtype=torch.int64))


def a_model(sparsity: float, body: str = "mlp", family: str = "sparse-ae") -> LatentModel:
    torch.manual_seed(2)
    return build_model(ModelSpec(family, body, (3, 2, 1), (5, 4), parameters={"sparsity": sparsity})).double()


def last_hidden_layer(model: LatentModel, image: list[float]) -> list[float]:
    """By loops over units: two dense layers with GELU, x Φ(x), after each."""
    for layer in ("encoder.0", "encoder.2"):
        weight, bias = (model.get_parameter(f"{layer}.{part}").tolist() for part in ("weight", "bias"))
        sums = [sum(w * x for w, x in zip(row, image, strict=True)) + b for row, b in zip(weight, bias, strict=True)]
        image = [a * 0.5 * (1 + math.erf(a / math.sqrt(2))) for a in sums]
    return image


def test_that_sparsity_is_the_norm_of_the_last_hidden_layer() -> None:
    model, batch = a_model(0.7), a_batch()
    hidden = [last_hidden_layer(model, image) for image in batch.images.tolist()]
    assert any(unit < 0 for row in hidden for unit in row)  # else the norm could be a sum
    wanted = [sum(abs(unit) for unit in row) for row in hidden]
    assert model.image_terms(batch)["sparsity"].tolist() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("body", ["mlp", "conv"])
@pytest.mark.parametrize("sparsity", [0.0, 0.7])
def test_that_the_weight_is_that_of_the_norm_alone(body: str, sparsity: float) -> None:
    batch = a_batch()
    plain = a_model(0.0, body, "ae")  # the same weights, as the seed is the same
    loss = a_model(sparsity, body).loss(batch)
    wanted = (
        plain.loss(batch).total.item() + sparsity * plain.get_submodule("encoder")(batch.images).norm(p=1, dim=1).mean().item()
    )
    assert loss.total.item() == pytest.approx(wanted, rel=1e-12)
    assert set(loss.terms) == {"reconstruction", "sparsity"}


def test_that_the_gradient_of_the_loss_is_that_of_finite_differences() -> None:
    model, batch = a_model(0.7), a_batch()
    check_gradients(model, lambda: model.loss(batch).total)
