"""What the session knows, as values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vae_explorer.latent.paths import Point
from vae_explorer.models.card import ModelCard
from vae_explorer.models.model_file import ModelFile

NOT_ON_SCREEN = -1  # the revision of a model that is not on screen


@dataclass(frozen=True, slots=True)
class OpenModel:
    """The model on screen. `path` is None where it lies in no file yet."""

    file: ModelFile
    path: Path | None
    revision: int

    @property
    def card(self) -> ModelCard:
        return self.file.card

    @property
    def name(self) -> str:
        """The name to show: that of the file, else that of the card."""
        return self.path.stem if self.path is not None else self.card.name


@dataclass(frozen=True, slots=True)
class CursorState:
    """Where the decoder panel looks, and the code nearest to it."""

    z: Point
    hovering: bool  # the mouse is on the map; else this is the last picked point
    nearest: int | None
    label: str
    distance: float  # to it, in latent units
    apart: float  # the same on the map, in units of its plane

    def is_at(self, z: NDArray[np.float32]) -> bool:
        """Whether z (2,), as the decoder was asked, is the point that is looked at."""
        return np.array_equal(z, np.asarray(self.z, np.float32))
