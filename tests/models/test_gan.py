"""The two losses of the GAN against loops, finite differences and torch.distributions, and its codes against a finer grid."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Normal

from tests.models.slopes import generator, nine_images
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.gan import Gan
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.spec import ModelSpec

SIGMA, PENALTY = 0.2, 3.0


@pytest.fixture
def model() -> Gan:
    torch.manual_seed(3)
    parameters = {"gradient_penalty": PENALTY, "sigma": SIGMA}
    made = build_model(ModelSpec("gan", "mlp", (3, 2, 1), (5,), "gaussian", parameters=parameters)).double()
    assert isinstance(made, Gan)
    return made


@pytest.fixture
def batch() -> Batch:
    return nine_images()


def drawn(model: Gan) -> torch.Tensor:
    return torch.sigmoid(model.decoder(torch.empty(9, 2, dtype=torch.float64).normal_(generator=generator())))


def chance(model: Gan, image: torch.Tensor) -> float:
    """D(x)."""
    return 1 / (1 + math.exp(-model.discriminator(image[None]).item()))


def slope_squared(model: Gan, image: torch.Tensor, step: float = 1e-6) -> float:
    """‖∂logit/∂x‖² by finite differences."""
    moves = step * torch.eye(6, dtype=torch.float64)
    sides = [model.discriminator((image + move)[None]) - model.discriminator((image - move)[None]) for move in moves]
    return sum((side.item() / (2 * step)) ** 2 for side in sides)


def test_that_the_generator_minimises_minus_log_d_of_what_it_draws(model: Gan, batch: Batch) -> None:
    each = [-math.log(chance(model, image)) for image in drawn(model)]
    assert model.loss(batch, generator()).total.item() == pytest.approx(sum(each) / 9, rel=1e-10)
    assert model.image_terms(batch, generator())["adversarial"].tolist() == pytest.approx(each, rel=1e-10)


def test_that_the_discriminator_minimises_its_cross_entropy_and_its_slope(model: Gan, batch: Batch) -> None:
    pairs = zip(batch.images, drawn(model), strict=True)
    each = [-math.log(chance(model, real)) - math.log(1 - chance(model, made)) for real, made in pairs]
    slopes = [slope_squared(model, image) for image in batch.images]
    loss = model.discriminator_loss(batch, generator())
    assert loss.terms["discriminator"].item() == pytest.approx(sum(each) / 9, rel=1e-10)
    assert loss.total.item() == pytest.approx(sum(each) / 9 + PENALTY / 2 * sum(slopes) / 9, rel=1e-7)
    assert model.image_terms(batch, generator())["discriminator"].tolist() == pytest.approx(each, rel=1e-10)


def test_that_what_is_shown_as_the_loss_is_the_energy_distance_of_the_images(model: Gan, batch: Batch) -> None:
    real, made = batch.images.tolist(), drawn(model).tolist()
    across = sum(math.dist(a, b) for a in real for b in made) / 81
    within = sum(math.dist(a, b) for rows in (real, made) for a in rows for b in rows) / 72
    shown = model.loss(batch, generator()).loss
    assert shown is not None
    assert shown.item() == pytest.approx(2 * across - within, rel=1e-8)
    assert model.image_terms(batch, generator())["distance"].mean().item() == pytest.approx(2 * across - within, rel=1e-8)


def test_that_a_code_is_the_point_whose_image_is_nearest(model: Gan, batch: Batch) -> None:
    side = torch.linspace(-3, 3, 401, dtype=torch.float64)
    grid = torch.cartesian_prod(side, side)
    errors = torch.cdist(batch.images, torch.sigmoid(model.decoder(grid))).square()
    found = (batch.images - model.generate(model.encode(batch.images).mean)).square().sum(dim=1)
    assert (found <= errors.min(dim=1).values + 1e-5).all()


def test_that_the_reconstruction_term_is_that_of_the_found_code(model: Gan, batch: Batch) -> None:
    images = torch.sigmoid(model.decoder(model.encode(batch.images).mean))
    wanted = Normal(images, SIGMA).log_prob(batch.images).sum(dim=1)
    assert model.image_terms(batch)["reconstruction"].tolist() == pytest.approx(wanted.tolist(), rel=1e-9)


@pytest.mark.parametrize("change", ["step", "state"])
def test_that_codes_are_those_of_the_weights_as_they_are(model: Gan, batch: Batch, change: str) -> None:
    before = model.encode(batch.images).mean
    if change == "step":
        for weight in model.phases()[0].weights:
            weight.data.mul_(-2)  # which no version counts, as that of fused Adam
    else:
        model.load_state_dict({name: -2 * weight for name, weight in model.state_dict().items()}, assign=True)
    other = build_model(model.spec).double()
    other.load_state_dict(model.state_dict())
    assert torch.equal(model.encode(batch.images).mean, other.encode(batch.images).mean)
    assert not torch.allclose(model.encode(batch.images).mean, before, atol=1e-3)


def test_that_codes_are_found_in_another_precision(model: Gan, batch: Batch) -> None:
    double = model.encode(batch.images).mean
    single = model.float().encode(batch.images.float()).mean
    assert single.dtype == torch.float32
    assert torch.allclose(single.double(), double, atol=0.02)


def test_that_codes_are_found_where_gradients_are_not_to_be_had(model: Gan, batch: Batch) -> None:
    wanted = model.encode(batch.images).mean
    with torch.inference_mode():
        assert torch.equal(model.encode(batch.images).mean, wanted)
    found = mean_terms(model, batch.images, batch.label)
    assert tuple(found) == FAMILIES["gan"].terms
    assert all(math.isfinite(value) for value in found.values())


def test_that_each_phase_moves_its_own_weights(model: Gan) -> None:
    names = {id(weight): name.split(".")[0] for name, weight in model.named_parameters()}
    assert [{names[id(weight)] for weight in phase.weights} for phase in model.phases()] == [{"decoder"}, {"discriminator"}]


def test_that_the_window_is_told_how_codes_are_found() -> None:
    assert FAMILIES["gan"].posterior == "none"
    assert "no encoder" in FAMILIES["gan"].note
