"""Likelihoods against torch.distributions, against integrals, and against loops over pixels."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch.distributions import ContinuousBernoulli, Normal

from vae_explorer.errors import UserError
from vae_explorer.models.likelihoods import LIKELIHOODS, likelihood_named
from vae_explorer.models.observation import Bernoulli, Likelihood, ProductLikelihood, build_likelihood
from vae_explorer.models.spec import PRODUCTS, ModelSpec


def spec(likelihood: str = "bernoulli", **parameters: float) -> ModelSpec:
    return ModelSpec("vae", "mlp", (2, 3, 1), (4,), likelihood, parameters=parameters)


BERNOULLI = Bernoulli(spec())
GREY = ("continuous-bernoulli", "gaussian", "gaussian-learned")


def some(scale: float, n: int = 50) -> tuple[torch.Tensor, torch.Tensor]:
    """Grey images and the decoder's numbers, (n, 6) each."""
    generator = torch.Generator().manual_seed(0)
    numbers = scale * torch.randn(n, 6, generator=generator, dtype=torch.float64)
    return torch.rand(n, 6, generator=generator, dtype=torch.float64), numbers


@pytest.mark.parametrize("scale", [0.1, 1.0, 20.0, 200.0])
def test_that_bernoulli_is_that_of_torch_distributions(scale: float) -> None:
    grey, logits = some(scale)
    images = grey.round()
    wanted = torch.distributions.Bernoulli(logits=logits).log_prob(images).sum(dim=1)
    # torch's softplus is the identity above 20, an error of at most 2e-9 nats a pixel.
    assert torch.allclose(BERNOULLI.log_prob(images, logits), wanted, rtol=1e-12, atol=6 * 2.1e-9)


def test_that_the_bernoulli_mean_is_the_probability_of_a_white_pixel() -> None:
    logits = torch.linspace(-30, 30, 61, dtype=torch.float64)[None]
    assert torch.allclose(BERNOULLI.mean(logits), torch.distributions.Bernoulli(logits=logits).mean, rtol=1e-12)


def test_that_all_images_of_a_few_pixels_together_have_probability_one() -> None:
    images = torch.cartesian_prod(*[torch.tensor([0.0, 1.0], dtype=torch.float64)] * 4)
    logits = torch.tensor([0.3, -2.0, 5.0, 0.0], dtype=torch.float64).expand(16, 4)
    assert torch.logsumexp(BERNOULLI.log_prob(images, logits), dim=0).item() == pytest.approx(0.0, abs=1e-12)


def test_that_extreme_logits_stay_finite() -> None:
    logits = torch.tensor([[1e4, -1e4]])
    assert BERNOULLI.log_prob(torch.tensor([[1.0, 0.0]]), logits).item() == 0.0
    assert BERNOULLI.log_prob(torch.tensor([[0.0, 1.0]]), logits).item() == -2e4


