"""Points of the plane as one picture of round dots. The cost is that of the picture, hardly that of the points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.tiles import LABEL_BITS, TiledPoints

LEVELS = 7  # steps of an antialiased edge
DENSITIES = 16  # steps of how crowded a pixel is
_LEVEL_SHIFT = 24  # above the keys of TiledPoints, which have 16 bits of priority over 8 of the label
_STAMP_SHARE = 0.08  # of the pixels; with more dots than this, shifting the picture is quicker than drawing dot by dot
_MANY = 2048  # points in a pixel; more look the same
_STEPS_A_DOUBLING = 1.5  # of the density, for each doubling of the number of points in a pixel

Rings = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the plane and the picture it is drawn in; row 0 lies at the top, where the second coordinate is largest."""

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class RasterRequest:
    """A picture that is to be drawn."""

    points: TiledPoints
    frame: Frame
    radius: float  # of a dot, pixels
    hidden: frozenset[int]  # labels that are not drawn
    table: NDArray[np.uint32]  # colours by level, density and class: (LEVELS + 1, DENSITIES, classes)


@dataclass(frozen=True, slots=True)
class Raster:
    """What a picture of dots shows at each pixel, (H, W) uint8 each."""

    level: NDArray[np.uint8]  # 0 … LEVELS: how much of the pixel a dot covers
    label: NDArray[np.uint8]  # of the dot on top
    density: NDArray[np.uint8]  # 0 … DENSITIES − 1: 0 for a single point, more for a crowd


def dot_radius(points: int, area: float) -> float:
    """A radius in pixels at which `points` dots over `area` pixels can be told apart, between 1.4 and 4.5; 1 for crowds."""
    spacing = float(np.sqrt(area / max(points, 1)))
    return 1.0 if spacing < 1.0 else float(np.clip(0.3 * spacing, 1.4, 4.5))


def draw(
    points: TiledPoints,
    frame: Frame,
    radius: float,
    hidden: frozenset[int] = frozenset(),
    is_stale: Callable[[], bool] = lambda: False,
) -> Raster | None:
    """Dots of `radius` pixels, in the points' own drawing order; None as soon as `is_stale` says that nobody waits for it.

    A dot's centre is drawn at the middle of the pixel that holds it. Dots whose centre lies outside the frame but whose rim reaches
    in are drawn too.
    """
    rings = _rings(radius)
    margin = int(np.ceil(radius + 0.5))
    found = _centres(points, frame, margin, hidden, is_stale)
    if found is None:
        return None
    keys, counts = found
    few = np.count_nonzero(keys) < _STAMP_SHARE * keys.size
    value = (_stamp if few else _dilate)(keys, rings)
    inside = (slice(margin, margin + frame.height), slice(margin, margin + frame.width))
    value = value[inside]
    label = (value & np.uint32((1 << LABEL_BITS) - 1)).astype(np.uint8)
    return Raster((value >> np.uint32(_LEVEL_SHIFT)).astype(np.uint8), label, _crowd(counts, rings, margin)[inside])


def _stamp(keys: NDArray[np.uint32], rings: Rings) -> NDArray[np.uint32]:
    """Each dot drawn around its centre: quick for few dots."""
    value = np.zeros(keys.size, np.uint32)
    centre = np.flatnonzero(keys)
    key = keys.ravel()[centre]
    for level, offsets in rings.items():
        drawn = key + np.uint32(level << _LEVEL_SHIFT)
        for dx, dy in offsets:
            # What wraps around an edge or is clipped lands in the margin, which is cut off.
            place = np.clip(centre + (dy * keys.shape[1] + dx), 0, keys.size - 1)
            np.maximum.at(value, place, drawn)
    return value.reshape(keys.shape)


def _dilate(keys: NDArray[np.uint32], rings: Rings) -> NDArray[np.uint32]:
    """The same by shifting the whole picture: quick for many dots."""
    value = np.zeros_like(keys)
    for level, offsets in rings.items():
        ring = np.zeros_like(keys)
        for dx, dy in offsets:
            into, out_of = _shifted(keys.shape, dx, dy)
            np.maximum(ring[into], keys[out_of], out=ring[into])
        ring[ring > 0] += np.uint32(level << _LEVEL_SHIFT)
        np.maximum(value, ring, out=value)
    return value


