"""Sprites: drawn shapes in colour whose factors are known. Made by code, seeded; numpy alone.

Each image shows one shape on black. Its shape, hue, size, angle and place are drawn independently.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.data.base import Dataset, Fetching, ImageSet
from vae_explorer.data.columns import Column, ColumnKind, Columns

SHAPES = ("ellipse", "square", "triangle")
SIDE, TRAIN, TEST = 32, 18_000, 2_000
_SEED = 2026
_SIZES = (5.0, 10.5)  # pixels from the centre to the edge
_PLACES = (11.0, 21.0)  # pixels; no shape leaves the image
_AT_ONCE = 2_000  # images drawn together, for memory
_HUES = 256

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Factors:
    """What the images show, (n,) each."""

    shape: NDArray[np.uint8]  # index in `SHAPES`
    hue: Floats  # in [0, 1), a circle
    size: Floats  # pixels
    angle: Floats  # radians in [0, 2π), counterclockwise as the image is seen
    x: Floats  # pixels, to the right
    y: Floats  # pixels, downwards

    def __len__(self) -> int:
        return len(self.shape)

    def of(self, rows: slice) -> Factors:
        return Factors(self.shape[rows], self.hue[rows], self.size[rows], self.angle[rows], self.x[rows], self.y[rows])


def draw_factors(count: int, seed: int = _SEED) -> Factors:
    """Draw the factors of `count` images, all independent and uniform."""
    chosen = np.random.default_rng(seed)
    return Factors(
        chosen.integers(0, len(SHAPES), count, np.uint8),
        chosen.random(count),
        chosen.uniform(*_SIZES, count),
        chosen.uniform(0, 2 * np.pi, count),
        chosen.uniform(*_PLACES, count),
        chosen.uniform(*_PLACES, count),
    )


def render(factors: Factors) -> NDArray[np.uint8]:
    """Draw the images (n, 32, 32, 3). An edge pixel takes the share that the shape covers, by its signed distance."""
    images = np.empty((len(factors), SIDE, SIDE, 3), np.uint8)
    for start in range(0, len(factors), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        some = factors.of(rows)
        cover = np.clip(0.5 - _signed_distance(some), 0, 1)
        images[rows] = np.rint(cover[..., None] * _colours(some.hue)[:, None, None] * 255)
    return images


def _signed_distance(factors: Factors) -> Floats:
    """Return the pixels (n, 32, 32) from each pixel's centre to the shape's edge, negative inside."""
    row, column = np.mgrid[:SIDE, :SIDE] + 0.5
    across, down = column - factors.x[:, None, None], row - factors.y[:, None, None]
    cos, sin = (turn(factors.angle)[:, None, None] for turn in (np.cos, np.sin))
    u, v = cos * across - sin * down, sin * across + cos * down
    size = factors.size[:, None, None]
    each = (_ellipse(u, v, size), _square(u, v, size), _triangle(u, v, size))
    distance: Floats = np.choose(factors.shape[:, None, None], each)
    return distance


def _ellipse(u: Floats, v: Floats, size: Floats) -> Floats:
    """Axes of `size` and half of it; near the edge, the implicit function over its gradient is the distance."""
    a, b = size, size / 2
    length = np.sqrt((u / a) ** 2 + (v / b) ** 2)
    slope = np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2)
    return np.where(slope > 0, length * (length - 1) / np.maximum(slope, 1e-12), -b)


def _square(u: Floats, v: Floats, size: Floats) -> Floats:
    """The corners lie at `size` from the centre."""
    distance: Floats = np.maximum(np.abs(u), np.abs(v)) - size / np.sqrt(2)
    return distance


def _triangle(u: Floats, v: Floats, size: Floats) -> Floats:
    """One corner lies at `size` on the axis u, the others at 0.7 `size` and ±135 degrees. Only a whole turn maps it to itself."""
    back = -0.7 * size * np.sqrt(0.5)
    height, half = size - back, 0.7 * size * np.sqrt(0.5)
    side = (half * (u - size) + height * np.abs(v)) / np.sqrt(half**2 + height**2)
    distance: Floats = np.maximum(back - u, side)
    return distance


def _colours(hue: Floats) -> Floats:
    """Full colours (n, 3) in [0, 1] of hues in [0, 1)."""
    wheel = np.array([colorsys.hsv_to_rgb(place / _HUES, 0.85, 1.0) for place in range(_HUES)])
    return np.asarray(wheel[(hue * _HUES).astype(np.intp)], np.float64)


def load(fetching: Fetching) -> Dataset:
    """Draw all images, the same ones each time. Nothing is fetched."""
    factors = draw_factors(TRAIN + TEST)
    images = render(factors)
    parts = (ImageSet(images[rows], factors.shape[rows]) for rows in (slice(TRAIN), slice(TRAIN, None)))
    return Dataset(*parts, columns=columns_of(factors))


def columns_of(factors: Factors) -> Columns:
    """Return the factors as labels; the shape is the class. Angles and hues are in degrees."""
    numbers = {
        "hue": (360 * factors.hue, "°"),
        "size": (factors.size, "px"),
        "angle": (np.degrees(factors.angle), "°"),
        "x": (factors.x, "px"),
        "y": (factors.y, "px"),
    }
    shape = Column("shape", ColumnKind.CATEGORICAL, factors.shape.astype(np.int32), SHAPES)
    others = (Column(name, ColumnKind.CONTINUOUS, values, unit=unit) for name, (values, unit) in numbers.items())
    return Columns((shape, *others), shape.name)
