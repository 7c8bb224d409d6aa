"""Values of a session: the model on screen and the state of the cursor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.codes import Codes
from vae_explorer.latent.paths import Point
from vae_explorer.latent.section import Section, opening
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile

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
        return self.chosen or opening(self.file.codes.mean, self.file.codes.std)

    @cached_property
    def codes(self) -> Codes:
        """The codes as the map shows them, with mean and std (n, 2) on the section."""
        codes = self.file.codes
        if codes.mean.shape[1] == self.section.axes.shape[0]:
            return codes
        return replace(codes, mean=self.section.project(codes.mean), std=self.section.spread(codes.std))

    def on(self, section: Section) -> OpenModel:
        """Return the model as a map shows it on another section."""
        return replace(self, chosen=section)

    def saved_at(self, path: Path) -> OpenModel:
        """Return the model with its path, and with the same arrays of codes."""
        saved = replace(self, path=path, chosen=self.section)
        saved.__dict__["codes"] = self.codes
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
