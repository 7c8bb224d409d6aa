"""Paths between two latent points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_FRAMES, DEFAULT_FRAMES, MAX_FRAMES = 2, 16, 120


def linear_path(start: ArrayLike, end: ArrayLike, frames: int) -> NDArray[np.float32]:
    """Return z(t) = (1 − t)·z0 + t·z1 at `frames` even steps of t, (frames, d).

    Both endpoints are exact. Raises `ValueError` for fewer than two frames.
    """
    if frames < MIN_FRAMES:
        raise ValueError(f"a path has at least {MIN_FRAMES} frames, not {frames}")
    t = np.linspace(0.0, 1.0, frames)[:, None]
    z0, z1 = np.asarray(start, np.float64), np.asarray(end, np.float64)
    return ((1.0 - t) * z0 + t * z1).astype(np.float32)


Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LatentPath:
    """A path of zero, one or two endpoints, and its number of frames.

    An endpoint may store a class for models that decode with a class; None means no class.
    """

    points: tuple[Point, ...] = ()
    frames: int = DEFAULT_FRAMES
    labels: tuple[int | None, ...] = ()  # one a point

    @property
    def is_complete(self) -> bool:
        return len(self.points) == 2

    def clicked(self, point: Point, label: int | None = None) -> LatentPath:
        """Return the path after a click: the second click ends a path, the third begins a new path."""
        if self.is_complete:
            return replace(self, points=(point,), labels=(label,))
        return replace(self, points=(*self.points, point), labels=(*self.labels, label))

    def moved(self, endpoint: int, point: Point) -> LatentPath:
        return replace(self, points=tuple(point if place == endpoint else old for place, old in enumerate(self.points)))

    def z(self) -> NDArray[np.float32]:
        """Return the latent points of the frames, (frames, 2); (0, 2) if the path is incomplete."""
        if not self.is_complete:
            return np.zeros((0, 2), np.float32)
        start, end = self.points
        return linear_path(start, end, self.frames)

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
