"""How a map shows latent points: unchanged, or by the normal CDF (area is prior mass).

The program stores z alone. A plane serves drawing and the way back from a pixel, so changing the plane changes no point.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.latent.ticks import Tick, even_ticks, ticks_at_probabilities
from vae_explorer.runtime.loading_scipy import load_scipy

Number = TypeVar("Number", bound=np.generic)
FAR = 1e6  # latent units; no map shows codes farther out, where float32 is coarser than a posterior is wide
BOUND = 8.0  # latent units: in float64 Φ(8) is six steps below 1, and Φ(8.3) is 1
_DENSE = 256  # least number of straight pieces in a curve
_CHUNK = 1 << 20  # points at a time, so that temporaries stay small


def is_on_map(z: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Tell which latent points (n, d) a map can show, (n,): finite points within `FAR`."""
    shown = np.ones(len(z), bool)
    for axis in range(z.shape[1]):  # one axis at a time keeps temporaries smaller than the points
        shown &= z[:, axis] <= FAR
        shown &= z[:, axis] >= -FAR
    return shown


class Plane(ABC):
    """A rising map of each coordinate by itself. It has no state, so threads may share it."""

    title: str  # text beside the axis; its numbers are values of z
    whole: tuple[float, float] | None  # range of a map coordinate over all latent points; None if unbounded
    span_limits: tuple[float, float]  # least and largest width and height of a view, in map units
    reach: float  # how far from the origin a view can go, in map units

    @abstractmethod
    def to_view(self, z: ArrayLike) -> NDArray[np.float64]:
        """Return the map positions of latent points (…, 2); NaN for infinite coordinates."""

    @abstractmethod
    def to_latent(self, view: ArrayLike) -> NDArray[np.float64]:
        """Return the latent points at map positions (…, 2)."""

    @abstractmethod
    def inside(self, view: ArrayLike, margin: float) -> NDArray[np.float64]:
        """Return the nearest map positions that keep `margin` from the map's edge, (…, 2)."""

    @abstractmethod
    def line(self, z: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the corners (m, 2) on the map of straight pieces between latent points (n, 2)."""

    @abstractmethod
    def codes(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return `to_view` of many points (n, 2), in float32."""

    @abstractmethod
    def warped(self, picture: NDArray[Number], x_range: tuple[float, float], y_range: tuple[float, float]) -> NDArray[Number]:
        """Redraw a picture (H, W) of a rectangle of latent points for the map; row 0 is the top.

        Values stay as they are: a density by latent units remains a density by latent units.
        """

    @abstractmethod
    def ticks(self, low: float, high: float, gap: float, least_gap: float) -> list[Tick]:
        """Return ticks at round z, `gap` map units apart, or `least_gap` where z is crowded."""


class _Identity(Plane):
    title = ""
    whole = None
    span_limits = (1e-4, 4 * FAR)  # no posterior is narrower; a wide window holds all codes
    reach = 2 * FAR

    def to_view(self, z: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(z, np.float64)

    def to_latent(self, view: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(view, np.float64)

    def inside(self, view: ArrayLike, margin: float) -> NDArray[np.float64]:
        return np.asarray(view, np.float64)

    def line(self, z: NDArray[np.float32]) -> NDArray[np.float64]:
        return self.to_view(z)

    def codes(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        return z

    def warped(self, picture: NDArray[Number], x_range: tuple[float, float], y_range: tuple[float, float]) -> NDArray[Number]:
        return picture

    def ticks(self, low: float, high: float, gap: float, least_gap: float) -> list[Tick]:
        return even_ticks(low, high, gap)


class _EqualProbability(Plane):
    """u = Φ(z) for each coordinate: the unit square, on which the prior N(0, I) is uniform.

    Source: Kingma & Welling 2014, figure 4.
    """

    title = "z at Φ(z)"
    whole = (0.0, 1.0)
    span_limits = (1e-4, 5.0)  # below, the rounding of float32 near u = 1 would show; a wide window holds the square
    reach = 5.0

    def to_view(self, z: ArrayLike) -> NDArray[np.float64]:
        load_scipy()
        from scipy.special import ndtr

        points = np.asarray(z, np.float64)
        return np.where(np.isfinite(points), ndtr(points), np.nan)

    def to_latent(self, view: ArrayLike) -> NDArray[np.float64]:
        """Return z = Φ⁻¹(u), clipped to |z| ≤ BOUND, with both tails alike.

        z is as exact as u is in float64: to 1e-15 in the middle, to 1e-8 at |z| = 6.
        """
        load_scipy()
        from scipy.special import ndtri

        u = np.asarray(view, np.float64)
        tail = np.minimum(u, 1.0 - u)  # 1 − u is exact for u ≥ ½
        latent: NDArray[np.float64] = np.copysign(np.minimum(np.maximum(ndtri(np.maximum(tail, 0.0)), -BOUND), 0.0), u - 0.5)
        return latent

    def inside(self, view: ArrayLike, margin: float) -> NDArray[np.float64]:
        return np.clip(np.asarray(view, np.float64), margin, 1.0 - margin)

    def line(self, z: NDArray[np.float32]) -> NDArray[np.float64]:
        if len(z) < 2:
            return self.to_view(z)
        pieces = math.ceil(_DENSE / (len(z) - 1)) * (len(z) - 1)
        at, given = np.linspace(0, len(z) - 1, pieces + 1), np.arange(len(z))
        return self.to_view(np.stack([np.interp(at, given, z[:, axis]) for axis in (0, 1)], axis=1))

    def codes(self, z: NDArray[np.float32]) -> NDArray[np.float32]:
        view = np.empty_like(z)
        for start in range(0, len(z), _CHUNK):
            part = z[start : start + _CHUNK]
            view[start : start + _CHUNK] = self.to_view(np.where(is_on_map(part)[:, None], part, np.nan))
        return view

    def warped(self, picture: NDArray[Number], x_range: tuple[float, float], y_range: tuple[float, float]) -> NDArray[Number]:
        across = _resampled(picture.astype(np.float64), self._places(x_range, picture.shape[1]))
        down = _resampled(across[::-1].T, self._places(y_range, picture.shape[0])).T[::-1]
        whole = np.issubdtype(picture.dtype, np.integer)
        return (np.rint(down) if whole else down).astype(picture.dtype)

    def _places(self, z_range: tuple[float, float], n: int) -> NDArray[np.float64]:
        """Return for n even cells on the map the (fractional) index among n even cells of z, (n,)."""
        low, high = self.to_view(z_range)
        z = self.to_latent(low + (high - low) * (np.arange(n) + 0.5) / n)
        return np.clip((z - z_range[0]) / (z_range[1] - z_range[0]) * n - 0.5, 0, n - 1)

    def ticks(self, low: float, high: float, gap: float, least_gap: float) -> list[Tick]:
        return ticks_at_probabilities(low, high, gap, least_gap)


def _resampled(values: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    left = np.minimum(places.astype(np.int64), max(values.shape[1] - 2, 0))
    right = np.minimum(left + 1, values.shape[1] - 1)
    share = places - left
    return np.asarray((1 - share) * values[:, left] + share * values[:, right])


IDENTITY: Plane = _Identity()
EQUAL_PROBABILITY: Plane = _EqualProbability()
PLANES = {"latent": IDENTITY, "equal": EQUAL_PROBABILITY}
