"""The true posterior of a whole and of a part of an image, and what the ELBO loses where."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

import vae_explorer as vx
from tests.inference.evidence_models import small_model, some_images
from vae_explorer import locations
from vae_explorer.data.base import Cancelled, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.inference.evidence import engine as engine_of_the_evidence
from vae_explorer.inference.evidence import gaps as gaps_of_the_bound
from vae_explorer.inference.evidence.bound import Bound, bound, divergence
from vae_explorer.inference.evidence.engine import EvidenceEngine
from vae_explorer.inference.evidence.importance import importance_weights
from vae_explorer.inference.evidence.observed import Observed
from vae_explorer.inference.evidence.survey import Survey, survey
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.measure import measured_images


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return vx.load("digits-vae")


@pytest.fixture(scope="module")
def images(model: TrainedModel) -> np.ndarray:
    from pathlib import Path

    part = load_dataset("digits", Fetching(Path("unused"))).test
    return measured_images(part.images[:12], Binarised.DYNAMIC).numpy().reshape(-1, 8, 8, 1)


@pytest.fixture
def engine(model: TrainedModel) -> EvidenceEngine:
    return EvidenceEngine(model)


def left_half() -> np.ndarray:
    seen = np.zeros((8, 8), bool)
    seen[:, :4] = True
    return seen


def test_that_without_a_pixel_the_posterior_is_the_prior(engine: EvidenceEngine, images: np.ndarray) -> None:
    found = engine.posterior(images[0], seen=np.zeros((8, 8), bool), sides=((-3, 3), (-3, 3)), size=(64, 64))
    assert found.log_evidence == pytest.approx(0, abs=1e-9)
    assert found.mean == pytest.approx([0, 0], abs=1e-6)
    assert found.covariance == pytest.approx(np.eye(2), abs=1e-6)
    assert found.area == pytest.approx(-2 * math.pi * math.log(0.05), rel=0.01)
    assert found.levels == pytest.approx(
        [share / (2 * math.pi) for share in (0.5, 0.2, 0.05)], rel=0.1
    )  # the lattice is a coarse one
    centre = (np.arange(64) + 0.5) * 6 / 64 - 3
    prior = np.exp(-0.5 * (centre[:, None] ** 2 + centre**2)) / (2 * math.pi)
    assert found.density == pytest.approx(prior, abs=1e-5)


def test_that_with_all_pixels_it_is_that_of_the_image(engine: EvidenceEngine, images: np.ndarray) -> None:
    whole, same = engine.posterior(images[1]), engine.posterior(images[1], seen=np.ones((8, 8), bool))
    assert same.log_evidence == pytest.approx(whole.log_evidence, abs=1e-4)
    assert same.mean == pytest.approx(whole.mean, abs=1e-4)
    assert same.density == pytest.approx(whole.density, rel=1e-3, abs=1e-3)


def test_that_half_an_image_is_at_least_as_likely(engine: EvidenceEngine, images: np.ndarray) -> None:
    half, whole = engine.evidence(images, seen=left_half()), engine.evidence(images)
    assert (half.log_evidence >= whole.log_evidence).all()
    assert np.abs(half.residual).max() <= 1e-3


def test_that_hidden_pixels_count_for_nothing(engine: EvidenceEngine, images: np.ndarray) -> None:
    other = images.copy()
    other[:, :, 4:] = 1 - other[:, :, 4:]
    ours, theirs = (engine.log_evidence(some, seen=left_half()).log_evidence for some in (images, other))
    assert np.array_equal(ours, theirs)


@pytest.mark.parametrize("likelihood", list(LIKELIHOODS))
def test_that_black_and_white_halves_share_what_the_whole_has(likelihood: str) -> None:
    """p(x_seen) by the engine, and by its own definition over a fine grid with the likelihood's distribution of each pixel."""
    small = small_model("vae", likelihood)
    image = some_images(small, 1)[0]
    seen = np.array([[1, 0, 1], [0, 0, 1]], bool)
    axis = np.linspace(-7, 7, 281)
    z = torch.tensor(np.stack([part.ravel() for part in np.meshgrid(axis, axis)], axis=1))
    with torch.inference_mode():
        parameters = small.network.decode(z)[:, seen.ravel()]
        flat = torch.from_numpy(image[seen, 0]).double().expand(len(z), -1)
        joint = small.network.likelihood.log_prob(flat, parameters) - 0.5 * z.square().sum(1) - math.log(2 * math.pi)
    wanted = float(torch.logsumexp(joint, 0)) + 2 * math.log(axis[1] - axis[0])
    assert EvidenceEngine(small).posterior(image, seen=seen).log_evidence == pytest.approx(wanted, abs=1e-6)


