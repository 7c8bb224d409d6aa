"""Paths between two latent points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIN_FRAMES, DEFAULT_FRAMES, MAX_FRAMES = 2, 16, 120


def linear_path(start: ArrayLike, end: ArrayLike, frames: int) -> NDArray[np.float32]:
    """z(t) = (1 − t)·z0 + t·z1 at `frames` even steps of t from 0 to 1, both endpoints exact. (frames, 2).

    Raises `ValueError` for fewer than two frames.
    """
    if frames < MIN_FRAMES:
        raise ValueError(f"a path has at least {MIN_FRAMES} frames, not {frames}")
    t = np.linspace(0.0, 1.0, frames)[:, None]
    z0, z1 = np.asarray(start, np.float64), np.asarray(end, np.float64)
    return ((1.0 - t) * z0 + t * z1).astype(np.float32)
