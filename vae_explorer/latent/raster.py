"""Draws points of the plane as round dots.

The cost depends on the picture, hardly on the number of points.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.tiles import LABEL_BITS, NEAR_BIT, TiledPoints

LEVELS = 7  # steps of an antialiased edge
DENSITIES = 16  # steps of crowding in a pixel
_LEVEL_SHIFT = 24  # keys of TiledPoints use the lower 24 bits: 16 of priority, 8 of the label
_FAINT = 0.3  # of the level of a near point
STAMP_SHARE = 0.08  # dots a pixel; above, shifting the whole picture is faster than stamping dots
_MANY = 2048  # points a pixel; larger numbers look alike
_STEPS_A_DOUBLING = 1.5  # steps of DENSITIES for each doubling of the points in a pixel

Rings = dict[int, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle of the plane and the size of its picture.

    Row 0, at the top, has the largest second coordinate.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int  # pixels
    height: int


@dataclass(frozen=True, slots=True)
class RasterRequest:
    """A request for one picture of dots."""

    points: TiledPoints
    frame: Frame
    radius: float  # of a dot, in pixels
    hidden: frozenset[int]  # labels that stay undrawn
    table: NDArray[np.uint32]  # colours by level, density and class: (LEVELS + 1, DENSITIES, classes)

    def asks_for_same(self, other: RasterRequest) -> bool:
        """Tell whether two requests of the same points and table are for one picture."""
        is_of_same = self.points is other.points and self.table is other.table
        return is_of_same and (self.frame, self.radius, self.hidden) == (other.frame, other.radius, other.hidden)


@dataclass(frozen=True, slots=True)
class Raster:
    """What a picture of dots shows at each pixel, (H, W) uint8 each."""

    level: NDArray[np.uint8]  # 0 to LEVELS: the share of the pixel that a dot covers
    label: NDArray[np.uint8]  # label of the topmost dot
    density: NDArray[np.uint8]  # 0 for a single point, up to DENSITIES − 1 for a crowd


def dot_radius(points: int, area: float) -> float:
    """Return a dot radius, 1.4 to 4.5 pixels, that keeps `points` dots on `area` pixels apart.

    Crowds get 1 pixel.
    """
    spacing = float(np.sqrt(area / max(points, 1)))
    return 1.0 if spacing < 1.0 else float(np.clip(0.3 * spacing, 1.4, 4.5))


def draw(
    points: TiledPoints,
    frame: Frame,
    radius: float,
    hidden: frozenset[int] = frozenset(),
    is_stale: Callable[[], bool] = lambda: False,
) -> Raster | None:
    """Draw `points` as dots of `radius` pixels in their order; None once `is_stale` is true.

    A dot is centred on the pixel that holds its point. Dots centred outside the frame are drawn where they reach into it.
    """
    rings = _rings(radius)
    margin = int(np.ceil(radius + 0.5))
    found = _centres(points, frame, margin, hidden, is_stale)
    if found is None:
        return None
    keys, counts = found
    few = np.count_nonzero(keys) < STAMP_SHARE * keys.size
    value = (_stamp if few else _dilate)(keys, rings)
    inside = (slice(margin, margin + frame.height), slice(margin, margin + frame.width))
    value = value[inside]
    label = (value & np.uint32((1 << LABEL_BITS) - 1)).astype(np.uint8)
    return Raster(_levels(value), label, _crowd(counts, rings, margin)[inside])


def _levels(value: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """Return the share of each pixel that its dot covers, less for faint points."""
    level = (value >> np.uint32(_LEVEL_SHIFT)).astype(np.uint8)
    is_faint = (level > 0) & ((value >> np.uint32(NEAR_BIT)) & np.uint32(1) == 0)
    if is_faint.any():
        level[is_faint] = np.ceil(_FAINT * level[is_faint]).astype(np.uint8)
    return level


def _stamp(keys: NDArray[np.uint32], rings: Rings) -> NDArray[np.uint32]:
    """Draw each dot around its centre: fast for few dots."""
    value = np.zeros(keys.size, np.uint32)
    centre = np.flatnonzero(keys)
    key = keys.ravel()[centre]
    for level, offsets in rings.items():
        drawn = key + np.uint32(level << _LEVEL_SHIFT)
        for dx, dy in offsets:
            # Pixels that wrap around an edge or are clipped land in the margin, which is cut off.
            place = np.clip(centre + (dy * keys.shape[1] + dx), 0, keys.size - 1)
            np.maximum.at(value, place, drawn)
    return value.reshape(keys.shape)


def _dilate(keys: NDArray[np.uint32], rings: Rings) -> NDArray[np.uint32]:
    """Draw all dots by shifting the whole picture: fast for many dots."""
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
    """Return each pixel's crowding, the logarithm of the largest dot count that reaches it."""
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
    rows = (slice(max(dy, 0), shape[0] + min(dy, 0)), slice(max(-dy, 0), shape[0] + min(-dy, 0)))
    columns = (slice(max(dx, 0), shape[1] + min(dx, 0)), slice(max(-dx, 0), shape[1] + min(-dx, 0)))
    return (rows[0], columns[0]), (rows[1], columns[1])


def _centres(
    points: TiledPoints, frame: Frame, margin: int, hidden: frozenset[int], is_stale: Callable[[], bool]
) -> tuple[NDArray[np.uint32], NDArray[np.int64]] | None:
    """Return each pixel's topmost key (0 if none) and point count, with a margin."""
    width, height = frame.width + 2 * margin, frame.height + 2 * margin
    (left, right), (bottom, top) = frame.x_range, frame.y_range
    scale_x, scale_y = frame.width / (right - left), frame.height / (top - bottom)
    keys = np.zeros(width * height, np.uint32)
    counts = np.zeros(width * height, np.int64)
    shown = np.ones(256, bool)
    shown[[label for label in hidden if label < len(shown)]] = False  # newer codes, still unsorted, may have more labels
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
    reach = int(np.ceil(radius + 0.5))
    rings: Rings = {}
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            level = round(float(np.clip(radius + 0.5 - np.hypot(dx, dy), 0, 1)) * LEVELS)
            if level:
                rings.setdefault(level, []).append((dx, dy))
    return rings


def picture(request: RasterRequest, is_stale: Callable[[], bool] = lambda: False) -> NDArray[np.uint32] | None:
    """Return the colours (H, W) of a request; None once `is_stale` is true.

    Labels beyond the number of classes start again at the first class.
    """
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
