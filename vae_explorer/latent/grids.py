"""Grids of latent points, for the manifold figure and for the mosaic behind the map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_explorer.runtime.loading_scipy import load_scipy


def manifold_grid(n: int) -> NDArray[np.float32]:
    """Return n × n points at even steps of prior probability, z = Φ⁻¹((i + ½) / n).

    Shape (n·n, 2), row by row from the top left: the first coordinate rises to the right, the second upwards. Raises
    `ValueError` for n < 1. Source: Kingma & Welling 2014, figure 4.
    """
    if n < 1:
        raise ValueError(f"a grid has at least 1 point a side, not {n}")
    load_scipy()
    from scipy.special import ndtri

    quantiles = ndtri((np.arange(n) + 0.5) / n)
    return _rows_from_top(quantiles, quantiles)


def manifold_line(n: int) -> NDArray[np.float32]:
    """Return n points of one latent at even steps of prior probability, (n, 1)."""
    return manifold_grid(n)[:n, :1]


def view_grid(x_range: tuple[float, float], y_range: tuple[float, float], columns: int, rows: int) -> NDArray[np.float32]:
    """Return the centres of columns × rows equal cells of a rectangle, (rows·columns, 2).

    Rows go from the top, and cells of a row from the left.
    """
    x = _centres(*x_range, columns)
    y = _centres(*y_range, rows)
    return _rows_from_top(x, y)


def mosaic(images: NDArray[np.uint8], columns: int, gap: int = 0) -> NDArray[np.uint8]:
    """Lay images (n, H, W, C) row by row into one picture, with `gap` black pixels between images."""
    n, height, width, channels = images.shape
    rows = -(-n // columns)
    cells = np.zeros((rows * columns, height + gap, width + gap, channels), np.uint8)
    cells[:n, :height, :width] = images
    lines = cells.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    picture = lines.reshape(rows * (height + gap), columns * (width + gap), channels)
    return np.ascontiguousarray(picture[: picture.shape[0] - gap, : picture.shape[1] - gap])


def _centres(low: float, high: float, n: int) -> NDArray[np.float64]:
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _rows_from_top(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    right, up = np.meshgrid(x, y[::-1])
    return np.stack([right.ravel(), up.ravel()], axis=1).astype(np.float32)


def anchored_cells(low: float, high: float, cell: float) -> tuple[float, int]:
    """Return (start, number) of the cells of width `cell` that cover [low, high].

    Cells are counted from 0, so they stay in place while a view moves over them.
    """
    first, last = math.floor(low / cell), math.ceil(high / cell)
    return first * cell, max(last - first, 1)
