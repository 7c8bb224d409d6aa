"""The posterior density of the inspected code, for models whose posterior is no ellipse. GUI thread only."""

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
    """q(z|x) over a rectangle of the plane: 255 at its highest point. (H, W), row 0 at the top."""

    rect: QRectF
    pixels: NDArray[np.uint8]


class PosteriorDensity(SessionPart):
    """Asks for the density as soon as the image of the inspected code is at hand."""

    found = Signal(object)  # DensityPicture, or None where there is none to show
    analysed_changed = Signal()  # `is_beside_analysed` or `is_analysed` says something else

    def __init__(self, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._decoder = decoder
        decoder.answered.connect(self._on_answered)
        decoder.failed.connect(self._on_failed)
        self._bends, self._failure = False, ""
        self._asked: tuple[int, QRectF] | None = None  # index of the code, the rectangle of its picture
        self._analysed = False, False

    @property
    def bends(self) -> bool:
        """Whether the posteriors of the model on screen are something else than ellipses."""
        return self._bends

    @property
    def failure(self) -> str:
        """Why the density of the inspected code could not be computed; empty where nothing failed."""
        return self._failure

    @property
    def is_beside_analysed(self) -> bool:
        """Whether the map shows the posteriors that the image analysis has found."""
        return self._analysed[0]

    @property
    def is_analysed(self) -> bool:
        """Whether one of those posteriors is that of the inspected code."""
        return self._analysed[1]

    def set_analysed(self, on_map: bool, of_code: bool) -> None:
        """The image analysis has put posteriors on the map, or taken them away."""
        if (on_map, of_code) != self._analysed:
            self._analysed = on_map, of_code
            self.analysed_changed.emit()

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._bends = model.card.family.bends
        self._asked, self._failure = None, ""

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        if DENSITY in ended and failure.request is not None:
            self._failure = failure.message  # there is no density of the inspected code
            self.found.emit(None)

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        if not self._bends or code is None or code.original is None:
            self._asked, self._failure = None, ""
            self._decoder.forget(DENSITY)
            self.found.emit(None)
            return
        if self._asked is not None and self._asked[0] == code.index:
            return
        self._failure = ""
        self.found.emit(None)  # that of the code before lies elsewhere
        (x, y), (half_x, half_y) = code.mean, (REACH * std for std in code.std)
        rect = QRectF(x - half_x, y - half_y, 2 * half_x, 2 * half_y)
        z = view_grid((rect.left(), rect.right()), (rect.top(), rect.bottom()), _CELLS, _CELLS)
        self._asked = (code.index, rect)
        self._decoder.ask(DensityRequest(code.original, code.class_number, z))

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DensityAnswer) and self._asked is not None:
            self.found.emit(DensityPicture(self._asked[1], density_picture(answer.log_density, _CELLS)))
