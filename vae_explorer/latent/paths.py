"""Paths between two latent points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_FRAMES, DEFAULT_FRAMES, MAX_FRAMES = 2, 16, 120
_ONE_LINE = 1e-6  # radians


def linear_path(start: ArrayLike, end: ArrayLike, frames: int) -> NDArray[np.float32]:
    """Return z(t) = (1 − t)·z0 + t·z1 at `frames` even steps of t, (frames, d).

    Both endpoints are exact. Raises `ValueError` for fewer than two frames.
    """
    if frames < MIN_FRAMES:
        raise ValueError(f"a path has at least {MIN_FRAMES} frames, not {frames}")
    t = np.linspace(0.0, 1.0, frames)[:, None]
    z0, z1 = np.asarray(start, np.float64), np.asarray(end, np.float64)
    return ((1.0 - t) * z0 + t * z1).astype(np.float32)


def spherical_path(start: ArrayLike, end: ArrayLike, frames: int) -> NDArray[np.float32]:
    """Return z(t) at even angles around 0, (frames, d): |z(t)| is linear in t, and the direction follows a great circle.

    Samples of N(0, I) have a norm near √d, which a straight line between them leaves (Shoemake 1985; White 2016, section 3). Both
    endpoints are exact. Where 0 and both endpoints lie on one line, no great circle is given, and the path is linear. Raises
    `ValueError` for fewer than two frames.
    """
    line = linear_path(start, end, frames)
    z0, z1 = np.asarray(start, np.float64), np.asarray(end, np.float64)
    length0, length1 = np.linalg.norm(z0), np.linalg.norm(z1)
    if not min(length0, length1) > 0:
        return line
    first, last = z0 / length0, z1 / length1
    angle = 2 * np.arctan2(np.linalg.norm(last - first), np.linalg.norm(last + first))
    if min(angle, np.pi - angle) < _ONE_LINE:
        return line
    t = np.linspace(0.0, 1.0, frames)[1:-1, None]
    direction = (np.sin((1 - t) * angle) * first + np.sin(t * angle) * last) / np.sin(angle)
    line[1:-1] = ((1 - t) * length0 + t * length1) * direction
    return line


class Interpolation(StrEnum):
    LINEAR = "linear"
    SPHERICAL = "spherical"

    def path(self, start: ArrayLike, end: ArrayLike, frames: int) -> NDArray[np.float32]:
        """Return the points (frames, d) between two latent points (d,)."""
        return (spherical_path if self is Interpolation.SPHERICAL else linear_path)(start, end, frames)


Point = tuple[float, float]
# of the map
LatentPoint = tuple[float, ...]  # (d,)


@dataclass(frozen=True, slots=True)
class LatentPath:
    """A path of zero, one or two endpoints in a latent space of d dimensions, and its number of frames.

    An endpoint may store a class for models that decode with a class; None means no class.
    """

    points: tuple[LatentPoint, ...] = ()
    frames: int = DEFAULT_FRAMES
    labels: tuple[int | None, ...] = ()  # one a point
    interpolation: Interpolation = Interpolation.LINEAR

    @property
    def is_complete(self) -> bool:
        return len(self.points) == 2

    @property
    def latents(self) -> int | None:
        """The dimensions d of its latent space, None without points."""
        return len(self.points[0]) if self.points else None

    def clicked(self, point: LatentPoint, label: int | None = None) -> LatentPath:
        """Return the path after a click: the second click ends a path, the third begins a new path.

        A click in a space of other dimensions begins a new path too.
        """
        if self.is_complete or self.latents not in (None, len(point)):
            return replace(self, points=(point,), labels=(label,))
        return replace(self, points=(*self.points, point), labels=(*self.labels, label))

    def moved(self, endpoint: int, point: LatentPoint) -> LatentPath:
        return replace(self, points=tuple(point if place == endpoint else old for place, old in enumerate(self.points)))

    def z(self) -> NDArray[np.float32]:
        """Return the latent points of the frames, (frames, d); (0, 2) if the path is incomplete."""
        if not self.is_complete:
            return np.zeros((0, 2), np.float32)
        start, end = self.points
        return self.interpolation.path(start, end, self.frames)

    def shown_as(self, classes: int, chosen: int) -> tuple[int, ...]:
        """Return the class of each endpoint in a model of `classes`.

        An endpoint without a class takes the `chosen` class.
        """
        return tuple(chosen if label is None else min(label, classes - 1) for label in self.labels)

    def weights(self, classes: int, chosen: int) -> NDArray[np.float32]:
        """Return the frames' class weights (frames, classes), linear between the endpoints.

        An endpoint without a class takes the `chosen` class.
        """
        if not self.is_complete:
            return np.zeros((0, classes), np.float32)
        start, end = (np.eye(classes)[label] for label in self.shown_as(classes, chosen))
        return linear_path(start, end, self.frames)
