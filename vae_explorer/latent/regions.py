"""A density that is known at the points of a lattice: its highest-density regions, and its raster on any rectangle."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SHARES = (0.5, 0.8, 0.95)
_OUTSIDE = 60.0  # nats below the highest point, where nothing is known

Range = tuple[float, float]


def highest_density(
    mass: NDArray[np.float64], cell: NDArray[np.float64] | float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Density at the border and area of the smallest regions that hold SHARES of the whole: Hyndman 1996.

    `mass` (k,) is that of cells of area `cell`, in the order of falling density.
    """
    held = np.cumsum(mass) / mass.sum()
    last = np.minimum(np.searchsorted(held, SHARES), len(mass) - 1)
    before = held[last] - mass[last] / mass.sum()
    part = (np.asarray(SHARES) - before) * mass.sum() / mass[last]  # of the last cell that is needed
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
    """The density at lattice points z (k, 2) as a raster (rows, columns) from the lowest row, `size` = (columns, rows).

    Where the raster is the coarser one, its cells hold the mean over the points in them, so that no narrow peak is missed between
    its centres; where it is the finer one, log-densities are interpolated.
    """
    columns, rows = size
    x, y = (low + (high - low) * (np.arange(n) + 0.5) / n for (low, high), n in ((x_range, columns), (y_range, rows)))
    widest = max((x_range[1] - x_range[0]) / columns, (y_range[1] - y_range[0]) / rows)
    return _pooled(z, log_density, step, x, y) if widest > step else _interpolated(z, log_density, step, x, y)


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
    from scipy.ndimage import map_coordinates  # slow to import

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
    """The centres of n × n cells of a rectangle, row by row from the lowest, (n · n, 2)."""
    axes = (low + (high - low) * (np.arange(n) + 0.5) / n for low, high in sides)
    return np.stack([part.ravel() for part in np.meshgrid(*axes)], axis=1)


def density_levels(density: NDArray[np.float64]) -> tuple[float, ...]:
    """The values at the borders of the highest-density regions of a raster whose cells are alike."""
    return highest_density(np.sort(density, axis=None)[::-1], 1.0)[0]


def posterior_picture(
    density: NDArray[np.float32], levels: tuple[float, ...], other: NDArray[np.float64], other_levels: tuple[float, ...]
) -> NDArray[np.uint8]:
    """A density (rows, columns) from the lowest row as a grey picture from the highest, (rows, columns, 3).

    Its highest-density regions have white borders; those of the other density on the same raster, orange ones.
    """
    shade = np.sqrt(np.clip(density / density.max(), 0, 1))  # so that the 95 % region is not black
    picture = np.repeat(np.rint(200 * shade).astype(np.uint8)[..., None], 3, axis=2)
    for values, borders, colour in ((density, levels, (255, 255, 255)), (other, other_levels, (246, 133, 18))):
        for border in borders:
            picture[_border(values >= border)] = colour
    return np.ascontiguousarray(picture[::-1])


def _border(region: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The cells of a region that have a neighbour outside."""
    padded = np.pad(region, 1)
    inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return region & ~inner
