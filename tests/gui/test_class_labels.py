"""Names on the map that would cover each other give way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from vae_explorer.gui.kit.class_palette import class_palette
from vae_explorer.gui.map.name_places import moved_inside, spread_apart, uncovered, with_room

from .conftest import OpenWindow

SIZES = np.array([[18.0, 24.0], [18.0, 24.0], [70.0, 24.0], [18.0, 24.0], [40.0, 24.0], [18.0, 24.0]])


def covering(middles: NDArray[np.float64], sizes: NDArray[np.float64]) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i in range(len(middles))
        for j in range(i)
        if (np.abs(middles[i] - middles[j]) < (sizes[i] + sizes[j]) / 2 - 0.5).all()
    ]


@pytest.mark.parametrize("seed", range(8))
def test_that_names_in_a_crowd_are_all_to_be_read(seed: int) -> None:
    middles = np.random.default_rng(seed).normal(scale=25, size=(len(SIZES), 2)) + np.array([400.0, 300.0])
    assert covering(middles, SIZES)
    places = spread_apart(middles, SIZES)
    assert not covering(places, SIZES)
    assert np.abs(places - middles).max() < 110


@pytest.mark.parametrize("seed", range(20))
def test_that_of_many_long_names_none_covers_another_and_the_largest_stays(seed: int) -> None:
    draw = np.random.default_rng(seed)
    sizes = np.stack([draw.uniform(30, 190, 24), np.full(24, 24.0)], axis=1)
    places = spread_apart(draw.normal(scale=30, size=(24, 2)), sizes)
    free = uncovered(places, sizes)
    assert free[0] == 0
    assert not covering(places[free], sizes[free])
    left_out = set(range(24)) - set(free.tolist())
    for row in left_out:  # each covers a name before it
        earlier = [*free[free < row].tolist(), row]
        assert any(pair[0] == len(earlier) - 1 for pair in covering(places[earlier], sizes[earlier]))


def test_that_names_of_classes_in_view_are_not_cut() -> None:
    box = QRectF(100, 50, 300, 200)
    at = np.array([[105.0, 60.0], [395.0, 245.0], [250.0, 150.0], [90.0, 150.0]])
    sizes = np.array([[80.0, 24.0]] * 4)
    inside = moved_inside(at, at, sizes, box)
    assert inside.tolist() == [[140.0, 62.0], [360.0, 238.0], [250.0, 150.0], [90.0, 150.0]]
    assert moved_inside(at[:1], at[:1], np.array([[500.0, 24.0]]), box).tolist() == [[350.0, 62.0]]


def test_that_names_cover_a_share_of_the_map_and_one_name_is_always_there() -> None:
    sizes = np.full((5, 2), 10.0)
    assert [with_room(sizes, area) for area in (0.0, 100.0, 399.0, 1e6)] == [1, 1, 3, 5]


def test_that_names_at_one_point_part_too() -> None:
    assert not covering(spread_apart(np.full((3, 2), 50.0), SIZES[:2].repeat(2, axis=0)[:3]), SIZES[:2].repeat(2, axis=0)[:3])


def test_that_a_name_that_covers_none_stays() -> None:
    middles = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0], [103.0, 4.0]])
    places = spread_apart(middles, np.full((4, 2), 20.0))
    assert places[[0, 2]].tolist() == middles[[0, 2]].tolist()
    assert not covering(places, np.full((4, 2), 20.0))


@pytest.mark.parametrize("seed", range(8))
def test_that_names_move_on_in_small_steps_as_the_map_is_zoomed(seed: int) -> None:
    middles = np.random.default_rng(seed).normal(scale=25, size=(len(SIZES), 2))
    steps = np.array([spread_apart(zoom * middles, SIZES) for zoom in np.linspace(0.8, 1.6, 400)])
    assert np.abs(np.diff(steps, axis=0)).max() < 10


def test_that_two_classes_at_one_place_are_both_painted_and_led_to(open_window: OpenWindow, tiny_model_path: Path) -> None:
    view = open_window(tiny_model_path).latent_view
    mean = np.array([[0, 0], [0, 0], [1.5, 1.5], [-1.5, -1.5]], np.float32)
    view.set_codes(mean, np.array([0, 1, 2, 2], np.uint8), ("a", "b", "c"))
    picture = view.grab().toImage()
    colours = [class_palette(np.ones(3, np.int64)).color(number, 235) for number in (0, 1)]
    places = []
    for colour in colours:
        near = [
            (x, y)
            for x in range(picture.width())
            for y in range(picture.height())
            if all(abs(a - b) < 24 for a, b in zip(picture.pixelColor(x, y).getRgb()[:3], colour.getRgb()[:3], strict=True))
        ]
        assert len(near) > 100
        places.append(np.mean(near, axis=0))
    assert np.hypot(*(places[0] - places[1])) > 15
