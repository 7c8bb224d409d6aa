"""log p(x) and its parts against scipy's quadrature, against each other, and against what is known without any."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.integrate import dblquad, quad

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence.cover import strips_to
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.measure import measured_images

GREY_OR_BINARY = tuple(LIKELIHOODS)


def by_dblquad(model: TrainedModel, image: np.ndarray, label: int | None = None) -> float:
    """log p(x) by adaptive quadrature of the model's own `log_prob` over the plane."""
    flat = torch.from_numpy(image.reshape(1, -1)).double()
    condition = None if label is None else model.network.one_hot(torch.tensor([label]), 1).double()

    def log_joint(x: float, y: float) -> float:
        z = torch.tensor([[x, y]], dtype=torch.float64)
        log_likelihood = model.network.likelihood.log_prob(flat, model.network.decode(z, condition))
        return float(log_likelihood) - 0.5 * (x * x + y * y) - math.log(2 * math.pi)

    with torch.inference_mode():
        top = max(log_joint(x, y) for x in np.linspace(-3, 3, 25) for y in np.linspace(-3, 3, 25))
        value, _ = dblquad(lambda y, x: math.exp(log_joint(x, y) - top), -7, 7, -7, 7, epsabs=1e-8, epsrel=1e-7)
    return math.log(value) + top


def images_of(name: str, n: int) -> tuple[TrainedModel, np.ndarray, np.ndarray]:
    """A pretrained model, and the first n test images as its figures are measured on them, with their classes."""
    model = vx.load(name)
    part = load_dataset(model.card.dataset, Fetching(locations.data(), download=False)).test
    images = measured_images(part.images, model.card.binarised)[:n].numpy().reshape(-1, *model.image_shape)
    return model, images, part.labels[:n]


@pytest.mark.parametrize("likelihood", GREY_OR_BINARY)
def test_that_log_p_is_that_of_scipy(likelihood: str) -> None:
    model = small_model("vae", likelihood)
    images = some_images(model, 1)
    wanted = [by_dblquad(model, image) for image in images]
    assert vx.evidence(model, images).log_evidence == pytest.approx(wanted, abs=1e-6)


def test_that_a_conditional_model_has_an_evidence_for_each_class() -> None:
    model = small_model("cvae")
    images = np.repeat(some_images(model, 1), 2, axis=0)
    found = vx.evidence(model, images, [0, 4])
    assert found.log_evidence == pytest.approx([by_dblquad(model, images[0], label) for label in (0, 4)], abs=1e-6)
    assert abs(found.log_evidence[0] - found.log_evidence[1]) > 1e-3
    assert found.residual == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("family", [name for name in FAMILIES if FAMILIES[name].has_evidence and not FAMILIES[name].posed])
def test_that_the_identity_holds_for_every_family_with_an_evidence(family: str) -> None:
    model = small_model(family, FAMILIES[family].likelihoods[0])
    label = [1, 2, 3, 4] if FAMILIES[family].conditional else None
    found = vx.evidence(model, some_images(model), label)
    assert found.converged.all()
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert (found.posterior_kl > 0).all()
    assert found.elbo == pytest.approx(found.reconstruction - found.kl)


def test_that_the_identity_holds_where_units_are_rectified() -> None:
    """Kinks are no polynomials: Gauss–Hermite sums of two orders agree on some of these images, and both are off by 0.015 nats."""
    model = small_model(activation="relu")
    found = vx.evidence(model, some_images(model, 16))
    assert found.converged.all()
    assert found.residual == pytest.approx(0, abs=1e-3)


def test_that_the_identity_holds_for_digits() -> None:
    model, images, _ = images_of("digits-vae", 48)
    found = vx.evidence(model, images)
    assert np.abs(found.residual).max() <= 1e-3
    assert found.step_halving_difference.max() <= 1e-3


@pytest.mark.real_data
@pytest.mark.parametrize("name", ["mnist-vae", "mnist-cvae", "mnist-recurrent-vae"])
def test_that_the_identity_holds_for_mnist(name: str) -> None:
    model, images, label = images_of(name, 6)
    found = vx.evidence(model, images, label if model.card.spec.classes else None)
    assert np.abs(found.residual).max() <= 1e-3
    assert found.step_halving_difference.max() <= 1e-3


@pytest.mark.exhaustive
@pytest.mark.real_data
@pytest.mark.timeout(3600)
def test_that_the_identity_and_the_approximation_gap_hold_for_a_thousand_images() -> None:
    model, images, _ = images_of("mnist-vae", 1000)
    engine = EvidenceEngine(model)
    found, gaps = engine.gaps(images)
    assert np.abs(found.residual).max() <= 1e-3
    assert found.step_halving_difference.max() <= 1e-3
    assert gaps.approximation.min() >= -1e-3
    means = engine.importance(images, (1, 50, 500, 5000)).mean(axis=1)
    assert (np.diff(means) > 0).all()
    assert means[-1] < found.log_evidence.mean()


