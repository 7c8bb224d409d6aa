"""Highest-density regions and rasters of a density that is known at lattice points."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.runtime.loading_scipy import load_scipy

SHARES = (0.5, 0.8, 0.95)
_COARSE = 4.0  # lattice steps; a cell this wide holds enough lattice points for a mean
_CORNERS = 180  # of an ellipse; 0.1 pixels off for an ellipse as large as a screen
_OUTSIDE = 60.0  # nats below the maximum, used where no lattice point is known

RADII = tuple(math.sqrt(-2 * math.log(1 - share)) for share in SHARES)  # radii of the circles that hold SHARES of N(0, I)

Range = tuple[float, float]


def ellipse(mean: ArrayLike, half: ArrayLike) -> NDArray[np.float64]:
    """Return the border (corners, 2) of an axis-parallel ellipse, `mean` and `half` axes (2,)."""
    angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
    border: NDArray[np.float64] = np.asarray(mean) + np.asarray(half) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return border


def highest_density(
    mass: NDArray[np.float64], cell: NDArray[np.float64] | float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return border density and area of the smallest regions with SHARES (Hyndman 1996).

    `mass` (k,) belongs to cells of area `cell`, sorted by falling density.
    """
    held = np.cumsum(mass) / mass.sum()
    last = np.minimum(np.searchsorted(held, SHARES), len(mass) - 1)
    before = held[last] - mass[last] / mass.sum()
    part = (np.asarray(SHARES) - before) * mass.sum() / mass[last]  # share of the last cell needed
    cells = np.broadcast_to(cell, mass.shape)
    areas = np.cumsum(cells)[last] - (1 - part) * cells[last]
    return tuple((mass[last] / cells[last]).tolist()), tuple(areas.tolist())


def raster_of(
    z: NDArray[np.float64],
    log_density: NDArray[np.float64],
    step: float,
    x_range: Range,
    y_range: Range,
    size: tuple[int, int],
) -> NDArray[np.float32]:
    """Raster a density at lattice points z (k, 2), (rows, columns) from the lowest row.

    `size` is (columns, rows). Cells far coarser than the lattice take the mean of their points, so no narrow peak is missed.
    Otherwise log-densities are interpolated, at several places of a cell wider than a step.
    """
    columns, rows = size
    wide, high = (x_range[1] - x_range[0]) / columns, (y_range[1] - y_range[0]) / rows
    if min(wide, high) > _COARSE * step:
        return _pooled(z, log_density, step, _centres(x_range, columns), _centres(y_range, rows))
    across, along = (max(int(np.ceil(side / step)), 1) for side in (wide, high))
    finer = _interpolated(z, log_density, step, _centres(x_range, columns * across), _centres(y_range, rows * along))
    return np.asarray(finer.reshape(rows, along, columns, across).mean(axis=(1, 3), dtype=np.float64), np.float32)


def _centres(sides: Range, n: int) -> NDArray[np.float64]:
    low, high = sides
    return low + (high - low) * (np.arange(n) + 0.5) / n


def _pooled(
    z: NDArray[np.float64], log_density: NDArray[np.float64], step: float, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float32]:
    wide, high = x[1] - x[0], y[1] - y[0]
    column, row = (np.floor((z[:, i] - axis[0]) / side + 0.5).astype(int) for i, axis, side in ((0, x, wide), (1, y, high)))
    inside = (column >= 0) & (column < len(x)) & (row >= 0) & (row < len(y))
    mass = np.exp(log_density[inside]) * step**2
    sums = np.bincount(row[inside] * len(x) + column[inside], mass, len(x) * len(y))
    return np.asarray((sums / (wide * high)).reshape(len(y), len(x)), np.float32)


def _interpolated(
    z: NDArray[np.float64], log_density: NDArray[np.float64], step: float, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float32]:
    load_scipy()
    from scipy.ndimage import map_coordinates

    floor = float(log_density.max()) - _OUTSIDE
    low = np.maximum(np.array([x[0], y[0]]), z.min(axis=0)) - 4 * step
    first = np.rint(low / step).astype(int)
    last = np.rint((np.minimum(np.array([x[-1], y[-1]]), z.max(axis=0)) + 4 * step) / step).astype(int)
    if (last < first).any():
        return np.zeros((len(y), len(x)), np.float32)
    grid = np.full((last[1] - first[1] + 1, last[0] - first[0] + 1), floor)
    place = np.rint(z / step).astype(int) - first
    inside = (place >= 0).all(axis=1) & (place[:, 0] < grid.shape[1]) & (place[:, 1] < grid.shape[0])
    grid[place[inside, 1], place[inside, 0]] = np.maximum(log_density[inside], floor)
    where = np.meshgrid(y / step - first[1], x / step - first[0], indexing="ij")
    return np.asarray(np.exp(map_coordinates(grid, where, order=3, mode="nearest")), np.float32)


def raster_points(sides: tuple[Range, Range], n: int) -> NDArray[np.float64]:
    """Return the centres of n × n cells of a rectangle, (n · n, 2), lowest row first."""
    return np.stack([part.ravel() for part in np.meshgrid(*(_centres(side, n) for side in sides))], axis=1)


def density_levels(density: NDArray[np.float64]) -> tuple[float, ...]:
    """Return the border values of a raster's highest-density regions; cells are equal."""
    return highest_density(np.sort(density, axis=None)[::-1], 1.0)[0]
