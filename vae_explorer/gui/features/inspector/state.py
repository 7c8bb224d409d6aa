"""The posterior density of the inspected code. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRectF, Signal, Slot

from vae_explorer.gui.core.decode_thread import DENSITY, DensityAnswer, DensityRequest
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.inspection import InspectedCode
from vae_explorer.gui.core.model_thread import Answer, ModelFailure
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.latent.densities import density_picture
from vae_explorer.latent.grids import view_grid

REACH = 4.0  # standard deviations from the mean to the edge of the picture
_CELLS = 64  # a side


@dataclass(frozen=True, slots=True)
class DensityPicture:
    """q(z|x) over a rectangle of the plane."""

    rect: QRectF
    pixels: NDArray[np.uint8]  # (H, W), row 0 at the top, 255 at the maximum


class PosteriorDensity(SessionPart):
    """Requests densities of posteriors that are no ellipses, once the image is available."""

    found = Signal(object)  # DensityPicture | None
    true_posterior_changed = Signal()

    def __init__(self, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._decoder = decoder
        decoder.answered.connect(self._on_answered)
        decoder.failed.connect(self._on_failed)
        self._bends, self._failure = False, ""
        self._requested: tuple[int, QRectF] | None = None  # the code and its rectangle
        self._true_posterior = False, False  # on the map; of the inspected code

    @property
    def bends(self) -> bool:
        """Whether the posteriors of the current model are no ellipses."""
        return self._bends

    @property
    def failure(self) -> str:
        """The error of the last request."""
        return self._failure

    @property
    def true_posterior_on_map(self) -> bool:
        return self._true_posterior[0]

    @property
    def true_posterior_is_of_code(self) -> bool:
        """Whether the true posterior on the map belongs to the inspected code."""
        return self._true_posterior[1]

    def set_true_posterior(self, on_map: bool, of_code: bool) -> None:
        if (on_map, of_code) != self._true_posterior:
            self._true_posterior = on_map, of_code
            self.true_posterior_changed.emit()

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._bends = model.card.family.bends
        self._requested, self._failure = None, ""

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        if DENSITY in ended and failure.request is not None:
            self._failure = failure.message
            self.found.emit(None)

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        if not self._bends or code is None or code.original is None:
            self._requested, self._failure = None, ""
            self._decoder.forget(DENSITY)
            self.found.emit(None)
            return
        if self._requested is not None and self._requested[0] == code.index:
            return
        self._failure = ""
        self.found.emit(None)  # the density on the map belongs to the previous code
        (x, y), (half_x, half_y) = code.mean, (REACH * std for std in code.std)
        rect = QRectF(x - half_x, y - half_y, 2 * half_x, 2 * half_y)
        z = view_grid((rect.left(), rect.right()), (rect.top(), rect.bottom()), _CELLS, _CELLS)
        self._requested = (code.index, rect)
        self._decoder.ask(DensityRequest(code.original, code.class_number, z))

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DensityAnswer) and self._requested is not None:
            self.found.emit(DensityPicture(self._requested[1], density_picture(answer.log_density, _CELLS)))