def test_that_images_give_the_same_alone_and_together() -> None:
    model, images, _ = images_of("digits-vae", 5)
    together = vx.evidence(model, images).log_evidence
    assert [vx.evidence(model, image).log_evidence[0] for image in images] == pytest.approx(together, abs=1e-4)


def test_that_the_elbo_is_what_many_samples_come_to() -> None:
    model, images, _ = images_of("digits-vae", 1)
    found = vx.evidence(model, images)
    flat = torch.from_numpy(images.reshape(1, -1))
    with torch.inference_mode():
        posterior = model.network.encode(flat)
        noise = torch.randn(40_000, 1, 2, generator=torch.Generator().manual_seed(0))
        z, _ = posterior.place(noise)
        draws = model.network.likelihood.log_prob(flat.expand(40_000, -1), model.network.decode(z[:, 0])).double()
    error = float(draws.std()) / 200
    assert found.reconstruction[0] == pytest.approx(float(draws.mean()), abs=4 * error)


def test_that_a_coarse_lattice_is_caught() -> None:
    model, images, _ = images_of("digits-vae", 6)
    exact = vx.evidence(model, images)
    coarse = EvidenceEngine(model, finest=1).evidence(images)
    off = np.abs(coarse.log_evidence - exact.log_evidence)
    assert (off > 1e-3).any()
    assert not coarse.converged[off > 1e-3].any()
    assert exact.converged.all()


SIGMA = 0.03  # of a pixel, so that a saturated one is out of the question


