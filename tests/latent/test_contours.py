"""Level lines of densities whose level lines are known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_explorer.latent.contours import contour

X, Y = (-3.0, 4.0), (-5.0, 2.0)
SIZE = 160  # columns; rows are half as many


def centres() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x = X[0] + (X[1] - X[0]) * (np.arange(SIZE) + 0.5) / SIZE
    y = Y[0] + (Y[1] - Y[0]) * (np.arange(SIZE // 2) + 0.5) / (SIZE // 2)
    columns, rows = np.meshgrid(x, y)
    return columns, rows


def area(loop: NDArray[np.float64]) -> float:
    """By the shoelace formula: above 0 where the line runs against the clock."""
    x, y = loop.T
    return float(0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def test_that_the_line_of_a_gaussian_is_its_ellipse() -> None:
    x, y = centres()
    square = ((x - 0.7) / 0.9) ** 2 + ((y + 1.5) / 0.6) ** 2
    (loop,) = contour(np.exp(-0.5 * square), X, Y, np.exp(-0.5 * 1.3**2))
    radius = np.hypot((loop[:, 0] - 0.7) / 0.9, (loop[:, 1] + 1.5) / 0.6)
    assert radius == pytest.approx(1.3, abs=0.01)
    assert area(loop) == pytest.approx(np.pi * 1.3**2 * 0.9 * 0.6, rel=0.01)


def test_that_a_hole_has_a_line_of_its_own_that_runs_the_other_way() -> None:
    x, y = centres()
    radius = np.hypot(x - 0.5, y + 1.5)
    loops = contour(np.exp(-0.5 * ((radius - 1.5) / 0.4) ** 2), X, Y, 0.6)
    width = 0.4 * np.sqrt(-2 * np.log(0.6))
    assert sorted(map(area, loops)) == pytest.approx([-np.pi * (1.5 - width) ** 2, np.pi * (1.5 + width) ** 2], rel=0.02)


def test_that_two_peaks_have_two_lines() -> None:
    x, y = centres()
    peaks = sum(np.exp(-0.5 * ((x - at) ** 2 + (y + 1.5) ** 2) / 0.09) for at in (-1.5, 2.0))
    loops = contour(np.asarray(peaks), X, Y, 0.5)
    assert sorted(round(float(loop[:, 0].mean()), 1) for loop in loops) == [-1.5, 2.0]


def test_that_a_line_closes_at_the_edge() -> None:
    (loop,) = contour(np.ones((4, 6)), (0, 6), (0, 4), 0.5)
    assert area(loop) == pytest.approx(24, abs=4)


def test_that_any_noise_is_split_into_lines_around_what_is_above() -> None:
    """Saddles included: what lines enclose is what lies above, to half a cell."""
    noise = np.random.default_rng(0).random((40, 50))
    loops = contour(noise, (0, 50), (0, 40), 0.5)
    above = (np.pad(noise, 1) > 0.5).mean() * 42 * 52
    assert sum(map(area, loops)) == pytest.approx(above, rel=0.05)
    assert contour(noise, (0, 50), (0, 40), 2.0) == ()
