from __future__ import annotations

import pytest
import torch

from vae_explorer.models.likelihoods import LIKELIHOODS

BERNOULLI = LIKELIHOODS["bernoulli"]


@pytest.mark.parametrize("scale", [0.1, 1.0, 20.0, 200.0])
def test_that_bernoulli_is_that_of_torch_distributions(scale: float) -> None:
    generator = torch.Generator().manual_seed(0)
    logits = scale * torch.randn(50, 12, generator=generator, dtype=torch.float64)
    images = torch.randint(0, 2, (50, 12), generator=generator).double()
    wanted = torch.distributions.Bernoulli(logits=logits).log_prob(images).sum(dim=1)
    # torch's softplus is the identity above 20, an error of at most 2e-9 nats a pixel.
    assert torch.allclose(BERNOULLI.log_prob(images, logits), wanted, rtol=1e-12, atol=12 * 2.1e-9)


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
