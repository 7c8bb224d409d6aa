"""The importance weighted bound against sums by hand, an integral, the ELBO and finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Normal, kl_divergence

from tests.models.slopes import check_gradients, generator
from vae_explorer.models import iwae
from vae_explorer.models.base import Batch, build_model
from vae_explorer.models.iwae import Iwae
from vae_explorer.models.spec import ModelSpec


def a_model(draws: float, body: str = "mlp", seed: int = 2) -> Iwae:
    torch.manual_seed(seed)
    model = build_model(ModelSpec("iwae", body, (3, 2, 1), (5, 4), parameters={"draws": draws})).double()
    assert isinstance(model, Iwae)
    return model


def a_batch(n: int = 4) -> Batch:
    images = torch.rand(n, 6, generator=torch.Generator().manual_seed(1)).double().round()
    return Batch(images, torch.zeros(n, dtype=torch.int64))


def by_hand(model: Iwae, batch: Batch, draws: int) -> tuple[list[list[float]], list[list[float]]]:
    """log w and log p(x|z) of each draw of each image, by torch.distributions, with the noise that the model will draw."""
    posterior = model.encode(batch.images)
    noise = torch.empty(draws, len(batch), 2).double().view(-1, 2).normal_(generator=generator()).view(draws, len(batch), 2)
    weights, likelihoods = [], []
    for k in range(draws):
        q = Normal(posterior.mean, posterior.std)
        z = posterior.mean + posterior.std * noise[k]
        likelihood = Bernoulli(logits=model.decode(z)).log_prob(batch.images).sum(dim=1)
        weight = likelihood + Normal(0.0, 1.0).log_prob(z).sum(dim=1) - q.log_prob(z).sum(dim=1)
        weights.append(weight.tolist())
        likelihoods.append(likelihood.tolist())
    return weights, likelihoods


def log_mean(logarithms: list[float]) -> float:
    return math.log(sum(math.exp(value) for value in logarithms) / len(logarithms))


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_bound_is_the_log_of_the_mean_weight(body: str) -> None:
    model, batch = a_model(3, body), a_batch()
    weights, likelihoods = by_hand(model, batch, 3)
    figures = model.image_terms(batch, generator())
    assert figures["iwae"].tolist() == pytest.approx([log_mean(list(w)) for w in zip(*weights, strict=True)], rel=1e-10)
    reconstruction = [sum(values) / 3 for values in zip(*likelihoods, strict=True)]
    assert figures["reconstruction"].tolist() == pytest.approx(reconstruction, rel=1e-10)
    posterior = model.encode(batch.images)
    kl = kl_divergence(Normal(posterior.mean, posterior.std), Normal(0.0, 1.0)).sum(dim=1).tolist()
    assert figures["kl"].tolist() == pytest.approx(kl, rel=1e-10)
    assert figures["elbo"].tolist() == pytest.approx([r - k for r, k in zip(reconstruction, kl, strict=True)], rel=1e-10)


def test_that_more_samples_are_more_groups_of_k_draws() -> None:
    model, batch = a_model(2), a_batch()
    weights, likelihoods = by_hand(model, batch, 6)  # 5 samples take three groups of two
    figures = model.image_terms(batch, generator(), samples=5)
    wanted = [sum(log_mean([w[2 * g], w[2 * g + 1]]) for g in range(3)) / 3 for w in zip(*weights, strict=True)]
    assert figures["iwae"].tolist() == pytest.approx(wanted, rel=1e-10)
    reconstruction = [sum(values) / 6 for values in zip(*likelihoods, strict=True)]
    assert figures["reconstruction"].tolist() == pytest.approx(reconstruction, rel=1e-10)


def test_that_draws_decoded_in_parts_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model, batch = a_model(7), a_batch()
    whole = model.image_terms(batch, generator())
    monkeypatch.setattr(iwae, "ROWS", 9)  # two draws of four images at a time
    parts = model.image_terms(batch, generator())
    for name, values in whole.items():
        assert parts[name].tolist() == pytest.approx(values.tolist(), rel=1e-12), name


def evidence(model: Iwae, image: Tensor) -> float:
    """log p(x) by the trapezoid rule over the plane."""
    axis = torch.linspace(-8, 8, 321, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    log_joint = Bernoulli(logits=model.decode(z)).log_prob(image).sum(dim=1) + Normal(0.0, 1.0).log_prob(z).sum(dim=1)
    return float(torch.logsumexp(log_joint, dim=0)) + 2 * math.log(16 / 320)


@torch.no_grad()
def test_that_the_bound_rises_with_k_from_the_elbo_to_the_evidence() -> None:
    image = a_batch().images[:1]
    means, errors = {}, {}
    for draws in (1, 5, 100):
        model = a_model(draws)
        model.head.weight.mul_(4)  # a posterior that is not the prior
        n = 60_000 // draws
        values = model.image_terms(Batch(image.expand(n, 6), torch.zeros(n, dtype=torch.int64)), generator())
        means[draws], errors[draws] = values["iwae"].mean().item(), values["iwae"].std().item() / math.sqrt(n)
        elbo = values["elbo"].mean().item()
    assert means[1] == pytest.approx(elbo, abs=5 * errors[1])
    assert means[1] + 5 * errors[1] < means[5] < means[100] - 5 * errors[5]
    found = evidence(model, image)
    assert means[5] < found - 5 * errors[5]
    assert means[100] == pytest.approx(found, abs=0.02)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_gradient_of_the_loss_is_that_of_finite_differences(body: str) -> None:
    model, batch = a_model(3, body), a_batch()
    loss = model.loss(batch, generator())
    assert loss.total.item() == pytest.approx(-loss.terms["iwae"].item(), rel=1e-12)
    check_gradients(model, lambda: model.loss(batch, generator()).total)


def test_that_weights_far_apart_do_not_overflow() -> None:
    model, batch = a_model(5), a_batch()
    with torch.no_grad():
        model.decoder[-1].bias.fill_(3000.0)  # log p of −3000 a black pixel
    loss = model.loss(batch, generator()).total
    black = np.mean((batch.images == 0).sum(dim=1).tolist())
    assert loss.item() == pytest.approx(3000 * black, rel=0.01)
