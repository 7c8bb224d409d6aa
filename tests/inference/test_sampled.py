"""Importance sampling against the quadrature, and against a linear model whose log p(x) is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from tests.inference.linear_model import LinearModel
from tests.inference.test_evidence import images_of
from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.results import FEW, Estimate, Estimates
from vae_explorer.inference.evidence.sampled import EvidenceSampler

LATENTS = 20


@pytest.fixture(scope="module")
def linear() -> LinearModel:
    return LinearModel(LATENTS)


@pytest.fixture(scope="module")
def of_linear(linear: LinearModel) -> Estimates:
    found = vx.evidence(linear.model, linear.images(60))
    assert isinstance(found, Estimates)
    return found


def off(estimate: Estimate, wanted: np.ndarray) -> float:
    """The distance of the mean estimate from the mean of `wanted`, in standard errors of the draws."""
    return float((estimate.log_evidence - wanted).sum() / np.sqrt(np.square(estimate.se).sum()))


def test_that_the_mixture_agrees_with_the_quadrature() -> None:
    model, images, _ = images_of("digits-vae", 200)
    exact = EvidenceEngine(model).log_evidence(images).log_evidence
    found = EvidenceSampler(model).estimates(images)
    assert abs(off(found.mixture, exact)) <= 3
    assert np.abs(found.mixture.log_evidence - exact).max() < 0.5
    assert off(found.encoder, exact) < -3  # the encoder alone misses a part of p(z|x)
    assert found.mixture.few.mean() <= 0.02 < found.encoder.few.mean()


def test_that_bounds_and_gaps_agree_with_the_quadrature() -> None:
    model, images, _ = images_of("digits-vae", 60)
    evidence, gaps = EvidenceEngine(model).gaps(images)
    found = EvidenceSampler(model).estimates(images)
    spread = np.sqrt(np.square(found.elbo_se).sum())
    assert abs((found.elbo - evidence.elbo).sum()) <= 3 * spread
    assert found.kl == pytest.approx(evidence.kl, abs=1e-4)
    assert found.reconstruction.mean() == pytest.approx(evidence.reconstruction.mean(), abs=3 * spread / 60 + 0.05)
    assert found.best_elbo.mean() == pytest.approx((evidence.elbo + gaps.amortisation).mean(), abs=0.05)
    assert found.amortisation.mean() == pytest.approx(gaps.amortisation.mean(), abs=0.1)
    assert found.approximation.mean() == pytest.approx(gaps.approximation.mean(), abs=0.05)


def test_that_twenty_latents_have_the_closed_form(linear: LinearModel, of_linear: Estimates) -> None:
    wanted = linear.log_evidence(linear.images(60))
    assert np.ptp(wanted) > 10
    assert abs(off(of_linear.mixture, wanted)) <= 3
    assert abs(of_linear.mixture.log_evidence - wanted).max() <= 5 * of_linear.mixture.se.max()
    assert of_linear.mixture.few.mean() <= 0.1


def test_that_the_best_gaussian_is_the_one_of_the_precision(linear: LinearModel, of_linear: Estimates) -> None:
    """For a Gaussian p(z|x) = N(m, P⁻¹) the best diagonal q has mean m and variances 1 / P_ii (Bishop 2006, section 10.1.2)."""
    precision = np.eye(LATENTS) + linear.weight.T @ linear.weight / 0.05**2
    flat = linear.images(60).reshape(60, -1) - linear.bias
    mean = np.linalg.solve(precision, linear.weight.T @ flat.T / 0.05**2).T
    std = 1 / np.sqrt(np.diag(precision))
    assert np.abs((of_linear.best_mean - mean) / std).mean() < 0.1
    assert of_linear.best_std.mean(axis=0) == pytest.approx(std, rel=0.15)
    loss = 0.5 * (np.log(np.diag(precision)).sum() - np.linalg.slogdet(precision)[1])
    assert of_linear.approximation.mean() == pytest.approx(loss, abs=0.1)


def test_that_the_standard_error_is_the_spread_of_repeated_estimates(linear: LinearModel) -> None:
    image = linear.images(1)
    found = [EvidenceSampler(linear.model, 100, seed).estimates(image) for seed in range(40)]
    for name in ("encoder", "best", "mixture"):
        repeated = [getattr(one, name) for one in found]
        spread = np.std([one.log_evidence[0] for one in repeated], ddof=1)
        assert np.mean([one.se[0] for one in repeated]) == pytest.approx(spread, rel=0.5)


def test_that_few_effective_samples_are_said_and_the_figure_is_too_low() -> None:
    narrow = LinearModel(LATENTS, wide=0.35)
    images = narrow.images(30)
    found = EvidenceSampler(narrow.model).estimates(images)
    assert (found.encoder.effective_samples < FEW).all()
    assert found.encoder.few.all()
    assert (found.encoder.log_evidence - narrow.log_evidence(images)).mean() < -0.3


def test_that_a_conditional_model_is_estimated_given_the_class() -> None:
    model = small_model("cvae")
    images = np.repeat(some_images(model, 1), 2, axis=0)
    exact = EvidenceEngine(model).log_evidence(images, [0, 4])
    found = EvidenceSampler(model, 5000).estimates(images, [0, 4])
    assert np.abs(found.log_evidence - exact.log_evidence).max() <= 4 * found.mixture.se.max() <= 0.05
    with pytest.raises(UserError, match="needs classes"):
        EvidenceSampler(model).estimates(images)


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian", "discretised-logistic"])
def test_that_hidden_pixels_count_for_nothing(likelihood: str) -> None:
    model = small_model("vae", likelihood)
    image, seen = some_images(model, 1)[0], np.array([[True, False, True], [False, True, True]])
    exact = EvidenceEngine(model).log_evidence(image, seen=seen)
    found = EvidenceSampler(model, 5000).estimates(image, seen=seen)
    assert abs(found.log_evidence - exact.log_evidence)[0] <= 4 * found.mixture.se[0] <= 0.05


def test_that_it_can_be_stopped(linear: LinearModel) -> None:
    with pytest.raises(Cancelled):
        EvidenceSampler(linear.model).estimates(linear.images(2), should_stop=lambda: True)


def test_that_the_weights_of_the_network_get_no_gradients(linear: LinearModel) -> None:
    EvidenceSampler(linear.model).estimates(linear.images(1))
    assert all(weight.grad is None for weight in linear.model.network.parameters())
    assert not torch.is_inference_mode_enabled()
