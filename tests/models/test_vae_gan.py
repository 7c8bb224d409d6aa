"""The three losses of the VAE-GAN against loops, finite differences and torch.distributions, and whose weights each moves."""

from __future__ import annotations

import math

import pytest
import torch
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.models.slopes import generator, nine_images
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae_gan import VaeGan

WEIGHT, GAMMA, PENALTY, SCALE = 7.0, 0.3, 2.0, 0.25


@pytest.fixture
def model() -> VaeGan:
    torch.manual_seed(3)
    parameters = {"feature_weight": WEIGHT, "gamma": GAMMA, "gradient_penalty": PENALTY}
    made = build_model(ModelSpec("vae-gan", "mlp", (3, 2, 1), (5, 4), parameters=parameters)).double()
    assert isinstance(made, VaeGan)
    made.scale.fill_(SCALE)
    return made


@pytest.fixture
def batch() -> Batch:
    return nine_images()


def made_images(model: VaeGan, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """x̃ and x_p by the draws of the same seed."""
    source = generator()
    posterior = model.encode(batch.images)
    z, drawn = (torch.empty(9, 2, dtype=torch.float64).normal_(generator=source) for _ in range(2))
    return torch.sigmoid(model.decoder(posterior.mean + posterior.std * z)), torch.sigmoid(model.decoder(drawn))


def chance(model: VaeGan, image: torch.Tensor) -> float:
    """D(x)."""
    return 1 / (1 + math.exp(-model.discriminator(image[None]).item()))


def features_by_loops(model: VaeGan, images: torch.Tensor, rebuilt: torch.Tensor) -> list[float]:
    layer = model.discriminator.first
    pairs = zip(layer(images).tolist(), layer(rebuilt).tolist(), strict=True)
    return [sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) / (2 * SCALE) for x, y in pairs]


def test_that_the_encoder_minimises_kl_and_the_difference_of_features(model: VaeGan, batch: Batch) -> None:
    rebuilt, _ = made_images(model, batch)
    posterior = model.encode(batch.images)
    kl = kl_divergence(Normal(posterior.mean, posterior.std), Normal(0.0, 1.0)).sum(dim=1).mean().item()
    feature = sum(features_by_loops(model, batch.images, rebuilt)) / 9
    log_prob = Bernoulli(probs=rebuilt, validate_args=False).log_prob(batch.images).sum(dim=1).mean().item()
    loss = model.loss(batch, generator())
    assert loss.total.item() == pytest.approx(kl + WEIGHT * feature, rel=1e-9)
    assert loss.loss is not None
    assert loss.loss.item() == pytest.approx(-log_prob, rel=1e-9)
    assert loss.terms["elbo"].item() == pytest.approx(log_prob - kl, rel=1e-9)


def test_that_the_decoder_minimises_features_and_what_gives_its_images_away(model: VaeGan, batch: Batch) -> None:
    rebuilt, drawn = made_images(model, batch)
    fooling = sum(-math.log(chance(model, image)) / 2 for image in (*rebuilt, *drawn)) / 9
    feature = sum(features_by_loops(model, batch.images, rebuilt)) / 9
    loss = model.decoder_loss(batch, generator())
    assert loss.total.item() == pytest.approx(GAMMA * WEIGHT * feature + fooling, rel=1e-9)
    assert loss.terms["adversarial"].item() == pytest.approx(fooling, rel=1e-9)


def test_that_the_discriminator_minimises_its_cross_entropy_and_its_slope(model: VaeGan, batch: Batch) -> None:
    rebuilt, drawn = made_images(model, batch)
    real = sum(-math.log(chance(model, image)) for image in batch.images) / 9
    unreal = sum(-math.log(1 - chance(model, image)) / 2 for image in (*rebuilt, *drawn)) / 9
    step, slopes = 1e-6, 0.0
    for move in step * torch.eye(6, dtype=torch.float64):
        sides = model.discriminator(batch.images + move) - model.discriminator(batch.images - move)
        slopes += (sides / (2 * step)).square().sum().item()
    loss = model.discriminator_loss(batch, generator())
    assert loss.terms["discriminator"].item() == pytest.approx(real + unreal, rel=1e-9)
    assert loss.total.item() == pytest.approx(real + unreal + PENALTY / 2 * slopes / 9, rel=1e-7)


def test_that_the_scale_follows_what_the_layer_varies_by(model: VaeGan, batch: Batch) -> None:
    features = model.discriminator.first(batch.images)
    spread = sum(column.var(correction=1).item() for column in features.T) / 2
    model.discriminator_loss(batch, generator())
    assert model.scale.item() == pytest.approx(0.9 * SCALE + 0.1 * spread, rel=1e-9)
    model.discriminator_loss(Batch(batch.images[:1], batch.label[:1]), generator())
    assert model.scale.item() == pytest.approx(0.9 * SCALE + 0.1 * spread, rel=1e-9)


def test_that_the_scale_stays_a_number_where_the_layer_has_none(model: VaeGan, batch: Batch) -> None:
    with torch.no_grad():
        next(model.discriminator.first.parameters()).fill_(math.inf)
    loss = model.discriminator_loss(batch, generator())
    assert not math.isfinite(loss.total.item())
    assert model.scale.item() == SCALE


def test_that_each_phase_moves_its_own_weights(model: VaeGan) -> None:
    names = {id(weight): name.split(".")[0] for name, weight in model.named_parameters()}
    parts = [{names[id(weight)] for weight in phase.weights} for phase in model.phases()]
    assert parts == [{"encoder", "head"}, {"decoder"}, {"discriminator"}]


def test_that_the_discriminator_is_not_asked_to_be_fooled(model: VaeGan, batch: Batch) -> None:
    """Its own loss gives neither encoder nor decoder a gradient."""
    others = [*model.encoder.parameters(), *model.head.parameters(), *model.decoder.parameters()]
    loss = model.discriminator_loss(batch, generator()).total
    assert all(slope is None for slope in torch.autograd.grad(loss, others, allow_unused=True))


def test_that_figures_are_those_of_the_family(model: VaeGan, batch: Batch) -> None:
    found = mean_terms(model, batch.images, batch.label, samples=2)
    assert tuple(found) == FAMILIES["vae-gan"].terms
    assert all(math.isfinite(value) for value in found.values())
    assert found["elbo"] == pytest.approx(found["reconstruction"] - found["kl"], rel=1e-9)
