"""Figures as steps of a scale."""

from __future__ import annotations

import numpy as np
import pytest

from vae_explorer.latent.scale import NOT_EXACT, STEPS, UNKNOWN, Circle, Scale, draw_order, histogram, steps
from vae_explorer.latent.tiles import TiledPoints

EVEN = Scale(0.0, 0.5, 1.0)


def test_that_the_range_is_that_of_all_but_a_few() -> None:
    values = np.append(np.linspace(0, 100, 1001), [1e9, np.nan])
    scale = Scale.of(values)
    assert scale is not None
    assert (round(scale.low), round(scale.middle), round(scale.high)) == (1, 50, 99)
    assert Scale.of(np.full(3, np.nan)) is None


def test_that_each_figure_has_its_step_and_each_lack_of_one_its_number() -> None:
    values = np.array([-5.0, 0.0, 0.5, 1.0, 7.0, np.nan, 0.5])
    exact = np.array([True, True, True, True, True, True, False])
    assert steps(values, exact, EVEN).tolist() == [0, 0, STEPS // 2, STEPS - 1, STEPS - 1, UNKNOWN, NOT_EXACT]


def test_that_the_ends_of_a_circle_are_one_step() -> None:
    circle = Circle(0.0, 360.0)
    values = np.array([0.0, 360.0, 720.0, -360.0, -1e-20, 90.0, 450.0, 359.9, np.nan])
    places = [0, 0, 0, 0, 0, STEPS // 4, STEPS // 4, STEPS - 1, UNKNOWN]
    assert steps(values, np.ones(len(values), bool), circle).tolist() == places
    around = Circle(-180.0, 360.0)
    assert (around.low, around.middle, around.high) == (-180, 0, 180)
    assert steps(np.array([-180.0, 180.0, 0.0]), np.ones(3, bool), around).tolist() == [0, 0, STEPS // 2]


def test_that_figures_that_are_all_alike_have_a_step_too() -> None:
    alike = Scale(2.0, 2.0, 2.0)
    assert set(steps(np.full(4, 2.0), np.ones(4, bool), alike)) == {0}
    assert histogram(np.full(4, 2.0), alike)[0].sum() == 4


def test_that_half_of_the_figures_lie_on_either_half_of_the_scale_whatever_their_tail() -> None:
    for values in (np.random.default_rng(0).lognormal(0, 2, 10_001), -np.random.default_rng(1).lognormal(0, 2, 10_001)):
        scale = Scale.of(values)
        assert scale is not None
        number = steps(values, np.ones(len(values), bool), scale)
        assert np.mean(number < STEPS // 2) == pytest.approx(0.5, abs=0.01)
        assert (np.diff(number[np.argsort(values)].astype(int)) >= 0).all()


def test_that_every_known_figure_is_in_the_histogram() -> None:
    counts, places = histogram(np.array([-9.0, 0.1, 0.99, 99.0, np.nan]), EVEN)
    assert counts.sum() == 4
    assert (counts[0], counts[-1]) == (1, 2)
    np.testing.assert_allclose(places, (np.arange(len(counts)) + 0.5) / len(counts))


def test_that_a_code_with_a_figure_is_drawn_over_one_without() -> None:
    number = np.array([UNKNOWN, 3] * 40 + [NOT_EXACT], np.uint8)
    points = TiledPoints(np.zeros((81, 2), np.float32), number, draw_order())
    key = {int(label): points.key[(points.key & 255) == label] for label in set(number.tolist())}
    assert key[UNKNOWN].max() < key[3].min()
    assert key[3].max() < key[NOT_EXACT].min()
