"""The ELBO against closed forms, by hand, by quadrature and by finite differences."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.integrate import dblquad
from torch.distributions import Normal, kl_divergence

from tests.models.slopes import check_gradients, generator
from vae_explorer.models.base import Batch
from vae_explorer.models.beta_vae import BetaVae
from vae_explorer.models.measure import mean_terms
from vae_explorer.models.posterior import MAX_LOG_VARIANCE, MIN_LOG_VARIANCE, GaussianPosterior
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.vae import Vae

MEAN, LOG_VARIANCE = (0.6, -0.25), (-1.0, 0.5)  # of the two-pixel model at the image (1, 0)


@pytest.fixture
def two_pixels() -> Vae:
    """An image of two pixels, no hidden layer, and weights that a person can follow."""
    model = Vae(ModelSpec("vae", "mlp", (1, 2, 1), ())).double()
    weights = {
        "head.weight": [[0.5, 9.0], [-0.25, 9.0], [0.0, 9.0], [0.5, 9.0]],
        "head.bias": [0.1, 0.0, -1.0, 0.0],
        "decoder.0.weight": [[1.0, 2.0], [-1.0, 0.5]],
        "decoder.0.bias": [0.3, -0.2],
    }
    model.load_state_dict({name: torch.tensor(value, dtype=torch.float64) for name, value in weights.items()})
    return model


def image() -> torch.Tensor:
    return torch.tensor([[1.0, 0.0]], dtype=torch.float64)


def batch(images: torch.Tensor) -> Batch:
    return Batch(images, torch.zeros(len(images), dtype=torch.int64))


def elbo_of(model: Vae, images: torch.Tensor) -> dict[str, float]:
    return mean_terms(model, images, torch.zeros(len(images), dtype=torch.int64))


def log_likelihood_by_hand(z: tuple[float, float]) -> float:
    """log p((1, 0) | z) of the two-pixel model."""
    first, second = z[0] + 2 * z[1] + 0.3, -z[0] + 0.5 * z[1] - 0.2
    return math.log(1 / (1 + math.exp(-first))) + math.log(1 - 1 / (1 + math.exp(-second)))


def kl_by_hand() -> float:
    return sum(0.5 * (m * m + math.exp(v) - 1 - v) for m, v in zip(MEAN, LOG_VARIANCE, strict=True))


def normal_density(x: float, mean: float, variance: float) -> float:
    return math.exp(-((x - mean) ** 2) / (2 * variance)) / math.sqrt(2 * math.pi * variance)


def test_that_the_posterior_of_the_two_pixel_model_is_the_one_by_hand(two_pixels: Vae) -> None:
    posterior = two_pixels.encode(image())
    assert posterior.mean[0].tolist() == pytest.approx(MEAN, rel=1e-12)
    assert posterior.std[0].tolist() == pytest.approx([math.exp(v / 2) for v in LOG_VARIANCE], rel=1e-12)


def test_that_the_parts_of_the_elbo_are_those_by_hand(two_pixels: Vae) -> None:
    noise = torch.empty(1, 2, dtype=torch.float64).normal_(generator=generator())[0].tolist()
    z = tuple(m + math.exp(v / 2) * e for m, v, e in zip(MEAN, LOG_VARIANCE, noise, strict=True))
    reconstruction, kl = two_pixels.elbo_terms(batch(image()), generator())
    assert reconstruction.tolist() == pytest.approx([log_likelihood_by_hand((z[0], z[1]))], rel=1e-12)
    assert kl.tolist() == pytest.approx([kl_by_hand()], rel=1e-12)


def test_that_the_mean_elbo_of_many_draws_is_the_integral(two_pixels: Vae) -> None:
    variance = [math.exp(v) for v in LOG_VARIANCE]

    def integrand(b: float, a: float) -> float:
        q = normal_density(a, MEAN[0], variance[0]) * normal_density(b, MEAN[1], variance[1])
        return q * log_likelihood_by_hand((a, b))

    reconstruction, _ = dblquad(integrand, -8, 8, -10, 10)
    figures = elbo_of(two_pixels, image().expand(50_000, 2))
    assert figures["kl"] == pytest.approx(kl_by_hand(), rel=1e-9)
    assert figures["reconstruction"] == pytest.approx(reconstruction, abs=0.02)
    assert figures["elbo"] == pytest.approx(figures["reconstruction"] - figures["kl"], rel=1e-12)


def test_that_the_elbo_is_below_the_evidence_of_the_integral(two_pixels: Vae) -> None:
    def joint(b: float, a: float) -> float:
        return math.exp(log_likelihood_by_hand((a, b))) * normal_density(a, 0, 1) * normal_density(b, 0, 1)

    evidence, _ = dblquad(joint, -9, 9, -9, 9)
    assert elbo_of(two_pixels, image().expand(50_000, 2))["elbo"] < math.log(evidence)


def test_that_kl_is_that_of_torch_distributions() -> None:
    mean = torch.randn(100, 2, generator=generator(), dtype=torch.float64) * 3
    log_variance = torch.empty(100, 2, dtype=torch.float64).uniform_(MIN_LOG_VARIANCE, MAX_LOG_VARIANCE, generator=generator())
    wanted = kl_divergence(Normal(mean, (0.5 * log_variance).exp()), Normal(0.0, 1.0)).sum(dim=1)
    assert torch.allclose(GaussianPosterior(mean, log_variance).kl_to_prior(), wanted, rtol=1e-10, atol=1e-10)


def test_that_the_prior_itself_has_no_kl() -> None:
    assert GaussianPosterior(torch.zeros(3, 2), torch.zeros(3, 2)).kl_to_prior().tolist() == [0, 0, 0]


def test_that_samples_have_the_mean_and_std_of_the_posterior() -> None:
    posterior = GaussianPosterior(
        torch.tensor([[1.0, -2.0]]).expand(100_000, 2), torch.tensor([[-2.0, 1.0]]).expand(100_000, 2)
    )
    sample = posterior.sample(generator())
    assert sample.mean(dim=0).tolist() == pytest.approx([1, -2], abs=0.02)
    assert sample.std(dim=0).tolist() == pytest.approx([math.exp(-1), math.exp(0.5)], rel=0.02)


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_that_beta_weighs_the_kl_term_alone(beta: float) -> None:
    model = BetaVae(ModelSpec("beta-vae", "mlp", (2, 2, 1), (3,), parameters={"beta": beta}))
    images = torch.rand(10, 4, generator=generator())
    reconstruction, kl = model.elbo_terms(batch(images), generator())
    loss = model.loss(batch(images), generator())
    assert loss.total.item() == pytest.approx(beta * kl.mean().item() - reconstruction.mean().item(), rel=1e-6)
    assert loss.terms["elbo"].item() == pytest.approx((reconstruction - kl).mean().item(), rel=1e-6)


@pytest.mark.parametrize(("progress", "beta"), [(0.0, 0.0), (0.1, 1.0), (0.2, 2.0), (0.4, 4.0), (0.7, 4.0), (1.0, 4.0)])
def test_that_beta_warms_up_in_a_straight_line(progress: float, beta: float) -> None:
    model = BetaVae(ModelSpec("beta-vae", "mlp", (2, 2, 1), (3,), parameters={"beta": 4.0, "warm_up": 0.4}))
    model.progress = progress
    assert model.kl_weight == pytest.approx(beta)


def test_that_a_model_without_beta_minimises_the_negative_elbo() -> None:
    model = Vae(ModelSpec("vae", "mlp", (2, 2, 1), (3,)))
    loss = model.loss(batch(torch.rand(10, 4, generator=generator())), generator())
    assert loss.total.item() == pytest.approx(-loss.terms["elbo"].item(), rel=1e-6)


@pytest.mark.parametrize("body", ["mlp", "conv"])
def test_that_the_gradient_of_the_loss_is_that_of_finite_differences(body: str) -> None:
    torch.manual_seed(2)
    model = BetaVae(ModelSpec("beta-vae", body, (3, 2, 1), (5, 4), parameters={"beta": 2.5})).double()
    images = torch.rand(7, 6, generator=generator(), dtype=torch.float64)
    check_gradients(model, lambda: model.loss(batch(images), generator()).total)


@pytest.mark.parametrize("bias", [-1e4, 1e4])
def test_that_the_log_variance_stays_within_its_bounds(two_pixels: Vae, bias: float) -> None:
    with torch.no_grad():
        two_pixels.get_parameter("head.bias")[2:] = bias
    log_variance = two_pixels.encode(image()).log_variance
    assert log_variance[0].tolist() == [MIN_LOG_VARIANCE if bias < 0 else MAX_LOG_VARIANCE] * 2
    assert math.isfinite(two_pixels.loss(batch(image()), generator()).total.item())


def test_that_the_same_generator_gives_the_same_loss(two_pixels: Vae) -> None:
    first, second, other = (two_pixels.loss(batch(image()), generator(seed)).total.item() for seed in (5, 5, 6))
    assert first == second != other


def test_that_a_loss_is_a_mean_over_the_batch(two_pixels: Vae) -> None:
    one = two_pixels.elbo_terms(batch(image()))[1].item()
    assert two_pixels.loss(batch(image().expand(13, 2))).terms["kl"].item() == pytest.approx(one, rel=1e-12)
