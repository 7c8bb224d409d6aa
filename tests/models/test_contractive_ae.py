"""The contraction against closed forms, and finite differences of codes and of the loss."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.models.slopes import check_gradients
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.contractive_ae import ContractiveAe
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.spec import ModelSpec


def a_model(
    hidden: tuple[int, ...] = (5, 4), body: str = "mlp", contraction: float = 0.7, activation: str = "gelu"
) -> ContractiveAe:
    torch.manual_seed(2)
    spec = ModelSpec("contractive-ae", body, (3, 2, 1), hidden, parameters={"contraction": contraction}, activation=activation)
    model = build_model(spec)
    assert isinstance(model, ContractiveAe)
    return model.double()


def some_images(n: int = 5, pixels: int = 6) -> Tensor:
    return torch.rand(n, pixels, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def a_batch(n: int = 5) -> Batch:
    return Batch(some_images(n), torch.zeros(n, dtype=torch.int64))


def test_that_the_contraction_of_a_linear_encoder_is_the_square_of_its_weights() -> None:
    model = a_model(())
    wanted = sum(w * w for row in model.head.weight.tolist() for w in row)
    assert model.image_terms(a_batch())["contraction"].tolist() == pytest.approx([wanted] * 5, rel=1e-12)


def test_that_the_contraction_of_one_hidden_layer_is_its_closed_form() -> None:
    """∂z/∂x = V diag(a > 0) W with ReLU: Rifai et al. 2011, with the slope of this activation and a layer on top."""
    model = a_model((30,), activation="relu")
    first, bias = model.get_parameter("encoder.0.weight"), model.get_parameter("encoder.0.bias")
    wanted = []
    for image in some_images():
        on = (first @ image + bias > 0).double()
        assert 0 < on.sum() < 30
        wanted.append((model.head.weight @ torch.diag(on) @ first).norm().item() ** 2)
    assert model.image_terms(a_batch())["contraction"].tolist() == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_contraction_is_that_of_finite_differences_of_the_code(body: str) -> None:
    model, step = a_model(body=body), 1e-6
    for image, found in zip(some_images(), model.image_terms(a_batch())["contraction"].tolist(), strict=True):
        both = torch.cat([image + step * torch.eye(6), image - step * torch.eye(6)]).double()
        ahead, behind = model.encode(both).mean.chunk(2)
        assert found == pytest.approx(((ahead - behind) / (2 * step)).square().sum().item(), rel=1e-6)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_gradient_of_the_loss_is_that_of_finite_differences(body: str) -> None:
    model, batch = a_model(body=body, contraction=20.0), a_batch()
    loss = model.loss(batch)
    assert loss.total.item() == pytest.approx(20 * loss.terms["contraction"].item() - loss.terms["reconstruction"].item())
    check_gradients(model, lambda: model.loss(batch).total)


def test_that_large_layers_in_single_precision_have_the_same_gradient() -> None:
    """Layers of this size take the other matrix library."""
    spec = ModelSpec("contractive-ae", "mlp", (20, 20, 1), (64,), parameters={"contraction": 50.0})
    images = some_images(64, 400)
    found = {}
    for dtype in (torch.float32, torch.float64):
        torch.manual_seed(2)
        model = build_model(spec).to(dtype)
        loss = model.loss(Batch(images.to(dtype), torch.zeros(64, dtype=torch.int64)))
        found[dtype] = torch.autograd.grad(loss.terms["contraction"], model.get_parameter("encoder.0.weight"))[0].double()
    assert found[torch.float64].norm().item() > 1e-4
    assert (found[torch.float32] - found[torch.float64]).norm() < 1e-5 * found[torch.float64].norm()


def test_that_figures_need_no_gradients_to_be_on() -> None:
    model, batch = a_model(), a_batch()
    wanted = model.image_terms(batch)["contraction"]
    assert wanted.requires_grad
    found = mean_terms(model, batch.images, batch.label)
    assert found["contraction"] == pytest.approx(wanted.mean().item(), rel=1e-12)
    with torch.no_grad():
        assert not any(values.requires_grad for values in model.image_terms(batch).values())
    assert not batch.images.requires_grad
