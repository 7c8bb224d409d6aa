from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.distributions import Bernoulli, Independent, Normal, kl_divergence

import vae_explorer as vx
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.objective import objective_terms
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.terms import term

IMAGE = np.random.default_rng(0).random((28, 28), dtype=np.float32).round()


def test_that_the_terms_of_a_vae_are_those_of_torch_distributions() -> None:
    model = vx.load("digits-vae")
    image = np.random.default_rng(1).random((8, 8), dtype=np.float32).round()
    found = {each.name: each for each in objective_terms(model, image, draws=4096)}
    assert {name: each.weight for name, each in found.items()} == {"reconstruction": -1.0, "kl": 1.0}
    code = model.encode(image)
    q = Independent(Normal(torch.from_numpy(code.mean[0]).double(), torch.from_numpy(code.std[0]).double()), 1)
    prior = Independent(Normal(torch.zeros(2).double(), torch.ones(2).double()), 1)
    assert found["kl"].value == pytest.approx(kl_divergence(q, prior).item(), rel=1e-4)
    torch.manual_seed(5)
    pixels = torch.from_numpy(model.decode(q.sample((4096,)).float().numpy())).double().clamp(1e-12, 1 - 1e-12)
    draws = Bernoulli(probs=pixels).log_prob(torch.from_numpy(image).double()).sum(dim=(1, 2))
    error = draws.std().item() / math.sqrt(4096)
    assert found["reconstruction"].value == pytest.approx(draws.mean().item(), abs=6 * error)


def test_that_another_beta_is_the_weight_of_the_kl_term() -> None:
    weights = {each.name: each.weight for each in objective_terms(vx.load("mnist-beta-10"), IMAGE, draws=4)}
    assert weights == {"reconstruction": -1.0, "kl": pytest.approx(10.0)}


@pytest.mark.parametrize("name", list(pretrained_models()))
def test_that_every_family_has_terms_at_one_image(name: str) -> None:
    model: TrainedModel = vx.load(name)
    found = objective_terms(model, np.resize(IMAGE, model.image_shape), draws=4)
    assert found
    for each in found:
        assert each.of_all == term(each.name).of_all
        assert math.isfinite(each.value)
        assert (each.weight is None) == (not model.network.weights())


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("mnist-gan", {"discriminator", "adversarial"}),
        ("mnist-vae-gan", {"feature", "kl", "discriminator", "adversarial"}),
        ("mnist-aae", {"reconstruction", "discriminator", "adversarial"}),
    ],
)
def test_that_of_a_game_those_terms_come_that_are_in_a_loss(name: str, lost: set[str]) -> None:
    assert {each.name for each in objective_terms(vx.load(name), IMAGE, draws=4)} == lost


@pytest.mark.parametrize("name", ["digits-vae", "mnist-cvae", "mnist-iaf-vae", "mnist-iwae"])
def test_that_exact_terms_are_near_the_means_over_draws(name: str) -> None:
    model = vx.load(name)
    height, width, _ = model.image_shape
    image = model.decode(np.array([0.4, -0.3]), 3 if model.card.spec.classes else None)[0].round()[:height, :width]
    exact = EvidenceEngine(model).bound(image, 3)
    found = {each.name: each for each in objective_terms(model, image, 3, exact=exact)}
    sampled = {each.name: each for each in objective_terms(model, image, 3, draws=2048)}
    known = {"reconstruction", "kl", "elbo", "conditional_elbo"} & set(found)
    for each in found.values():
        assert each.exact == (each.name in known)
        tolerance = 0.3 if each.name in known else 0.6  # nats; of 2,048 draws against none, and against 256
        assert each.value == pytest.approx(sampled[each.name].value, abs=tolerance)
    assert sampled.get("reconstruction") is None or not sampled["reconstruction"].exact


def test_that_a_term_without_chance_is_exact_and_a_sampled_one_is_none_of_a_part() -> None:
    whole = {each.name: each for each in objective_terms(vx.load("mnist-sparse-ae"), IMAGE)}
    assert all(each.exact for each in whole.values())
    exact = EvidenceEngine(vx.load("mnist-info-vae")).bound(IMAGE)
    part = {each.name: each for each in objective_terms(vx.load("mnist-info-vae"), IMAGE, exact=exact, partial=True)}
    assert (part["reconstruction"].value, part["mmd"].of_all) == (exact.reconstruction[0], True)
    weighted = {each.name: each for each in objective_terms(vx.load("mnist-iwae"), IMAGE, exact=exact, partial=True)}
    assert math.isnan(weighted["iwae"].value)


def test_that_a_quadrature_that_has_not_converged_is_neither_exact_nor_sampled() -> None:
    bound = EvidenceEngine(vx.load("mnist-vae")).bound(IMAGE)
    for difference, exact in ((9e-4, True), (2e-3, False)):
        found = objective_terms(vx.load("mnist-vae"), IMAGE, exact=replace(bound, difference=np.array([difference])))
        assert {(each.name, each.exact, each.sampled) for each in found} == {
            ("reconstruction", exact, False),
            ("kl", exact, False),
        }


def test_that_an_image_of_another_size_is_refused_in_one_line() -> None:
    with pytest.raises(UserError, match="do not fit this model"):
        objective_terms(vx.load("digits-vae"), IMAGE)


def test_that_free_bits_above_the_mean_kl_take_its_weight() -> None:
    model = vx.load("mnist-hierarchical-vae")
    weights = {each.name: each.weight for each in objective_terms(model, IMAGE, draws=2)}
    assert weights["kl"] == 1.0
    model.card = replace(model.card, metrics=model.card.metrics | {"kl": 3.9})
    weights = {each.name: each.weight for each in objective_terms(model, IMAGE, draws=2)}
    assert weights["kl"] == 0.0
    assert weights["kl_lower"] == 1.0
