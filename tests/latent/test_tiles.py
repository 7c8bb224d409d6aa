from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_explorer.latent.plane import FAR
from vae_explorer.latent.tiles import TiledPoints


def cloud(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, 2)).astype(np.float32), random.integers(0, 10, n, dtype=np.uint8)


@pytest.mark.parametrize("n", [0, 1, 2, 1000])
def test_that_every_point_is_kept_once_with_its_label(n: int) -> None:
    points, label = cloud(n)
    tiled = TiledPoints(points, label)
    assert len(tiled) == n
    assert sorted(tiled.order.tolist()) == list(range(n))
    assert np.array_equal(np.stack([tiled.x, tiled.y], axis=1), points[tiled.order])
    assert np.array_equal(tiled.key & 255, label[tiled.order])
    assert (tiled.key > 255).all()


def test_that_points_that_no_map_can_show_are_dropped_and_counted() -> None:
    points, label = cloud(50)
    points[3, 0], points[7, 1], points[9], points[11, 0] = np.nan, np.inf, -np.inf, 1.001 * FAR
    tiled = TiledPoints(points, label)
    assert tiled.dropped == 4
    assert set(range(50)) - set(tiled.order.tolist()) == {3, 7, 9, 11}
    assert np.array_equal(tiled.key & 255, label[tiled.order])


def test_that_points_in_one_place_and_far_outliers_are_kept() -> None:
    points = np.zeros((100, 2), np.float32)
    points[50] = FAR
    assert len(TiledPoints(points, np.zeros(100, np.uint8))) == 100


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 10_000), n=st.integers(0, 400), box=st.tuples(*[st.floats(-4, 4)] * 4))
def test_that_the_spans_of_a_rectangle_hold_every_point_in_it(seed: int, n: int, box: tuple[float, ...]) -> None:
    points, label = cloud(n, seed)
    tiled = TiledPoints(points, label)
    x_range, y_range = sorted(box[:2]), sorted(box[2:])
    found = {int(tiled.order[i]) for span in tiled.spans(tuple(x_range), tuple(y_range)) for i in range(span.start, span.stop)}
    inside = (
        (points[:, 0] >= x_range[0])
        & (points[:, 0] <= x_range[1])
        & (points[:, 1] >= y_range[0])
        & (points[:, 1] <= y_range[1])
    )
    assert set(np.flatnonzero(inside).tolist()) <= found


def test_that_a_small_rectangle_touches_few_points() -> None:
    tiled = TiledPoints(*cloud(100_000))
    touched = sum(span.stop - span.start for span in tiled.spans((0.0, 0.05), (0.0, 0.05)))
    assert 0 < touched < 2_000


def test_that_a_rare_class_lies_over_the_others() -> None:
    points, label = cloud(10_000)
    label[:] = 1
    label[:20] = 7
    tiled = TiledPoints(points, label)
    rare = tiled.key[(tiled.key & 255) == 7]
    common = tiled.key[(tiled.key & 255) == 1]
    assert rare.min() > common.max()
