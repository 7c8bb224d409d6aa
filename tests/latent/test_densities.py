from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from vae_explorer.latent.densities import prior_density

coordinates = st.floats(-30, 30)


@settings(deadline=None)
@given(x=coordinates, y=coordinates)
def test_that_the_prior_density_is_that_of_a_standard_normal(x: float, y: float) -> None:
    assert prior_density((x, y)) == pytest.approx(multivariate_normal([0, 0]).pdf([x, y]), rel=1e-9, abs=1e-300)


def test_that_the_prior_density_is_highest_at_the_origin() -> None:
    assert prior_density((0, 0)) == pytest.approx(1 / (2 * math.pi), rel=1e-15)


def test_that_the_prior_density_far_away_is_zero() -> None:
    assert prior_density((1e6, -1e6)) == 0.0
