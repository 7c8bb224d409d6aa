from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_explorer.latent import raster
from vae_explorer.latent.raster import DENSITIES, LEVELS, Frame, Raster, RasterRequest, dot_radius, draw, picture
from vae_explorer.latent.tiles import TiledPoints


def slow_draw(points: TiledPoints, frame: Frame, radius: float, hidden: frozenset[int] = frozenset()) -> Raster:
    """Every pixel asks every point. The fullest coverage wins, among equals the higher key."""
    level, label, density = (np.zeros((frame.height, frame.width), np.uint8) for _ in range(3))
    left, top = frame.x_range[0], frame.y_range[1]
    scale_x = frame.width / (frame.x_range[1] - left)
    scale_y = frame.height / (top - frame.y_range[0])
    shown = [
        (math.floor((float(x) - left) * scale_x), math.floor((top - float(y)) * scale_y), int(key))
        for x, y, key in zip(points.x, points.y, points.key, strict=True)
        if int(key) & 255 not in hidden
    ]
    crowd: dict[tuple[int, int], int] = {}
    for column, row, _ in shown:
        crowd[column, row] = crowd.get((column, row), 0) + 1
    for row in range(frame.height):
        for column in range(frame.width):
            best = (0, 0)
            for centre_column, centre_row, key in shown:
                distance = math.hypot(column - centre_column, row - centre_row)
                here = round(min(max(radius + 0.5 - distance, 0.0), 1.0) * LEVELS)
                if here:
                    best = max(best, (here, key))
                    steps = min(int(1.5 * math.log2(crowd[centre_column, centre_row])), DENSITIES - 1)
                    density[row, column] = max(density[row, column], steps)
            level[row, column], label[row, column] = best[0], best[1] & 255
    return Raster(level, label, density)


def assert_same(fast: Raster | None, slow: Raster) -> None:
    assert fast is not None
    assert np.array_equal(fast.level, slow.level)
    assert np.array_equal(fast.label, slow.label)
    assert np.array_equal(fast.density, slow.density)


def cloud(n: int, seed: int = 0, spread: float = 1.0) -> TiledPoints:
    random = np.random.default_rng(seed)
    return TiledPoints((spread * random.normal(size=(n, 2))).astype(np.float32), random.integers(0, 10, n, dtype=np.uint8))


@pytest.mark.parametrize("share", [0.0, 2.0], ids=["by shifting", "by stamping"])
@pytest.mark.parametrize("radius", [1.0, 1.4, 2.6, 4.5])
@pytest.mark.parametrize("n", [1, 12, 150])
def test_that_a_picture_is_that_of_a_slow_loop(n: int, radius: float, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "STAMP_SHARE", share)
    points, frame = cloud(n), Frame((-1.2, 1.1), (-0.9, 1.3), 25, 17)
    assert_same(draw(points, frame, radius), slow_draw(points, frame, radius))


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 10_000),
    radius=st.floats(0.6, 5),
    n=st.integers(0, 15),
    size=st.tuples(st.integers(1, 12), st.integers(1, 12)),
    left=st.floats(-3, 3),
    zoom=st.floats(0.05, 4),
)
def test_that_any_small_picture_is_that_of_a_slow_loop(
    seed: int, radius: float, n: int, size: tuple[int, int], left: float, zoom: float
) -> None:
    frame = Frame((left, left + zoom), (-left, -left + zoom), *size)
    points = cloud(n, seed)
    assert_same(draw(points, frame, radius), slow_draw(points, frame, radius))


@pytest.mark.parametrize("hidden", [frozenset({3}), frozenset(range(1, 10)), frozenset(range(10))])
def test_that_a_hidden_class_is_gone(hidden: frozenset[int]) -> None:
    points, frame = cloud(200), Frame((-2, 2), (-2, 2), 30, 30)
    drawn = draw(points, frame, 1.4, hidden)
    assert_same(drawn, slow_draw(points, frame, 1.4, hidden))
    assert drawn is not None
    assert not set(drawn.label[drawn.level > 0].tolist()) & hidden


@pytest.mark.parametrize("x", [-1.06, 1.06])
def test_that_the_rim_of_a_dot_outside_reaches_in(x: float) -> None:
    points = TiledPoints(np.array([[x, 0.0]], np.float32), np.array([7], np.uint8))
    drawn = draw(points, Frame((-1, 1), (-1, 1), 20, 20), 3.0)
    assert drawn is not None
    assert drawn.level.any()
    assert (drawn.label[drawn.level > 0] == 7).all()


def test_that_a_gesture_that_ends_outside_the_data_shows_nothing() -> None:
    drawn = draw(cloud(500), Frame((100, 104), (100, 104), 40, 40), 2.0)
    assert drawn is not None
    assert not drawn.level.any()


def test_that_no_points_give_an_empty_picture() -> None:
    drawn = draw(cloud(0), Frame((-1, 1), (-1, 1), 6, 4), 2.0)
    assert drawn is not None
    assert drawn.level.shape == (4, 6)
    assert not drawn.level.any()


def test_that_a_crowded_pixel_differs_from_a_single_point() -> None:
    points = np.concatenate([np.zeros((200, 2)), [[1.0, 1.0]]]).astype(np.float32)
    drawn = draw(TiledPoints(points, np.zeros(201, np.uint8)), Frame((-2, 2), (-2, 2), 40, 40), 1.0)
    assert drawn is not None
    assert drawn.density[20, 20] > drawn.density[10, 30] == 0
    assert drawn.level[10, 30] == LEVELS


def test_that_a_stale_picture_is_given_up() -> None:
    assert draw(cloud(100), Frame((-1, 1), (-1, 1), 20, 20), 1.0, is_stale=lambda: True) is None


def test_that_a_picture_takes_its_colours_from_the_table() -> None:
    points, frame = cloud(300), Frame((-2, 2), (-2, 2), 30, 30)
    table = np.random.default_rng(0).integers(0, 2**32, (LEVELS + 1, DENSITIES, 10), dtype=np.uint32)
    drawn, pixels = draw(points, frame, 1.4), picture(RasterRequest(points, frame, 1.4, frozenset(), table))
    assert drawn is not None
    assert np.array_equal(pixels, table[drawn.level, drawn.density, drawn.label])


def test_that_dots_are_small_where_they_are_many_and_large_where_they_are_few() -> None:
    radii = [dot_radius(n, 600 * 500) for n in (10, 1_000, 20_000, 70_000, 10_000_000)]
    assert radii == sorted(radii, reverse=True)
    assert radii[0] == 4.5
    assert radii[-1] == 1.0