def _crowd(counts: NDArray[np.int64], rings: Rings, margin: int) -> NDArray[np.uint8]:
    """How crowded the dots are that reach into each pixel: the logarithm of the number of points in one."""
    if counts.max(initial=0) <= 1:
        return np.zeros(counts.shape, np.uint8)
    table = np.minimum(_STEPS_A_DOUBLING * np.log2(np.maximum(np.arange(_MANY), 1)), DENSITIES - 1).astype(np.uint8)
    density = table[np.minimum(counts, _MANY - 1)]
    crowd = density.copy()
    for dx, dy in (offset for ring in rings.values() for offset in ring):
        into, out_of = _shifted(counts.shape, dx, dy)
        np.maximum(crowd[into], density[out_of], out=crowd[into])
    return crowd


def _shifted(shape: tuple[int, ...], dx: int, dy: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a picture that is moved by (dx, dy) goes, and what part of it is left."""
    rows = (slice(max(dy, 0), shape[0] + min(dy, 0)), slice(max(-dy, 0), shape[0] + min(-dy, 0)))
    columns = (slice(max(dx, 0), shape[1] + min(dx, 0)), slice(max(-dx, 0), shape[1] + min(-dx, 0)))
    return (rows[0], columns[0]), (rows[1], columns[1])


def _centres(
    points: TiledPoints, frame: Frame, margin: int, hidden: frozenset[int], is_stale: Callable[[], bool]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]] | None:
    """Pictures with a margin: the key of the topmost point whose centre lies in each pixel (0 where none), and how many there are."""
    width, height = frame.width + 2 * margin, frame.height + 2 * margin
    (left, right), (bottom, top) = frame.x_range, frame.y_range
    scale_x, scale_y = frame.width / (right - left), frame.height / (top - bottom)
    keys = np.zeros(width * height, np.uint32)
    counts = np.zeros(width * height, np.int64)
    shown = np.ones(256, bool)
    shown[[label for label in hidden if label < len(shown)]] = False  # labels of codes that are still being sorted
    around = (margin / scale_x, margin / scale_y)
    for part in points.spans((left - around[0], right + around[0]), (bottom - around[1], top + around[1])):
        if is_stale():
            return None
        x = np.floor((points.x[part] - np.float64(left)) * scale_x).astype(np.int64) + margin
        y = np.floor((np.float64(top) - points.y[part]) * scale_y).astype(np.int64) + margin
        key = points.key[part]
        keep = (x >= 0) & (x < width) & (y >= 0) & (y < height)
        if hidden:
            keep &= shown[key & np.uint32(255)]
        flat, key = (y * width + x)[keep], key[keep]
        np.maximum.at(keys, flat, key)
        counts += np.bincount(flat, minlength=len(counts))
    return keys.reshape(height, width), counts.reshape(height, width)


def _rings(radius: float) -> Rings:
    """Level of coverage -> offsets from a dot's centre that have it."""
    reach = int(np.ceil(radius + 0.5))
    rings: Rings = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            level = round(float(np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)) * LEVELS)
            if level:
                rings.setdefault(level, []).append((dx, dy))
    return rings


def picture(request: RasterRequest, is_stale: Callable[[], bool] = lambda: False) -> NDArray[np.uint32] | None:
    """The colours of `wish`, (H, W); None where `is_stale` said that nobody waits for it. Labels beyond the classes begin anew."""
    raster = draw(request.points, request.frame, request.radius, request.hidden, is_stale)
    if raster is None:
        return None
    classes = request.table.shape[2]
    index = raster.level.astype(np.uint16)
    index *= np.uint16(DENSITIES)
    index += raster.density
    index *= np.uint16(classes)
    index += raster.label % np.uint8(classes)
    return request.table.ravel()[index]
