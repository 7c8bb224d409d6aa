from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, norm, pearsonr

from vae_explorer.latent.sampling import noise_of, reparameterised, standard_normal

coordinates = st.tuples(st.floats(-5, 5), st.floats(-5, 5))
spreads = st.tuples(st.floats(1e-3, 3), st.floats(1e-3, 3))


def test_that_draws_are_standard_normal_in_each_coordinate_and_the_coordinates_are_not_related() -> None:
    draws = standard_normal(20_000, seed=3)
    assert draws.shape == (20_000, 2)
    for coordinate in draws.T:
        assert kstest(coordinate, norm.cdf).pvalue > 0.01
    assert abs(pearsonr(*draws.T).statistic) < 0.02


def test_that_a_seed_gives_the_same_draws_and_another_seed_others() -> None:
    np.testing.assert_array_equal(standard_normal(12, 7), standard_normal(12, 7))
    assert not np.isin(standard_normal(12, 7), standard_normal(12, 8)).any()


def test_that_fewer_draws_of_a_seed_are_the_first_ones_of_more() -> None:
    np.testing.assert_array_equal(standard_normal(5, 7), standard_normal(50, 7)[:5])
    assert standard_normal(0, 7).shape == (0, 2)


@pytest.mark.parametrize(("n", "seed"), [(-1, 0), (3, -1)])
def test_that_a_negative_number_of_draws_or_seed_is_refused(n: int, seed: int) -> None:
    with pytest.raises(ValueError, match=r"cannot be -1|non-negative"):
        standard_normal(n, seed)


def test_that_reparameterised_noise_is_distributed_as_the_posterior() -> None:
    mean, std = (0.4, -1.2), (0.03, 0.7)
    z = reparameterised(mean, std, standard_normal(20_000, seed=5))
    for coordinate, centre, spread in zip(z.T, mean, std, strict=True):
        assert kstest(coordinate, norm(centre, spread).cdf).pvalue > 0.01


@settings(deadline=None)
@given(mean=coordinates, std=spreads, noise=coordinates)
def test_that_the_trick_is_the_affine_map_of_torch_and_noise_of_is_its_way_back(
    mean: tuple[float, float], std: tuple[float, float], noise: tuple[float, float]
) -> None:
    z = reparameterised(mean, std, [noise])
    shift, scale, epsilon = (torch.tensor(values, dtype=torch.float64) for values in (mean, std, noise))
    there = torch.distributions.AffineTransform(shift, scale)(epsilon)
    np.testing.assert_allclose(z[0], there.numpy(), rtol=1e-14, atol=1e-14)
    np.testing.assert_allclose(noise_of(mean, std, z[0]), noise, rtol=1e-9, atol=1e-9)


def test_that_a_point_has_no_noise() -> None:
    with pytest.raises(ValueError, match="point"):
        noise_of((0.1, 0.2), (0.0, 0.1), (0.3, 0.4))