@pytest.mark.parametrize("scale", [0.01, 1.0, 8.0])
def test_that_the_continuous_bernoulli_is_that_of_torch_distributions(scale: float) -> None:
    images, logits = some(scale)
    theirs = ContinuousBernoulli(logits=logits, lims=(0.4999, 0.5001))
    ours = build_likelihood(spec("continuous-bernoulli"))
    assert torch.allclose(ours.log_prob(images, logits), theirs.log_prob(images).sum(dim=1), rtol=1e-7, atol=1e-7)
    assert torch.allclose(ours.mean(logits), theirs.mean, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("logit", [-300.0, -5.0, -0.0101, -0.0099, 0.0, 1e-9, 0.0099, 0.0101, 3.0, 300.0])
def test_that_the_continuous_bernoulli_is_a_density_with_its_mean(logit: float) -> None:
    ours = build_likelihood(spec("continuous-bernoulli"))

    def density(x: float) -> float:
        number = torch.tensor([[logit]], dtype=torch.float64)
        return math.exp(ours.log_prob(torch.tensor([[x]], dtype=torch.float64), number).item())

    points = [0.0, 0.02, 0.2, 0.8, 0.98, 1.0]
    pieces = list(pairwise(points))
    assert sum(quad(density, low, high)[0] for low, high in pieces) == pytest.approx(1, abs=1e-8)
    mean = sum(quad(lambda x: x * density(x), low, high)[0] for low, high in pieces)
    assert ours.mean(torch.tensor([[logit]], dtype=torch.float64)).item() == pytest.approx(mean, abs=1e-8)


@pytest.mark.parametrize("name", ["gaussian", "gaussian-learned"])
@pytest.mark.parametrize("sigma", [0.05, 0.3, 1.5])
def test_that_the_gaussian_is_that_of_torch_distributions(name: str, sigma: float) -> None:
    images, numbers = some(2.0)
    wanted = Normal(torch.sigmoid(numbers), sigma).log_prob(images).sum(dim=1)
    ours = build_likelihood(spec(name, sigma=sigma)).double()
    for log_std in ours.parameters():
        torch.nn.init.constant_(log_std, math.log(sigma))
    assert torch.allclose(ours.log_prob(images, numbers), wanted, rtol=1e-12)
    assert torch.equal(ours.mean(numbers), torch.sigmoid(numbers))


def test_that_mse_is_the_gaussian_of_variance_one_half_but_for_a_constant() -> None:
    images, numbers = some(2.0)
    ours = -build_likelihood(spec("gaussian", sigma=math.sqrt(0.5))).log_prob(images, numbers)
    squares = [
        sum((x - 1 / (1 + math.exp(-a))) ** 2 for x, a in zip(*pair, strict=True))
        for pair in zip(images.tolist(), numbers.tolist(), strict=True)
    ]
    assert np.ptp(ours.numpy() - np.array(squares)) < 1e-9


def test_that_a_learned_std_goes_to_the_error_that_is_left() -> None:
    images, numbers = some(2.0, 400)
    ours = build_likelihood(spec("gaussian-learned", sigma=0.3)).double()
    optimiser = torch.optim.LBFGS(ours.parameters(), max_iter=100)

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = -ours.log_prob(images, numbers).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)
    (log_std,) = ours.parameters()
    error = (images - torch.sigmoid(numbers)).square().mean().sqrt()
    assert math.exp(log_std.item()) == pytest.approx(error.item(), rel=1e-4)


def test_that_a_fixed_std_has_no_weights() -> None:
    assert not list(build_likelihood(spec("gaussian", sigma=0.2)).parameters())


@pytest.mark.parametrize("name", list(LIKELIHOODS))
def test_that_gradients_are_those_of_finite_differences(name: str) -> None:
    images, numbers = some(1.0, 5)
    images = images.round() if name == "bernoulli" else images
    numbers[0, 0] = 0.0
    ours: Likelihood = build_likelihood(spec(name)).double()
    assert torch.autograd.gradcheck(lambda a: ours.log_prob(images, a), numbers.requires_grad_())


@pytest.mark.parametrize("name", list(LIKELIHOODS))
def test_that_mean_images_stay_in_the_range_of_a_pixel(name: str) -> None:
    numbers = torch.tensor([[-1e5, -50.0, -1e-3, 0.0, 1e-3, 50.0, 1e5]])
    mean = build_likelihood(spec(name)).mean(numbers)
    assert mean.isfinite().all()
    assert mean.min() >= 0
    assert mean.max() <= 1
    assert mean[0].tolist() == sorted(mean[0].tolist())


def test_that_losses_name_their_likelihood() -> None:
    assert (likelihood_named("BCE"), likelihood_named("mse"), likelihood_named("gaussian")) == (
        "bernoulli",
        "gaussian",
        "gaussian",
    )
    with pytest.raises(UserError, match="unknown likelihood 'l1'"):
        likelihood_named("l1")


@pytest.mark.parametrize("name", PRODUCTS)
def test_that_log_p_is_a_product_with_the_image_less_a_normaliser(name: str) -> None:
    likelihood = build_likelihood(spec(name))
    assert isinstance(likelihood, ProductLikelihood)
    images, numbers = some(3.0)
    coefficients = likelihood.coefficients(numbers)
    found = (images * coefficients - likelihood.normaliser(coefficients) + likelihood.base(images)).sum(dim=1)
    assert torch.allclose(found, likelihood.log_prob(images, numbers), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", list(LIKELIHOODS))
def test_that_log_p_is_the_sum_over_pixels_and_a_part_of_the_image_alone(name: str) -> None:
    likelihood = build_likelihood(spec(name)).double()
    images, numbers = some(3.0)
    images[0] = torch.tensor([0, 1, 0, 1, 0.5, 0.2])
    each = likelihood.of_pixels(images, likelihood.coefficients(numbers))
    assert torch.allclose(
        (each + likelihood.base(images)).sum(dim=1), likelihood.log_prob(images, numbers), rtol=1e-6, atol=1e-6
    )
