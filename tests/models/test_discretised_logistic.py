"""The discretised logistic against differences of distribution functions, and against sums over the 256 values of a pixel."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
import torch
from scipy.special import expit

from vae_explorer.models.observation import Likelihood, build_likelihood
from vae_explorer.models.spec import ModelSpec

VALUES = np.arange(256) / 255
SCALES = [0.0026, 0.02, 0.3, 2.5]
MEANS = [-40.0, -0.6, 0.0, 0.0013, 0.41, 0.5, 1.0, 1.7, 40.0]


def likelihood_of(scale: float, channels: int = 1, dtype: torch.dtype = torch.float64) -> Likelihood:
    ours = build_likelihood(ModelSpec("vae", "mlp", (1, 2, channels), (4,), "discretised-logistic")).to(dtype)
    for log_scale in ours.parameters():
        torch.nn.init.constant_(log_scale, float(np.log(scale)))
    return ours


def decoded(mean: float, n: int, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """The decoder's numbers of n pixels whose logistic has this mean."""
    return torch.full((n, 1), 4 * (mean - 0.5), dtype=dtype)


def probabilities(mean: float, scale: float) -> np.ndarray:
    """The probability of each value of a pixel, (256,), by the distribution function at the borders between the bins."""
    borders = expit(((np.arange(255) + 0.5) / 255 - mean) / scale)
    return np.diff(np.concatenate([[0.0], borders, [1.0]]))


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("mean", MEANS)
def test_that_the_values_of_a_pixel_have_the_mass_of_their_bins_and_one_in_all(mean: float, scale: float) -> None:
    images = torch.from_numpy(VALUES)[:, None]
    found = likelihood_of(scale).log_prob(images, decoded(mean, 256)).detach().exp().numpy()
    assert found == pytest.approx(probabilities(mean, scale), abs=1e-13)
    assert found.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("mean", MEANS)
@pytest.mark.parametrize("level", [0, 1, 100, 254, 255])
def test_that_float32_is_exact_far_from_the_mean(level: int, mean: float, scale: float) -> None:
    image = torch.tensor([[level / 255]])
    found = likelihood_of(scale, dtype=torch.float32).log_prob(image, decoded(mean, 1, torch.float32)).item()
    with mpmath.workdps(50 + int(abs(level / 255 - mean) / scale)):  # σ differs from 1 by exp(−15,000) in the farthest tail
        half, x = mpmath.mpf(1) / 510, mpmath.mpf(level) / 255
        at = [1 / (1 + mpmath.exp(-(x + side - mpmath.mpf(mean)) / mpmath.mpf(scale))) for side in (half, -half)]
        mass = at[0] if level == 0 else 1 - at[1] if level == 255 else at[0] - at[1]
        wanted = float(mpmath.log(mass))
    assert found == pytest.approx(wanted, rel=2e-5, abs=2e-4)


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("mean", MEANS)
def test_that_the_mean_picture_is_the_mean_over_256_values(mean: float, scale: float) -> None:
    found = likelihood_of(scale).mean(decoded(mean, 1)).item()
    assert 255 * found == pytest.approx(255 * probabilities(mean, scale) @ VALUES, abs=0.02)


def test_that_each_channel_has_a_scale_and_pixels_share_it() -> None:
    ours = likelihood_of(0.1, channels=3)
    (log_scale,) = ours.parameters()
    log_scale.data = torch.log(torch.tensor([0.05, 0.1, 0.4], dtype=torch.float64))
    levels = np.array([10, 200, 0, 255, 128, 77])
    found = ours.log_prob(torch.from_numpy(levels / 255)[None], decoded(0.4, 6).T).item()
    scales = [0.05, 0.1, 0.4] * 2  # the channel is the last axis of an image
    assert found == pytest.approx(sum(np.log(probabilities(0.4, s)[v]) for v, s in zip(levels, scales, strict=True)))


def test_that_a_learned_scale_goes_to_that_of_the_data() -> None:
    generator = np.random.default_rng(0)
    levels = np.rint(255 * generator.logistic(0.5, 0.03, 20_000)).clip(0, 255)
    images, ours = torch.from_numpy(levels / 255)[:, None], likelihood_of(0.3)
    optimiser = torch.optim.LBFGS(ours.parameters(), max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimiser.zero_grad()
        loss = -ours.log_prob(images, decoded(0.5, len(images))).mean()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimiser.step(closure)
    (log_scale,) = ours.parameters()
    assert log_scale.exp().item() == pytest.approx(0.03, rel=0.03)