@pytest.mark.parametrize("std", [0.03, 0.009, 0.004])
def test_that_a_narrow_posterior_is_resolved_and_a_coarse_lattice_caught(std: float) -> None:
    model = small_model("vae", "gaussian", sigma=SIGMA)
    slope = 4 * SIGMA / std  # of the logit of a pixel that follows a coordinate; sigmoid's own is a quarter
    linear = torch.nn.Linear(2, 6, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.zero_()
        linear.bias.zero_()
        linear.weight[0, 0] = linear.weight[1, 1] = slope
    model.network.decoder = linear
    image = np.full((2, 3), 0.5, np.float32)
    found = EvidenceEngine(model).posterior(image)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([std, std], rel=0.1)
    assert found.log_evidence == pytest.approx(separable(slope), abs=1e-6)
    assert found.step_halving_difference <= 1e-3
    coarse = EvidenceEngine(model, finest=2).log_evidence(image)
    assert abs(coarse.log_evidence[0] - found.log_evidence) > 0.01
    assert coarse.difference[0] > 1e-3


def separable(slope: float) -> float:
    """log p(x) of that model: the plane's coordinates do not meet, so that it is one integral twice."""

    def joint(z: float) -> float:
        pixel = 1 / (1 + math.exp(-min(slope * z, 700)))
        return math.exp(-0.5 * ((0.5 - pixel) / SIGMA) ** 2 - 0.5 * z * z) / math.sqrt(2 * math.pi)

    value = 2 * sum(quad(joint, low, high, epsabs=1e-14)[0] for low, high in ((0, 0.02), (0.02, 0.1), (0.1, 1), (1, 9)))
    return 2 * math.log(value) - 6 * (math.log(SIGMA) + 0.5 * math.log(2 * math.pi))


def test_that_importance_sampling_lies_below_and_rises() -> None:
    model, images, _ = images_of("digits-vae", 60)
    engine = EvidenceEngine(model)
    exact = engine.evidence(images)
    few, more, many = np.mean([engine.importance(images, (1, 10, 100), seed=seed) for seed in range(8)], axis=(0, 2))
    assert few < more < many < exact.log_evidence.mean()
    assert few == pytest.approx(exact.elbo.mean(), abs=0.5)


def test_that_the_same_seed_draws_the_same() -> None:
    model, images, _ = images_of("digits-vae", 2)
    engine = EvidenceEngine(model)
    assert np.array_equal(engine.importance(images, (10,), seed=4), engine.importance(images, (10,), seed=4))


def test_that_the_work_can_be_stopped() -> None:
    model, images, _ = images_of("digits-vae", 2)
    engine = EvidenceEngine(model)
    with pytest.raises(Cancelled):
        engine.evidence(images, should_stop=lambda: True)
    assert engine.evidence(images).converged.all()


def test_that_a_far_code_costs_the_other_images_next_to_nothing() -> None:
    """The whole square out to it would be 6,889 tiles of level 0 for 289."""
    model, images, _ = images_of("digits-vae", 3)
    plain = EvidenceEngine(model)
    wanted = plain.evidence(images)
    far = np.concatenate([model.codes.mean, np.array([[40, -25]], np.float32)])
    model.codes = replace(model.codes, mean=far)
    engine = EvidenceEngine(model)
    found = engine.evidence(images)
    assert found.log_evidence == pytest.approx(wanted.log_evidence, abs=1e-6)
    assert engine.lattice.held_bytes < 2 * plain.lattice.held_bytes


def test_that_a_posterior_far_out_counts_where_a_code_is() -> None:
    """In a model that is linear but for the sigmoid, with its middle at 12."""
    model, slope, middle = small_model("vae", "gaussian", sigma=SIGMA), 4 * SIGMA / 0.03, 12.0
    linear = torch.nn.Linear(2, 6, dtype=torch.float64)
    with torch.no_grad():
        linear.weight.zero_()
        linear.bias.zero_()
        linear.weight[0, 0] = linear.weight[1, 1] = slope
        linear.bias[0] = -slope * middle
    model.network.decoder = linear
    nothing = np.zeros(1, np.uint8)
    model.codes = Codes(np.array([[middle, 0]], np.float32), np.ones((1, 2), np.float32), nothing, nothing)
    found = EvidenceEngine(model).log_evidence(np.full((2, 3), 0.5, np.float32))

    def joint(z: float, place: float) -> float:
        pixel = 1 / (1 + math.exp(-min(max(slope * (z - place), -700), 700)))
        return math.exp(-0.5 * ((0.5 - pixel) / SIGMA) ** 2 - 0.5 * (z * z - place * place)) / math.sqrt(2 * math.pi)

    parts = [quad(joint, place - 0.4, place + 0.4, args=(place,), epsabs=1e-14, points=[place])[0] for place in (0.0, middle)]
    wanted = sum(math.log(part) for part in parts) - middle**2 / 2 - 6 * (math.log(SIGMA) + 0.5 * math.log(2 * math.pi))
    assert found.log_evidence[0] == pytest.approx(wanted, abs=1e-4)
    assert found.mean[0] == pytest.approx([middle, 0], abs=0.02)


def test_that_the_way_to_a_far_code_is_covered_without_a_gap() -> None:
    points = np.array([[40.0, -25.0], [-9.0, 0.5], [3.0, 3.0], [np.nan, 50.0]])
    keys = strips_to(points, 7.0)
    held = {tuple(key) for key in keys.tolist()}
    shift = np.random.default_rng(0).uniform(-1.9, 1.9, (5000, 2))
    for point in points[:2]:
        way = np.random.default_rng(1).uniform(size=(5000, 1)) * point + shift
        assert {tuple(key) for key in np.floor(way).astype(int).tolist()} <= held
    assert len(keys) < 400
    assert not len(strips_to(points[2:], 7.0))


def test_that_memory_is_bounded() -> None:
    model, images, _ = images_of("digits-vae", 40)
    engine = EvidenceEngine(model, budget=2_000_000)
    bounded = engine.evidence(images)
    assert engine.lattice.held_bytes <= 2_000_000
    assert bounded.log_evidence == pytest.approx(EvidenceEngine(model).evidence(images).log_evidence, abs=1e-4)


@pytest.mark.parametrize("family", [name for name in FAMILIES if not FAMILIES[name].has_evidence])
def test_that_a_family_without_evidence_is_refused_in_one_line(family: str) -> None:
    model = small_model(family, FAMILIES[family].likelihoods[0])
    with pytest.raises(vx.UserError, match=r"there is no exact evidence of small: .*; choose"):
        vx.evidence(model, some_images(model))


def test_that_a_conditional_model_wants_the_class() -> None:
    model = small_model("cvae")
    with pytest.raises(vx.UserError, match="small needs classes; give the class of each of the 4 images"):
        vx.evidence(model, some_images(model))


def test_that_no_images_are_refused() -> None:
    model = small_model()
    with pytest.raises(vx.UserError, match="there are no images"):
        vx.evidence(model, np.zeros((0, 2, 3), np.float32))


def test_that_many_images_together_have_the_evidence_that_each_has_alone() -> None:
    """More than are looked at on the coarse plane at a time, some of which go to finer levels than others."""
    model = small_model("vae", "bernoulli")
    images = np.concatenate([some_images(model, 140), np.zeros((10, *model.image_shape), np.float32)])
    engine = EvidenceEngine(model)
    together = engine.log_evidence(images)
    alone = [engine.log_evidence(images[row]) for row in range(0, 150, 7)]
    assert together.log_evidence[::7] == pytest.approx([one.log_evidence[0] for one in alone], abs=1e-9)
    assert together.level[::7].tolist() == [one.level[0] for one in alone]
