from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from vae_explorer.latent.grids import anchored_cells, manifold_grid, mosaic, view_grid


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_that_the_manifold_grid_lies_at_the_quantiles_of_the_prior(n: int) -> None:
    quantiles = [norm.ppf((i + 0.5) / n) for i in range(n)]
    wanted = [(x, y) for y in reversed(quantiles) for x in quantiles]
    assert manifold_grid(n) == pytest.approx(np.array(wanted), rel=1e-6, abs=1e-7)


def test_that_the_manifold_grid_gives_every_cell_the_same_share_of_the_prior() -> None:
    shares = np.sort(norm.cdf(manifold_grid(10)[:10, 0]))
    assert np.diff(shares) == pytest.approx(np.full(9, 0.1), rel=1e-5)


@pytest.mark.parametrize("n", [0, -3])
def test_that_a_grid_without_points_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="at least 1 point a side"):
        manifold_grid(n)


def test_that_a_view_grid_lies_in_the_middle_of_its_cells_from_the_top_left() -> None:
    grid = view_grid((0.0, 3.0), (-2.0, 2.0), columns=3, rows=2)
    assert grid.tolist() == [[0.5, 1], [1.5, 1], [2.5, 1], [0.5, -1], [1.5, -1], [2.5, -1]]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("gap", [0, 1, 3])
@pytest.mark.parametrize(("n", "columns"), [(1, 1), (6, 3), (7, 3), (2, 5)])
def test_that_a_mosaic_shows_every_image_in_its_own_place(n: int, columns: int, gap: int, channels: int) -> None:
    height, width = 4, 5
    images = np.random.default_rng(n).integers(1, 256, (n, height, width, channels), dtype=np.uint8)
    picture = mosaic(images, columns, gap)
    rows = (n + columns - 1) // columns
    wanted = np.zeros((rows * height + (rows - 1) * gap, columns * width + (columns - 1) * gap, channels), np.uint8)
    for i, image in enumerate(images):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        wanted[top : top + height, left : left + width] = image
    assert np.array_equal(picture, wanted)


@settings(deadline=None)
@given(low=st.floats(-1e3, 1e3), extent=st.floats(0, 1e3), cell=st.floats(1e-2, 1e2))
def test_that_anchored_cells_cover_the_range_and_no_cell_more(low: float, extent: float, cell: float) -> None:
    high = low + extent
    start, number = anchored_cells(low, high, cell)
    little = 1e-9 * (abs(low) + abs(high) + cell)
    assert number >= 1
    assert start <= low + little < start + cell + 2 * little
    assert start + number * cell >= high - little
    assert start + (number - 1) * cell <= max(high, low) + little


@settings(deadline=None)
@given(low=st.floats(-100, 100), shift=st.floats(-100, 100), cell=st.floats(0.1, 10))
def test_that_anchored_cells_stay_where_they_are_while_the_view_moves(low: float, shift: float, cell: float) -> None:
    first, _ = anchored_cells(low, low + 5, cell)
    second, _ = anchored_cells(low + shift, low + shift + 5, cell)
    steps = (second - first) / cell
    assert steps == pytest.approx(round(steps), abs=1e-6)
