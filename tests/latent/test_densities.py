from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import gaussian_kde, multivariate_normal, norm

from vae_explorer.latent.densities import line_density, prior_density

coordinates = st.floats(-30, 30)


@settings(deadline=None)
@given(x=coordinates, y=coordinates)
def test_that_the_prior_density_is_that_of_a_standard_normal(x: float, y: float) -> None:
    assert prior_density((x, y)) == pytest.approx(multivariate_normal([0, 0]).pdf([x, y]), rel=1e-9, abs=1e-300)


def test_that_the_prior_density_is_highest_at_the_origin() -> None:
    assert prior_density((0, 0)) == pytest.approx(1 / (2 * math.pi), rel=1e-15)


def test_that_the_prior_density_far_away_is_zero() -> None:
    assert prior_density((1e6, -1e6)) == 0.0


def test_that_the_density_on_a_line_is_the_mean_of_the_codes() -> None:
    random = np.random.default_rng(3)
    mean, std = random.normal(size=(50, 1)), random.uniform(0.05, 0.6, (50, 1))
    z = np.linspace(-3, 3, 7)
    wanted = [np.mean([norm(m, s).pdf(each) for m, s in zip(mean[:, 0], std[:, 0], strict=True)]) for each in z]
    np.testing.assert_allclose(line_density(z, mean, std), wanted, rtol=1e-12)


def test_that_points_on_a_line_have_the_density_of_a_kernel() -> None:
    mean = np.random.default_rng(4).normal(size=(300, 1))
    width = 1.06 * 300**-0.2
    kernel = gaussian_kde(mean[:, 0], bw_method=width * mean.std() / mean.std(ddof=1))
    z = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(line_density(z, mean, np.zeros_like(mean)), kernel(z), rtol=1e-9)


def test_that_a_density_by_a_part_of_the_codes_is_near_that_of_all() -> None:
    mean = np.random.default_rng(5).normal(size=(30_000, 1)).astype(np.float32)
    z = np.linspace(-2, 2, 9)
    np.testing.assert_allclose(line_density(z, mean, np.full_like(mean, 0.5)), norm(0, np.sqrt(1.25)).pdf(z), rtol=0.05)
