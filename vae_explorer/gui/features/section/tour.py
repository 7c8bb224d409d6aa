"""A tour: a plane that turns slowly through a latent space."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.section import Section, turned

_ANGLE = 0.02  # radians a turn
_QUARTER = math.pi / 2


class Tour:
    """Turns one axis, then the other, each by a right angle towards a random direction (Asimov 1985)."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._towards = np.zeros(0)
        self._axis = 0
        self._left = 0.0  # radians to the end of this direction

    def turn(self, section: Section) -> Section:
        if self._left <= 0 or len(self._towards) != section.latents:
            self._towards, self._axis, self._left = self._random.normal(size=section.latents), 1 - self._axis, _QUARTER
        angle = min(_ANGLE, self._left)
        self._left -= angle
        return turned(section, self._axis, self._beside(section), angle)

    def _beside(self, section: Section) -> NDArray[np.float64]:
        """Return the part of the direction at a right angle to both axes, with length 1."""
        beside = self._towards - (section.axes @ self._towards) @ section.axes
        return np.asarray(beside / np.linalg.norm(beside))