def test_that_the_raster_is_a_density(engine: EvidenceEngine, images: np.ndarray) -> None:
    found = engine.posterior(images[0])
    cell = (found.x_range[1] - found.x_range[0]) * (found.y_range[1] - found.y_range[0]) / found.density.size
    assert found.density.sum() * cell == pytest.approx(1, abs=2e-3)
    held = [found.density[found.density >= level].sum() * cell for level in found.levels]
    assert held == pytest.approx([0.5, 0.8, 0.95], abs=0.03)


def test_that_a_raster_of_few_cells_loses_no_peak(engine: EvidenceEngine, images: np.ndarray) -> None:
    found = engine.posterior(images[0], sides=((-6, 6), (-6, 6)), size=(12, 12))
    assert found.density.sum() == pytest.approx(1, abs=1e-3)  # cells of area 1


def test_that_samples_have_the_posteriors_moments(engine: EvidenceEngine, images: np.ndarray) -> None:
    found = engine.posterior(images[2])
    samples = found.samples(20_000, np.random.default_rng(0))
    assert samples.mean(axis=0) == pytest.approx(found.mean, abs=4 * math.sqrt(found.covariance.max() / 20_000))
    assert np.cov(samples.T) == pytest.approx(found.covariance, abs=0.1 * found.covariance.max())


def test_that_samples_move_little_where_the_posterior_does(engine: EvidenceEngine, images: np.ndarray) -> None:
    """One pixel more that is hidden; draws of the same random numbers stay within a part of the posterior's width."""
    more = left_half()
    more[tuple(np.argwhere(more)[0])] = False
    before, after = (engine.posterior(images[3], seen=seen) for seen in (left_half(), more))
    first, second = (found.samples(500, np.random.default_rng(4)) for found in (before, after))
    width = math.sqrt(np.trace(before.covariance))
    assert np.abs(second - first).mean() < 0.2 * width
    assert np.abs(first - first[::-1]).mean() > 0.5 * width  # as far as draws lie apart


def test_that_the_bound_alone_is_that_of_the_evidence(engine: EvidenceEngine, images: np.ndarray) -> None:
    for seen in (None, left_half()):
        found, wanted = engine.bound(images[1], seen=seen), engine.evidence(images[1], seen=seen)
        assert (found.reconstruction[0], found.kl[0]) == (wanted.reconstruction[0], wanted.kl[0])


def test_that_what_stopped_one_question_does_not_stop_the_next(engine: EvidenceEngine, images: np.ndarray) -> None:
    with pytest.raises(Cancelled):
        engine.evidence(images[1], should_stop=lambda: True)
    assert engine.bound(images[1]).elbo[0] == engine.evidence(images[1]).elbo[0]


def test_that_the_mean_image_is_the_mean_over_samples(model: TrainedModel, engine: EvidenceEngine, images: np.ndarray) -> None:
    found = engine.posterior(images[3], seen=left_half())
    samples = found.samples(4000, np.random.default_rng(1))
    assert engine.mean_image(found) == pytest.approx(model.decode(samples).mean(axis=0)[..., None], abs=0.03)


def test_that_no_gaussian_is_better_than_the_true_posterior(engine: EvidenceEngine, images: np.ndarray) -> None:
    _, gaps = engine.gaps(images)
    assert (gaps.approximation >= -1e-3).all()


