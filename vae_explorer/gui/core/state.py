"""Values of a session: the model on screen and the state of the cursor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Codes
from vae_explorer.latent.paths import LatentPoint, Point
from vae_explorer.latent.section import Section, opening
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.spec import LATENT_DIM

_ARRAYS = ("places", "distance", "codes")  # of an `OpenModel`, computed once
NOT_ON_SCREEN = -1  # the revision of a model that is not on screen


@dataclass(frozen=True)
class OpenModel:
    """The model on screen. `path` is None before the model is saved."""

    file: ModelFile
    path: Path | None
    revision: int
    chosen: Section | None = None  # None: the section that the map opens with

    @property
    def card(self) -> ModelCard:
        return self.file.card

    @cached_property
    def section(self) -> Section:
        """The plane through the latent space that the map shows."""
        return self.chosen or opening(self.file.information)

    @cached_property
    def places(self) -> NDArray[np.float32]:
        """The means (n, 2) of the codes on the section, as the map shows them."""
        mean = self.file.codes.mean
        return mean if mean.shape[1] == len(self.section.axes) else self.section.project(mean)

    @cached_property
    def distance(self) -> NDArray[np.float32]:
        """The distances (n,) of the codes from the section."""
        return self.section.distance(self.file.codes.mean)

    @property
    def has_distance(self) -> bool:
        """Whether `distance` is computed."""
        return "distance" in self.__dict__

    @cached_property
    def codes(self) -> Codes:
        """The codes with mean and std (n, 2) on the section. The std of many codes take longer than a frame."""
        codes = self.file.codes
        if self.places is codes.mean:
            return codes
        return replace(codes, mean=self.places, std=self.section.spread(codes.std))

    def place_of(self, point: LatentPoint) -> Point:
        """Return the place on the map under a latent point (d,)."""
        if len(point) == LATENT_DIM:
            return (point[0], point[1])
        x, y = self.section.project(np.asarray([point])).tolist()[0]
        return (x, y)

    def lifted(self, place: Point, beside: LatentPoint | None = None) -> LatentPoint:
        """Return the latent point (d,) at a place of the map, as far from the section as the point `beside` (d,)."""
        if self.card.spec.latent_dim == LATENT_DIM:
            return place
        section = self.section if beside is None else self.section.through_point(np.asarray(beside))
        return tuple(section.lift([place])[0].tolist())

    def on(self, section: Section) -> OpenModel:
        """Return the model as a map shows it on another section."""
        return replace(self, chosen=section)

    def saved_at(self, path: Path | None) -> OpenModel:
        """Return the model with its path, and with the same arrays."""
        saved = replace(self, path=path, chosen=self.section)
        saved.__dict__.update({name: self.__dict__[name] for name in _ARRAYS if name in self.__dict__})
        return saved

    @property
    def name(self) -> str:
        return self.path.stem if self.path is not None else self.card.name


@dataclass(frozen=True, slots=True)
class CursorState:
    """The point that the decoder panel shows, and its nearest code."""

    z: Point
    hovering: bool  # the mouse is on the map; otherwise z is the picked point
    nearest: int | None  # index of a code
    label: str  # its class; empty without classes
    distance: float  # from z to the nearest code in units of the map
    latent: tuple[float, ...] = ()  # (d,) the decoded point where the map shows a section or a line; else () stands for z
    is_code: bool = False  # whether `latent` is the nearest code itself, which may lie beside the section

    @property
    def point(self) -> tuple[float, ...]:
        """The decoded latent point, (d,)."""
        return self.latent or self.z

    def is_at(self, z: NDArray[np.float32]) -> bool:
        return np.array_equal(z, np.asarray(self.point, np.float32))
