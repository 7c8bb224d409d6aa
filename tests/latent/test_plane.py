from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from vae_explorer.latent.plane import BOUND, EQUAL_PROBABILITY, IDENTITY, PLANES, Plane

coordinates = st.floats(-BOUND, BOUND)
points = st.tuples(coordinates, coordinates)


@given(z=points)
def test_that_a_latent_point_lies_at_its_probabilities(z: tuple[float, float]) -> None:
    assert EQUAL_PROBABILITY.to_view(z) == pytest.approx(norm.cdf(z), rel=1e-12, abs=0)


@given(z=points)
def test_that_the_way_back_errs_no_more_than_float64_does_in_u(z: tuple[float, float]) -> None:
    back = EQUAL_PROBABILITY.to_latent(EQUAL_PROBABILITY.to_view(z))
    spacing = np.spacing(np.maximum(norm.cdf(z), norm.sf(z)))
    assert (np.abs(back - z) <= 2 * spacing / norm.pdf(z) + 4 * np.spacing(BOUND)).all()


@given(tail=st.floats(2**-40, 0.5).map(lambda u: round(u * 2**40) / 2**40))  # so that 1 − u is a number too
def test_that_both_tails_are_alike(tail: float) -> None:
    low, high = EQUAL_PROBABILITY.to_latent([tail, 1 - tail])
    assert low == -high
    assert low == pytest.approx(norm.ppf(tail), rel=1e-12, abs=1e-15)


def test_that_what_lies_on_the_edge_or_beyond_comes_back_as_a_point_of_the_plane() -> None:
    assert EQUAL_PROBABILITY.to_latent([[0.0, 1.0], [-3.0, 4.0]]).tolist() == [[-BOUND, BOUND], [-BOUND, BOUND]]
    assert EQUAL_PROBABILITY.inside([-0.2, 0.9995], 1e-3).tolist() == [1e-3, 1 - 1e-3]


@given(z=points)
def test_that_the_plane_as_it_is_changes_no_bit(z: tuple[float, float]) -> None:
    assert tuple(IDENTITY.to_view(z)) == tuple(IDENTITY.to_latent(z)) == tuple(IDENTITY.inside(z, 0.3)) == z
    codes = np.array([z], np.float32)
    assert IDENTITY.codes(codes) is codes


def test_that_draws_from_the_prior_fill_the_square_evenly() -> None:
    u = EQUAL_PROBABILITY.codes(np.random.default_rng(0).standard_normal((100_000, 2), dtype=np.float32))
    counts, *_ = np.histogram2d(*u.T, bins=10, range=((0, 1), (0, 1)))
    assert u.dtype == np.float32
    assert counts.sum() == 100_000
    assert np.abs(counts - 1000).max() < 6 * np.sqrt(1000)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_that_a_code_that_is_not_finite_has_no_place(bad: float) -> None:
    u = EQUAL_PROBABILITY.codes(np.array([[bad, 0.0], [0.0, 1.0]], np.float32))
    assert np.isnan(u[0, 0])
    assert np.isfinite(u[1]).all()


@pytest.mark.parametrize("frames", [2, 3, 16, 120])
def test_that_a_straight_line_is_drawn_as_the_curve_it_is(frames: int) -> None:
    z = np.linspace([-2.5, 1.5], [3.0, -0.5], frames).astype(np.float32)
    line = EQUAL_PROBABILITY.line(z)
    t = (norm.ppf(line[:, 0]) + 2.5) / 5.5
    assert line[[0, -1]] == pytest.approx(norm.cdf(z[[0, -1]]), abs=1e-7)
    assert line[:, 1] == pytest.approx(norm.cdf(1.5 - 2 * t), abs=1e-5)
    assert np.hypot(*np.diff(line, axis=0).T).max() < 0.02


@pytest.mark.parametrize("plane", PLANES.values())
@pytest.mark.parametrize("n", [0, 1])
def test_that_a_path_that_is_no_line_yet_has_no_corners_of_its_own(plane: Plane, n: int) -> None:
    assert plane.line(np.ones((n, 2), np.float32)).shape == (n, 2)


def test_that_a_warped_picture_shows_at_each_place_what_lay_at_its_latent_point() -> None:
    def value(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 120 + 60 * np.sin(x) + 60 * np.cos(2 * y)

    x_range, y_range, n, m = (-1.5, 2.0), (-0.5, 1.75), 90, 70
    x = np.linspace(*x_range, 2 * n + 1)[1::2]
    y = np.linspace(*y_range, 2 * m + 1)[1::2][::-1, None]
    warped = EQUAL_PROBABILITY.warped(np.rint(value(x, y)).astype(np.uint8), x_range, y_range)
    u = np.linspace(*norm.cdf(x_range), 2 * n + 1)[1::2]
    v = np.linspace(*norm.cdf(y_range), 2 * m + 1)[1::2][::-1, None]
    inner = (slice(2, -2), slice(2, -2))  # at the rim there is nothing to interpolate with
    assert warped[inner].astype(float) == pytest.approx(value(norm.ppf(u), norm.ppf(v))[inner], abs=1.6)
    assert IDENTITY.warped(warped, x_range, y_range) is warped
