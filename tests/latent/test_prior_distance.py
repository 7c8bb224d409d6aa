"""The distance of points to the prior in any number of dimensions, against scipy and draws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaln, hyp1f1

from vae_explorer.latent.prior_distance import mean_distance_to_normal, mean_distance_within_normal, prior_distance


@pytest.mark.parametrize("d", [1, 2, 3, 20, 100])
@pytest.mark.parametrize("radius", [0.0, 0.3, 2.0, 30.0, 1e4])
def test_that_the_mean_distance_is_that_of_the_noncentral_chi_distribution(d: int, radius: float) -> None:
    """E|x − Z| = √2 Γ((d + 1) / 2) / Γ(d / 2) · ₁F₁(−½; d / 2; −|x|² / 2)."""
    point = np.zeros((1, d))
    point[0, 0] = radius
    wanted = math.sqrt(2) * np.exp(gammaln((d + 1) / 2) - gammaln(d / 2)) * hyp1f1(-0.5, d / 2, -(radius**2) / 2)
    assert mean_distance_to_normal(point)[0] == pytest.approx(wanted, rel=1e-8)


@pytest.mark.parametrize("d", [1, 2, 7, 512])
def test_that_two_draws_of_the_prior_are_so_far_apart(d: int) -> None:
    draws = np.random.default_rng(d).normal(size=(2, 20_000, d))
    distances = np.linalg.norm(draws[0] - draws[1], axis=1)
    assert mean_distance_within_normal(d) == pytest.approx(
        distances.mean(), abs=4 * distances.std() / math.sqrt(len(distances))
    )


@pytest.mark.parametrize("d", [1, 3, 20])
def test_that_draws_of_the_prior_are_near_to_it_and_others_are_not(d: int) -> None:
    draws = np.random.default_rng(1).normal(size=(3000, d))
    assert prior_distance(draws) == pytest.approx(0, abs=5e-3)
    assert prior_distance(draws + 1) > 0.05