def test_that_gaps_count_as_exact_only_where_the_elbo_of_the_best_gaussian_does(
    engine: EvidenceEngine, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The encoder's own q, where that is the best, is as exact as its evidence."""

    def rough(*given: Any) -> Bound:
        found = bound(*given)
        return replace(found, difference=np.full_like(found.difference, 0.5))

    evidence, exact = engine.gaps(images)
    monkeypatch.setattr(gaps_of_the_bound, "bound", rough)
    _, gaps = engine.gaps(images)
    wanted = np.where(exact.amortisation > 0, 0.5, evidence.step_halving_difference)
    assert (exact.amortisation > 0).any()
    assert exact.converged.all()
    assert gaps.step_halving_difference == pytest.approx(wanted)
    parts = list(survey(engine, images))
    found = np.concatenate([part.exact for part in parts])[np.argsort(np.concatenate([part.rows for part in parts]))]
    assert found.tolist() == (wanted <= 1e-3).tolist()


def test_that_a_survey_calls_nothing_exact_where_the_identity_is_missed(
    model: TrainedModel, images: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each term by itself may stand still under step halving, and be wrong."""

    def off(*given: Any) -> tuple[np.ndarray, np.ndarray]:
        kl, difference = divergence(*given)
        return kl + np.where(np.arange(len(kl)) == 0, 0.002, 0.0), difference

    monkeypatch.setattr(engine_of_the_evidence, "divergence", off)
    (part,) = survey(EvidenceEngine(model), images)
    assert part.exact.tolist() == [False] + [True] * (len(images) - 1)


def test_that_no_search_finds_a_better_gaussian(model: TrainedModel, engine: EvidenceEngine, images: np.ndarray) -> None:
    """A search without derivatives, on the ELBO by 4,096 fixed draws that have the moments of N(0, I)."""
    evidence, gaps = engine.gaps(images[:2])
    half = torch.randn(2048, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    noise = torch.cat([half, -half])
    noise = noise @ torch.linalg.inv(torch.linalg.cholesky(noise.T @ noise / len(noise))).T
    for row in range(2):
        flat = torch.from_numpy(images[row].reshape(1, -1)).expand(len(noise), -1)

        def cost(theta: np.ndarray, flat: torch.Tensor = flat) -> float:
            mean, log_std = torch.from_numpy(theta[:2]), torch.from_numpy(theta[2:])
            with torch.inference_mode():
                decoded = model.network.decode((mean + log_std.exp() * noise).float())
                fit = model.network.likelihood.log_prob(flat, decoded).double().mean()
            kl = 0.5 * (mean.square() + (2 * log_std).exp() - 1 - 2 * log_std).sum()
            return float(kl - fit)

        ours = np.concatenate([gaps.best_mean[row], np.log(gaps.best_std[row])])
        found = minimize(cost, ours + 0.05, method="Nelder-Mead", options={"maxiter": 200, "xatol": 1e-3, "fatol": 1e-4})
        assert cost(ours) <= found.fun + 2e-3
        assert evidence.log_evidence[row] - gaps.approximation[row] == pytest.approx(-cost(ours), abs=0.05)


def test_that_one_image_is_asked_for_at_a_time(engine: EvidenceEngine, images: np.ndarray) -> None:
    with pytest.raises(vx.UserError, match="one image at a time"):
        engine.posterior(images)


def test_that_a_survey_says_of_each_image_what_the_engine_says_of_it_alone(
    model: TrainedModel, engine: EvidenceEngine, images: np.ndarray
) -> None:
    chunks = list(survey(EvidenceEngine(model), images))
    order = np.argsort(np.concatenate([chunk.rows for chunk in chunks]))
    joined = {name: np.concatenate([getattr(chunk, name) for chunk in chunks])[order] for name in Survey.__slots__}
    assert joined["rows"].tolist() == list(range(len(images)))
    for row in (0, 5):
        found, gaps = engine.gaps(images[row])
        for name in ("log_evidence", "elbo", "reconstruction"):
            assert joined[name][row] == pytest.approx(getattr(found, name)[0], abs=1e-3)
        assert joined["amortisation_gap"][row] == pytest.approx(gaps.amortisation[0], abs=1e-3)
        assert joined["approximation_gap"][row] == pytest.approx(gaps.approximation[0], abs=1e-3)
        assert joined["posterior_area"][row] == pytest.approx(engine.posterior(images[row]).area, rel=0.01)
        assert joined["exact"][row]


def test_that_a_survey_can_be_stopped_between_chunks(engine: EvidenceEngine, images: np.ndarray) -> None:
    asked: list[bool] = []
    chunks = survey(engine, np.repeat(images, 80, axis=0), should_stop=lambda: bool(asked))
    first = next(chunks)
    assert 0 < len(first.rows) < 80 * len(images)
    asked.append(True)
    with pytest.raises(Cancelled):
        list(chunks)


@pytest.mark.parametrize("name", ["digits-vae", pytest.param("mnist-iaf-vae", marks=pytest.mark.real_data)])
def test_that_importance_weights_are_those_of_decoded_draws(name: str) -> None:
    model = vx.load(name)
    part = load_dataset(model.card.dataset, Fetching(locations.data(), download=False)).test
    flat = measured_images(part.images[:3], Binarised.DYNAMIC)
    lattice, observed = EvidenceEngine(model).lattice, Observed(flat)
    with torch.inference_mode():
        posterior = model.network.encode(flat)
        ours = importance_weights(lattice, posterior, observed, 200, torch.Generator().manual_seed(0))
        z, log_q = posterior.place(torch.randn(200, 3, 2, generator=torch.Generator().manual_seed(0)))
        fit = [model.network.likelihood.log_prob(flat, model.network.decode(one)) for one in z]
    theirs = torch.stack(fit) - 0.5 * z.square().sum(dim=2) - math.log(2 * math.pi) - log_q
    assert ours == pytest.approx(theirs.double().numpy(), abs=2e-3)
