"""Squares of the plane: their numbers, what lies beyond them, and what is no point."""

from __future__ import annotations

import numpy as np

from vae_explorer.latent.places import SIDE, places


def test_that_an_even_grid_has_each_square_equally_often() -> None:
    step = np.linspace(-3, 5, 800)
    points = np.stack(np.meshgrid(step, 2 * step), axis=-1).reshape(-1, 2).astype(np.float32)
    counts = np.bincount(places(points), minlength=SIDE * SIDE) / len(points)
    np.testing.assert_allclose(counts, 1 / SIDE**2, rtol=0.2)


def test_that_numbers_grow_to_the_right_and_then_upwards() -> None:
    step = np.linspace(0, 1, 200)
    points = np.stack(np.meshgrid(step, step), axis=-1).reshape(-1, 2).astype(np.float32)
    corners = [places(points)[place] for place in (0, 199, 200 * 199, 200 * 200 - 1)]
    assert corners == [0, SIDE - 1, SIDE * (SIDE - 1), SIDE * SIDE - 1]


def test_that_an_outlier_lies_at_the_rim_and_leaves_the_others_apart() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(5000, 2)).astype(np.float32)
    points[0] = (1e6, -1e6)
    place = places(points)
    assert place[0] == SIDE - 1
    assert len(np.unique(place)) > 50


def test_that_what_is_no_point_has_a_number_too() -> None:
    points = np.array([[np.nan, 0], [np.inf, 1], [0, 0], [1, 1]], np.float32)
    assert places(points).tolist() == [0, 0, 0, SIDE * SIDE - 1]
    assert places(np.zeros((0, 2), np.float32)).shape == (0,)
    assert places(np.ones((3, 2), np.float32)).tolist() == [0, 0, 0]
    assert places(np.full((2, 2), np.nan, np.float32)).tolist() == [0, 0]
