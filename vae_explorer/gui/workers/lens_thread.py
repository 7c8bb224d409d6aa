"""The thread that works out figures of one image beside its picture. Never in the decoder's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_explorer.gui.workers.model_thread import ModelThread

if TYPE_CHECKING:
    from vae_explorer.inference.objective import ObjectiveTerm
    from vae_explorer.inference.trained import TrainedModel

OBJECTIVE = "objective"
_URGENCY = (OBJECTIVE,)


@dataclass(frozen=True, slots=True)
class LensImage:
    """The image in question: one of a data set's, or one of a person's own."""

    pixels: NDArray[np.uint8]  # (H, W)
    label: int
    split: NDArray[np.uint8] | None = None  # (n, H, W): the images that it is one of
    place: int = 0  # among them


@dataclass(frozen=True, slots=True)
class ObjectiveRequest:
    """The terms of the model's objective at one image."""

    image: LensImage
    revision: int


@dataclass(frozen=True, slots=True)
class ObjectiveAnswer:
    request: ObjectiveRequest
    terms: tuple[ObjectiveTerm, ...]


class LensThread(ModelThread[ObjectiveRequest]):
    objective_found = Signal(object)  # ObjectiveAnswer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("lensThread", _URGENCY, "nothing can be worked out", parent)
        self._drawn: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None  # images of a split, and as they were binarised

    def post(self, request: ObjectiveRequest) -> None:
        self._mailbox.post(OBJECTIVE, request)

    def answer(self, model: TrainedModel, request: ObjectiveRequest) -> None:
        from vae_explorer.inference.objective import objective_terms

        terms = objective_terms(model, self._measured(model, request.image), request.image.label)
        self.objective_found.emit(ObjectiveAnswer(request, terms))

    def _measured(self, model: TrainedModel, image: LensImage) -> NDArray[np.float32]:
        """As figures are measured on it, (H, W): a data set's as binarised for all figures, another one rounded to 0 or 1."""
        from vae_explorer.models.measure import measured_images

        grey = np.asarray(image.pixels, np.float32) / np.float32(255)
        if model.card.binarised != "dynamic":
            return grey
        if image.split is None:
            return grey.round()
        if self._drawn is None or self._drawn[0] is not image.split:
            drawn = measured_images(image.split, model.card.binarised).numpy().astype(np.uint8)
            self._drawn = (image.split, drawn.reshape(image.split.shape))
        measured: NDArray[np.float32] = self._drawn[1][image.place].astype(np.float32)
        return measured
