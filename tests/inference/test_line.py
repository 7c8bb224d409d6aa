"""The evidence of models of one latent against scipy's quadrature, and against itself."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer.codes import Codes
from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.inference.evidence.exact import exact_engine
from vae_explorer.inference.evidence.line_engine import LineEngine
from vae_explorer.inference.evidence.results import Evidence
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import GELU, RELU


class OneLatent:
    """A small model of one latent, and its log-densities at single points by its own network."""

    def __init__(
        self, family: str = "vae", likelihood: str = "bernoulli", gain: float = 4.0, activation: str = GELU, **more: float
    ) -> None:
        self.model = small_model(family, likelihood, gain, activation, latents=1, **more)

    def log_joint(self, image: np.ndarray, z: float, label: int | None = None, seen: np.ndarray | None = None) -> float:
        network, flat = self.model.network, torch.from_numpy(image.reshape(1, -1)).double()
        condition = None if label is None else network.one_hot(torch.tensor([label]), 1).double()
        with torch.inference_mode():
            parameters = network.decode(torch.tensor([[z]], dtype=torch.float64), condition)
            if seen is not None:
                flat, parameters = flat[:, seen.ravel()], parameters[:, seen.ravel()]
            return float(network.likelihood.log_prob(flat, parameters)) + float(norm.logpdf(z))

    def log_evidence(self, image: np.ndarray, label: int | None = None, seen: np.ndarray | None = None) -> float:
        top = max(self.log_joint(image, z, label, seen) for z in np.linspace(-8, 8, 401))
        value, _ = quad(
            lambda z: math.exp(self.log_joint(image, z, label, seen) - top), -9, 9, limit=400, epsabs=1e-12, epsrel=1e-10
        )
        return math.log(value) + top

    def moments(self, image: np.ndarray) -> tuple[float, float]:
        with torch.inference_mode():
            q = self.model.network.encode(torch.from_numpy(image.reshape(1, -1)).double())
        return float(q.mean), float(q.std)

    def elbo_of(self, image: np.ndarray, mean: float, std: float) -> float:
        def integrand(z: float) -> float:
            return float(norm.pdf(z, mean, std) * (self.log_joint(image, z) - norm.logpdf(z, mean, std)))

        return float(quad(integrand, mean - 9 * std, mean + 9 * std, limit=400, epsabs=1e-11, epsrel=1e-10)[0])


@pytest.mark.parametrize("likelihood", tuple(LIKELIHOODS))
def test_that_log_p_and_the_elbo_are_those_of_scipy(likelihood: str) -> None:
    one = OneLatent(likelihood=likelihood)
    images = some_images(one.model, 3)
    found = vx.evidence(one.model, images)
    assert isinstance(found, Evidence)
    assert found.log_evidence == pytest.approx([one.log_evidence(image) for image in images], abs=1e-6)
    elbo = [one.elbo_of(image, *one.moments(image)) for image in images]
    assert found.elbo == pytest.approx(elbo, abs=1e-6)
    assert found.posterior_kl == pytest.approx(found.log_evidence - elbo, abs=1e-5)
    assert found.converged.all()


def test_that_narrow_posteriors_are_refined() -> None:
    """With a σ of 0.003 p(z|x) is far narrower than the first step, since there are no codes to set it."""
    one = OneLatent(likelihood="gaussian", gain=8.0, sigma=0.003)
    with torch.inference_mode():
        drawn = one.model.network.likelihood.mean(one.model.network.decode(torch.tensor([[0.3], [-1.1]], dtype=torch.float64)))
    images = drawn.numpy().reshape(2, *one.model.image_shape).astype(np.float32)
    found = vx.evidence(one.model, images)
    line = LineEngine(one.model).line(images[0])
    assert line.difference <= 1e-5
    assert np.diff(line.z).min() < np.diff(line.z).max() / 2
    top = max(one.log_joint(images[0], z) for z in line.z)
    mean, std = line.moments()
    breaks = (mean - 8 * std, mean, mean + 8 * std)
    value = sum(
        quad(lambda z: math.exp(one.log_joint(images[0], z) - top), *ends, epsabs=0, epsrel=1e-9)[0]
        for ends in pairwise(breaks)
    )
    assert found.log_evidence[0] == pytest.approx(math.log(value) + top, abs=1e-5)


def test_that_rectified_units_converge() -> None:
    found = vx.evidence(OneLatent(activation=RELU).model, some_images(OneLatent().model, 6))
    assert found.converged.all()


def test_that_a_conditional_model_has_an_evidence_for_each_class() -> None:
    one = OneLatent("cvae")
    images = np.repeat(some_images(one.model, 1), 2, axis=0)
    found = vx.evidence(one.model, images, [4, 0])
    assert found.log_evidence == pytest.approx([one.log_evidence(images[0], label) for label in (4, 0)], abs=1e-6)
    with pytest.raises(UserError, match="needs classes"):
        vx.evidence(one.model, images)


def test_that_hidden_pixels_count_for_nothing() -> None:
    one = OneLatent()
    image, seen = some_images(one.model, 1)[0], np.array([[True, False, True], [False, True, True]])
    found = LineEngine(one.model).evidence(image, seen=seen)
    assert found.log_evidence[0] == pytest.approx(one.log_evidence(image, seen=seen), abs=1e-6)
    assert found.residual == pytest.approx(0, abs=1e-5)


def test_that_no_gaussian_beats_the_best() -> None:
    one = OneLatent(gain=6.0)
    images = some_images(one.model, 4)
    evidence, gaps = exact_engine(one.model).gaps(images)
    assert (gaps.approximation > -1e-6).all()
    assert (gaps.amortisation > -1e-6).all()
    assert gaps.approximation + gaps.amortisation == pytest.approx(evidence.posterior_kl, abs=1e-4)
    for row, image in enumerate(images):
        mean, std = float(gaps.best_mean[row, 0]), float(gaps.best_std[row, 0])
        best = one.elbo_of(image, mean, std)
        assert evidence.log_evidence[row] - gaps.approximation[row] == pytest.approx(best, abs=1e-5)
        others = [one.elbo_of(image, mean + a * std, std * b) for a in (-2, -0.1, 0, 0.1, 2) for b in (0.5, 0.95, 1.05, 2)]
        assert max(others) < best


def test_that_codes_far_out_are_reached() -> None:
    """An image whose likelihood is high only at z = 20, where the encoder places it."""
    one = OneLatent(likelihood="gaussian", sigma=0.01)
    network = one.model.network
    network.decoder = _Step(6)
    bias = network.head.bias
    with torch.no_grad():
        network.head.weight.zero_()
        bias.copy_(torch.tensor([20.0, -6.0], dtype=bias.dtype))
    found = LineEngine(one.model).evidence(np.full((2, 3), 0.8, np.float32))
    z = np.linspace(10, 30, 400_001)
    joint = (
        -0.5 * 6 * ((0.8 - 1 / (1 + np.exp(18 - z))) / 0.01) ** 2 - 6 * math.log(0.01 * math.sqrt(2 * math.pi)) + norm.logpdf(z)
    )
    wanted = math.log(np.exp(joint - joint.max()).sum() * (z[1] - z[0])) + joint.max()
    assert found.log_evidence[0] == pytest.approx(wanted, abs=1e-3)


class _Step(torch.nn.Module):
    def __init__(self, pixels: int) -> None:
        super().__init__()
        self._pixels = pixels

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return (z - 18.0).expand(-1, self._pixels)


def test_that_codes_set_step_and_ends_of_the_line() -> None:
    one = OneLatent()
    mean = np.array([[9.0], [0.0]], np.float32)
    one.model.codes = Codes(mean, np.array([[0.5], [0.03]], np.float32), np.zeros(2, np.uint8), np.zeros(2, np.uint8))
    line = LineEngine(one.model).line(some_images(one.model, 1)[0])
    assert np.diff(line.z).max() <= 0.01 + 1e-9
    assert line.z[-1] >= 9 + 9 * 0.5 - 1e-6
    assert line.mass.sum() == pytest.approx(1)


def test_that_importance_sampling_comes_near_and_can_be_stopped() -> None:
    one = OneLatent()
    images = some_images(one.model, 3)
    engine = LineEngine(one.model)
    drawn = engine.importance(images, (500, 50_000))
    assert drawn[1] == pytest.approx(engine.evidence(images).log_evidence, abs=0.02)
    with pytest.raises(Cancelled):
        engine.evidence(images, should_stop=lambda: True)


def test_that_a_model_of_two_latents_has_the_engine_of_the_plane() -> None:
    model: TrainedModel = small_model()
    assert not isinstance(exact_engine(model), LineEngine)
    three = replace(model.card, spec=replace(model.card.spec, latent_dim=3))
    model.card = three
    with pytest.raises(UserError, match="the quadrature is of one or two latents, and the model has 3"):
        exact_engine(model)
