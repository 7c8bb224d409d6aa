"""The three losses of the adversarial autoencoder against loops and torch.distributions, and whose weights each moves."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli

from tests.models.slopes import generator, nine_images
from vae_explorer.models.aae import Aae
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.spec import ModelSpec


@pytest.fixture
def model() -> Aae:
    torch.manual_seed(3)
    made = build_model(ModelSpec("aae", "mlp", (3, 2, 1), (5,), parameters={"regularisation": 0.7})).double()
    assert isinstance(made, Aae)
    return made


@pytest.fixture
def batch() -> Batch:
    return nine_images()


def chance(model: Aae, z: torch.Tensor) -> float:
    """D(z)."""
    return 1 / (1 + math.exp(-model.discriminator(z[None]).item()))


def test_that_the_first_phase_is_the_reconstruction_error(model: Aae, batch: Batch) -> None:
    z = model.encode(batch.images).mean
    wanted = Bernoulli(logits=model.decode(z), validate_args=False).log_prob(batch.images).sum(dim=1)
    assert model.loss(batch).total.item() == pytest.approx(-wanted.mean().item(), rel=1e-10)
    assert model.image_terms(batch)["reconstruction"].tolist() == pytest.approx(wanted.tolist(), rel=1e-10)


def test_that_the_discriminator_is_told_draws_of_the_prior_from_codes(model: Aae, batch: Batch) -> None:
    drawn = torch.empty(9, 2, dtype=torch.float64).normal_(generator=generator())
    codes = model.encode(batch.images).mean
    each = [-math.log(chance(model, a)) - math.log(1 - chance(model, b)) for a, b in zip(drawn, codes, strict=True)]
    assert model.discriminator_loss(batch, generator()).total.item() == pytest.approx(sum(each) / 9, rel=1e-10)
    assert model.image_terms(batch, generator())["discriminator"].tolist() == pytest.approx(each, rel=1e-10)


def test_that_the_encoder_is_to_look_like_the_prior(model: Aae, batch: Batch) -> None:
    each = [-math.log(chance(model, code)) for code in model.encode(batch.images).mean]
    assert model.encoder_loss(batch).total.item() == pytest.approx(sum(each) / 9, rel=1e-10)
    assert model.image_terms(batch)["adversarial"].tolist() == pytest.approx(each, rel=1e-10)


def test_that_a_discriminator_that_knows_nothing_has_twice_log_two(model: Aae, batch: Batch) -> None:
    with torch.no_grad():
        for weight in model.discriminator.parameters():
            weight.zero_()
    assert model.image_terms(batch)["discriminator"].tolist() == pytest.approx([2 * math.log(2)] * 9)


def test_that_each_phase_moves_its_own_weights(model: Aae) -> None:
    names = {id(weight): name.split(".")[0] for name, weight in model.named_parameters()}
    parts = [{names[id(weight)] for weight in phase.weights} for phase in model.phases()]
    assert parts == [{"encoder", "head", "decoder"}, {"discriminator"}, {"encoder", "head"}]
    assert [phase.rate for phase in model.phases()] == [1.0, 0.7, 0.7]


def test_that_a_learned_sigma_is_learned_with_the_reconstruction() -> None:
    model = build_model(ModelSpec("aae", "mlp", (3, 2, 1), (5,), "gaussian-learned"))
    learned = dict(model.named_parameters())["likelihood.free_log_std"]
    assert [any(weight is learned for weight in phase.weights) for phase in model.phases()] == [True, False, False]


def test_that_the_game_pulls_far_codes_to_the_prior() -> None:
    """The mean of the codes lies at (3, −3); the encoder is pulled to where the discriminator has learned that the prior is."""
    torch.manual_seed(0)
    model = build_model(ModelSpec("aae", "mlp", (2, 2, 1), (8,)))
    assert isinstance(model, Aae)
    batch = Batch(torch.rand(64, 4, generator=generator()), torch.zeros(64, dtype=torch.int64))
    bias = model.get_parameter("head.bias")
    with torch.no_grad():
        bias.copy_(torch.tensor([3.0, -3.0]))
    weights, noise = list(model.discriminator.parameters()), generator()
    for _ in range(60):
        slopes = torch.autograd.grad(model.discriminator_loss(batch, noise).total, weights)
        with torch.no_grad():
            for weight, down in zip(weights, slopes, strict=True):
                weight -= 0.2 * down
    (slope,) = torch.autograd.grad(model.encoder_loss(batch).total, [bias])
    assert slope[0] > 0 > slope[1]
    assert model.image_terms(batch, noise)["discriminator"].mean() < 0.5


def test_that_figures_are_those_of_the_family(model: Aae, batch: Batch) -> None:
    assert tuple(model.image_terms(batch)) == FAMILIES["aae"].terms
    found = mean_terms(model, batch.images, batch.label)
    assert found.keys() == set(FAMILIES["aae"].terms)
    assert all(math.isfinite(value) for value in found.values())
