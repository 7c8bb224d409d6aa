"""The pose in which a model with angle and shift as latents decodes an object. Knows no torch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pose:
    angle: float = 0.0  # radians, counterclockwise as the image is seen
    right: float = 0.0  # half sides of the image, the longer side of an oblong image
    down: float = 0.0  # likewise


UPRIGHT = Pose()
