"""Grids of latent points: the manifold figure, and the mosaic behind the map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy


def manifold_grid(n: int) -> NDArray[np.float32]:
    """n × n points at the inverse normal CDF of an even grid, z = Φ⁻¹((i + ½) / n): Kingma & Welling 2014, figure 4.

    (n·n, 2), row by row from the top left of the picture: the first coordinate rises to the right, the second upwards.
    Raises `ValueError` for n < 1.
    """
    if n < 1:
        raise ValueError(f"a grid has at least 1 point a side, not {n}")
    load_scipy()
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(n) + 0.5) / n)
    return _rows_from_top(quantiles, quantiles)


def view_grid(x_range: tuple[float, float], y_range: tuple[float, float], columns: int, rows: int) -> NDArray[np.float32]:
    """The centres of columns × rows equal cells of a rectangle of the plane, row by row from the top left. (rows·columns, 2)."""
    x = _centres(*x_range, columns)
    y = _centres(*y_range, rows)
    return _rows_from_top(x, y)


def mosaic(images: NDArray[np.uint8], columns: int, gap: int = 0) -> NDArray[np.uint8]:
    """Images (n, H, W) laid row by row into one picture, `gap` black pixels between them."""
    n, height, width = images.shape
    rows = -(-n // columns)
    cells = np.zeros((rows * columns, height + gap, width + gap), np.uint8)
    cells[:n, :height, :width] = images
    lines = cells.reshape(rows, columns, height + gap, width + gap).swapaxes(1, 2)
    picture = lines.reshape(rows * (height + gap), columns * (width + gap))
    return np.ascontiguousarray(picture[: picture.shape[0] - gap, : picture.shape[1] - gap])


def _centres(low: float, high: float, n: int) -> NDArray[np.float64]:
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _rows_from_top(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    right, up = np.meshgrid(x, y[::-1])
    return np.stack([right.ravel(), up.ravel()], axis=1).astype(np.float32)


def anchored_cells(low: float, high: float, cell: float) -> tuple[float, int]:
    """(start, number) of the cells of width `cell`, laid from 0 in both directions, that cover [low, high].

    They stay where they are while a view moves over them.
    """
    first, last = math.floor(low / cell), math.ceil(high / cell)
    return first * cell, max(last - first, 1)
