from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_explorer.latent.raster import dot_radius, dots, draw_order

LEVELS = 7  # of the edge


def slow_dots(
    x: np.ndarray, y: np.ndarray, label: np.ndarray, width: int, height: int, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Every pixel asks every dot. The fullest coverage wins, among equals the later dot; one centre pixel holds its last dot alone."""
    coverage, top = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    centres = {(math.floor(b), math.floor(a)): i for i, (a, b) in enumerate(zip(x, y, strict=True))}
    for row in range(height):
        for column in range(width):
            best = (0, -1)
            for (centre_row, centre_column), i in centres.items():
                distance = math.hypot(row - centre_row, column - centre_column)
                level = round(min(max(radius + 0.5 - distance, 0.0), 1.0) * LEVELS)
                best = max(best, (level, i)) if level else best
            if best[0]:
                coverage[row, column], top[row, column] = best[0] * 255 // LEVELS, label[best[1]]
    return coverage, top


def scattered(n: int, width: int, height: int, beyond: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.uniform(-beyond, width + beyond, n)
    y = random.uniform(-beyond, height + beyond, n)
    return x, y, random.integers(0, 256, n, dtype=np.uint8)


@pytest.mark.parametrize("radius", [0.5, 1.4, 2.0, 3.3, 4.5])
@pytest.mark.parametrize("n", [1, 12, 80])
def test_that_dots_are_those_of_a_slow_loop(n: int, radius: float) -> None:
    x, y, label = scattered(n, 24, 17, beyond=8, seed=n)
    for fast, slow in zip(dots(x, y, label, 24, 17, radius), slow_dots(x, y, label, 24, 17, radius), strict=True):
        assert np.array_equal(fast, slow)


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    radius=st.floats(0.3, 5),
    n=st.integers(0, 15),
    width=st.integers(1, 12),
    height=st.integers(1, 12),
)
def test_that_dots_in_any_small_picture_are_those_of_a_slow_loop(
    seed: int, radius: float, n: int, width: int, height: int
) -> None:
    x, y, label = scattered(n, width, height, beyond=9, seed=seed)
    for fast, slow in zip(dots(x, y, label, width, height, radius), slow_dots(x, y, label, width, height, radius), strict=True):
        assert np.array_equal(fast, slow)


@pytest.mark.parametrize(("x", "y"), [(-2.0, 5.0), (11.5, 5.0), (5.0, -1.5), (5.0, 11.9)])
def test_that_the_rim_of_a_dot_outside_reaches_in(x: float, y: float) -> None:
    coverage, label = dots(np.array([x]), np.array([y]), np.array([7], np.uint8), 10, 10, 3.0)
    assert coverage.any()
    assert (label[coverage > 0] == 7).all()


@pytest.mark.parametrize(("x", "y"), [(-50.0, 5.0), (5.0, 1e12), (np.nan, 5.0), (5.0, -np.inf)])
def test_that_a_dot_far_outside_or_nowhere_is_not_drawn(x: float, y: float) -> None:
    coverage, _ = dots(np.array([x]), np.array([y]), np.array([7], np.uint8), 10, 10, 3.0)
    assert not coverage.any()


def test_that_no_dots_give_an_empty_picture() -> None:
    nothing = np.zeros(0)
    coverage, label = dots(nothing, nothing, np.zeros(0, np.uint8), 6, 4, 2.0)
    assert coverage.shape == label.shape == (4, 6)
    assert not coverage.any()


def test_that_a_later_dot_lies_on_an_earlier_one() -> None:
    x = y = np.array([5.5, 5.5])
    _, label = dots(x, y, np.array([1, 2], np.uint8), 11, 11, 2.0)
    assert label[5, 5] == 2


def test_that_the_later_of_a_million_dots_still_lies_on_top() -> None:
    x, y = np.full(1_000_000, -1000.0), np.full(1_000_000, -1000.0)
    label = np.zeros(1_000_000, np.uint8)
    for place, column, value in ((10, 4.5, 3), (999_990, 5.5, 9)):
        x[place], y[place], label[place] = column, 5.5, value
    _, top = dots(x, y, label, 10, 10, 2.0)
    assert (top[5, 4], top[5, 5]) == (9, 9)


def test_that_the_middle_of_a_dot_is_covered_in_full() -> None:
    coverage, _ = dots(np.array([5.5]), np.array([5.5]), np.array([1], np.uint8), 11, 11, 2.0)
    assert coverage[5, 5] == 255
    assert coverage[0, 0] == 0


@pytest.mark.parametrize("points", [0, 1, 1000, 70_000, 10**7])
def test_that_a_radius_can_be_seen_and_hides_little(points: int) -> None:
    assert 1.4 <= dot_radius(points, 800 * 600) <= 4.5
    assert dot_radius(points, 800 * 600) >= dot_radius(10 * points + 1, 800 * 600)


def test_that_the_draw_order_is_fixed_and_leaves_no_point_out() -> None:
    order = draw_order(500)
    assert sorted(order) == list(range(500))
    assert np.array_equal(order, draw_order(500))
    assert not np.array_equal(order, np.arange(500))
