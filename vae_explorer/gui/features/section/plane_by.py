"""The ways to choose a plane through a latent space."""

from __future__ import annotations

from enum import Enum

PICKED = 3  # codes that span a plane
ALL_NEAR = 1.0  # the share of codes that are not drawn faintly


class PlaneBy(str, Enum):
    LATENTS = "latents"
    PRINCIPAL = "principal"
    CLASSES = "classes"
    CODES = "codes"
    TOUR = "tour"
