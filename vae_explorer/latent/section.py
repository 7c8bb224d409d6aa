"""A section: the plane through a latent space of d dimensions that a map shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vae_explorer.by_content import ByContent

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_CHUNK = 1 << 12  # codes
_FLAT = 1e-9  # of the longest direction; shorter directions span no plane


@dataclass(frozen=True, slots=True, eq=False)
class Section(ByContent):
    """The points origin + a · axes for places a (2,) on the map. The axes have length 1 and are at right angles."""

    origin: NDArray[np.float64]  # (d,)
    axes: NDArray[np.float64]  # (2, d); a space of one dimension has a second axis of zeros

    @property
    def latents(self) -> int:
        return len(self.origin)

    @property
    def is_whole(self) -> bool:
        """Whether the map shows every latent point."""
        return self.latents <= 2

    @property
    def along(self) -> list[int]:
        """The two latents whose axes the map shows; empty where an axis lies across latents."""
        latents: list[int] = self.axes.argmax(axis=1).tolist()
        return latents if np.array_equal(self.axes, np.eye(self.latents)[latents]) else []

    def lift(self, places: ArrayLike) -> NDArray[np.float32]:
        """Return the latent points (n, d) at places (n, 2) of the map."""
        return np.asarray(self.origin + np.asarray(places, np.float64) @ self.axes, np.float32)

    def project(self, z: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the places (n, 2) under latent points (n, d): the nearest points of the section."""
        along = self.along
        product = np.take(z, along, axis=1) if along else z @ self.axes.T.astype(z.dtype)
        places: NDArray[np.float32] = np.asarray(product, np.float32)
        for column, shift in enumerate((self.axes @ self.origin).tolist()):
            places[:, column] -= shift
        return places

    def spread(self, std: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the standard deviations (n, 2) along the axes of Gaussians with std (n, d)."""
        if self.along:
            return np.take(std, self.along, axis=1).astype(np.float32)
        spread: NDArray[np.float32] = np.sqrt(np.square(std) @ np.square(self.axes).T.astype(std.dtype)).astype(np.float32)
        return spread

    def distance(self, z: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return the distances (n,) of latent points (n, d) from the section."""
        distance, axes = np.empty(len(z), np.float32), self.axes.T.astype(z.dtype)
        for part in _chunks(len(z)):
            beside = z[part] - self.origin.astype(z.dtype)
            along = beside @ axes
            squares = np.einsum("nd,nd->n", beside, beside) - np.einsum("nd,nd->n", along, along)
            distance[part] = np.sqrt(np.maximum(squares, 0))
        return distance

    def moved(self, latent: int, value: float) -> Section:
        """Return the parallel section through `value` on the axis of one latent."""
        origin = self.origin.copy()
        origin[latent] = value
        return Section(origin, self.axes)

    def through_point(self, z: NDArray[np.floating]) -> Section:
        """Return the parallel section through a latent point (d,). The places of points on the map stay."""
        point = z.astype(np.float64)
        return Section(point - (point - self.origin) @ self.axes.T @ self.axes, self.axes)


def whole_plane(latents: int) -> Section:
    """Return the section that shows every point of a space of one or two latents."""
    return Section(np.zeros(latents), np.eye(2, latents))


def of_latents(first: int, second: int, origin: NDArray[np.floating]) -> Section:
    """Return the section along two latents through `origin` (d,). Along them, 0 of the map is 0 of the space."""
    axes = np.zeros((2, len(origin)))
    axes[0, first] = axes[1, second] = 1.0
    base = np.array(origin, np.float64)
    base[[first, second]] = 0.0
    return Section(base, axes)


def principal(mean: NDArray[np.floating]) -> Section:
    """Return the section through the centre of codes (n, d) along their two widest principal axes.

    Raises `ValueError` for fewer than two codes, or for codes on one line.
    """
    centre = mean.mean(axis=0, dtype=np.float64)
    beside = mean - centre
    values, vectors = np.linalg.eigh(beside.T @ beside / max(len(mean) - 1, 1))
    return spanned(centre, vectors[:, -1] * np.sqrt(max(values[-1], 0)), vectors[:, -2] * np.sqrt(max(values[-2], 0)))


def through(points: NDArray[np.floating]) -> Section:
    """Return the section through three latent points (3, d), with the first as its origin.

    Raises `ValueError` for points on one line.
    """
    first, second, third = points.astype(np.float64)
    return spanned(first, second - first, third - first)


def separating(mean: NDArray[np.floating], is_second: NDArray[np.bool_]) -> Section:
    """Return the section that separates two classes of codes (n, d) best.

    The first axis is Fisher's discriminant W⁻¹ (m₂ − m₁), W the covariance within the classes (Fisher 1936). The second axis is
    the widest direction within the classes at a right angle to it. The origin lies midway between both classes. Raises `ValueError`
    if a class has no codes, or if both have the same mean.
    """
    first, second = (mean[chosen].astype(np.float64) for chosen in (~is_second, is_second))
    if not len(first) or not len(second):
        raise ValueError("a class without codes cannot be separated")
    within = np.concatenate([first - first.mean(axis=0), second - second.mean(axis=0)])
    covariance = within.T @ within / max(len(within) - 2, 1)
    between = second.mean(axis=0) - first.mean(axis=0)
    ridge = max(np.trace(covariance) / len(between), np.finfo(float).tiny) * 1e-6  # latents that the codes do not use
    discriminant = np.linalg.solve(covariance + ridge * np.eye(len(between)), between)
    axis = _unit(discriminant)
    beside = within - np.outer(within @ axis, axis)
    widest = np.linalg.eigh(beside.T @ beside)[1][:, -1]
    return spanned(0.5 * (first.mean(axis=0) + second.mean(axis=0)), axis, widest)


def spanned(origin: NDArray[np.float64], first: NDArray[np.float64], second: NDArray[np.float64]) -> Section:
    """Return the section through `origin` along two directions (d,). Raises `ValueError` if they span no plane."""
    axis = _unit(first)
    rest = second - (second @ axis) * axis
    rest = rest - (rest @ axis) * axis  # once more, as rounding leaves a share of nearly equal directions
    if np.linalg.norm(rest) <= _FLAT * max(np.linalg.norm(first), np.linalg.norm(second)):
        raise ValueError("the directions lie on one line")
    return Section(np.asarray(origin, np.float64), np.stack([axis, _unit(rest)]))


def turned(section: Section, axis: int, towards: NDArray[np.float64], angle: float) -> Section:
    """Return the section after one axis has turned by `angle` (radians) towards a unit direction at right angles to both axes.

    A tour is a sequence of such turns (Asimov 1985).
    """
    moved = np.cos(angle) * section.axes[axis] + np.sin(angle) * towards
    axes = spanned(section.origin, section.axes[1 - axis], moved).axes  # so that rounding does not add up
    return Section(section.origin, axes[::-1] if axis == 0 else axes)


def name_of(latent: int) -> str:
    """Return the name of a latent, such as z₃ for number 2."""
    return "z" + str(latent + 1).translate(_LOWERED)


def information(mean: NDArray[np.floating], std: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what each latent tells of an image, (d,), from codes (n, d): the mean KL to N(0, 1) in nats, for points the variance."""
    if not len(mean):
        return np.zeros(mean.shape[1])
    if not std.any():
        return np.asarray(mean.var(axis=0, dtype=np.float64))
    told = np.zeros(mean.shape[1])
    for part in _chunks(len(mean)):
        squares = np.square(std[part], dtype=np.float64)
        told += 0.5 * (np.square(mean[part], dtype=np.float64) + squares - 1 - np.log(squares)).sum(axis=0, dtype=np.float64)
    return told / len(mean)


def by_information(mean: NDArray[np.floating], std: NDArray[np.floating]) -> list[int]:
    """Return the latents of codes (n, d) from the one that tells most of an image to the one that tells least."""
    return ranked(information(mean, std))


def ranked(told: NDArray[np.float64]) -> list[int]:
    """Return the latents from the one that tells most of an image to the one that tells least; `told` (d,) is `information`."""
    order: list[int] = np.argsort(-told, kind="stable").tolist()
    return order


def opening(told: NDArray[np.float64]) -> Section:
    """Return the section that a map opens with: all of one or two latents, else the two that tell most, through 0."""
    if len(told) <= 2:
        return whole_plane(len(told))
    first, second, *_ = ranked(told)
    return of_latents(first, second, np.zeros(len(told)))


def _chunks(n: int) -> Iterator[slice]:
    """Yield runs of codes whose temporaries stay in the processor's cache."""
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))


def _unit(direction: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a direction with length 1. Raises `ValueError` for the zero direction."""
    length = np.linalg.norm(direction)
    if not length > 0:
        raise ValueError("the direction has length 0")
    return np.asarray(direction / length)
