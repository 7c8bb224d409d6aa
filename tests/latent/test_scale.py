"""Figures as steps of a scale."""

from __future__ import annotations

import numpy as np

from vae_explorer.latent.scale import NOT_EXACT, STEPS, UNKNOWN, draw_order, histogram, robust_range, steps
from vae_explorer.latent.tiles import TiledPoints


def test_that_the_range_is_that_of_all_but_a_few() -> None:
    values = np.append(np.linspace(0, 100, 1001), [1e9, np.nan])
    scale = robust_range(values)
    assert scale is not None
    low, high = scale
    assert (round(low), round(high)) == (1, 99)
    assert robust_range(np.full(3, np.nan)) is None


def test_that_each_figure_has_its_step_and_each_lack_of_one_its_number() -> None:
    values = np.array([-5.0, 0.0, 0.5, 1.0, 7.0, np.nan, 0.5])
    exact = np.array([True, True, True, True, True, True, False])
    assert steps(values, exact, 0.0, 1.0).tolist() == [0, 0, STEPS // 2, STEPS - 1, STEPS - 1, UNKNOWN, NOT_EXACT]


def test_that_figures_that_are_all_alike_have_a_step_too() -> None:
    assert set(steps(np.full(4, 2.0), np.ones(4, bool), 2.0, 2.0)) == {0}
    assert histogram(np.full(4, 2.0), 2.0, 2.0).sum() == 4


def test_that_every_known_figure_is_in_the_histogram() -> None:
    counts = histogram(np.array([-9.0, 0.1, 0.99, 99.0, np.nan]), 0.0, 1.0)
    assert counts.sum() == 4
    assert (counts[0], counts[-1]) == (1, 2)


def test_that_a_code_with_a_figure_is_drawn_over_one_without() -> None:
    number = np.array([UNKNOWN, 3] * 40 + [NOT_EXACT], np.uint8)
    points = TiledPoints(np.zeros((81, 2), np.float32), number, draw_order())
    key = {int(label): points.key[(points.key & 255) == label] for label in set(number.tolist())}
    assert key[UNKNOWN].max() < key[3].min()
    assert key[3].max() < key[NOT_EXACT].min()
