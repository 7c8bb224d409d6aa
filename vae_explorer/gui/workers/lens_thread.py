"""The thread that works out figures of one image beside its picture. Never in the decoder's way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_explorer.gui.workers.measured import MeasuredSplit
from vae_explorer.gui.workers.model_thread import ModelThread

if TYPE_CHECKING:
    from vae_explorer.inference.evidence.engine import Evidence, EvidenceEngine, Gaps
    from vae_explorer.inference.evidence.picture import TruePosterior
    from vae_explorer.inference.objective import ObjectiveTerm
    from vae_explorer.inference.trained import TrainedModel

OBJECTIVE, EVIDENCE = "objective", "evidence"
_URGENCY = (OBJECTIVE, EVIDENCE)
_RASTER = (96, 96)  # cells of the picture of p(z|x)


@dataclass(frozen=True, slots=True)
class LensImage:
    """The image in question: one of a data set's, or one of a person's own."""

    pixels: NDArray[np.uint8]  # (H, W)
    label: int
    split: NDArray[np.uint8] | None = None  # (n, H, W): the images that it is one of
    place: int = 0  # among them
    hidden: NDArray[np.bool_] | None = None  # (H, W): pixels that do not count


@dataclass(frozen=True, slots=True)
class LensRequest:
    """OBJECTIVE: the terms of the model's objective at one image; EVIDENCE: log p(x) and what it is made of."""

    key: str
    image: LensImage
    revision: int


@dataclass(frozen=True, slots=True)
class LensEvidence:
    """log p(x) with its terms, and the posteriors of one image."""

    drawn: bool  # of the person's own image
    figures: Evidence
    gaps: Gaps | None  # None where pixels are hidden: the best Gaussian is sought for whole images
    mean: NDArray[np.float64]  # (2,), of q(z|x)
    std: NDArray[np.float64]  # (2,), of q(z|x)
    posterior: TruePosterior  # p(z|x)
    expected: NDArray[np.float32]  # (H, W), the mean image under p(z|x)


@dataclass(frozen=True, slots=True)
class LensAnswer:
    request: LensRequest
    found: tuple[ObjectiveTerm, ...] | LensEvidence


class LensThread(ModelThread[LensRequest]):
    found = Signal(object)  # LensAnswer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("lensThread", _URGENCY, "nothing can be worked out", parent)
        self._split = MeasuredSplit()
        self._engine: tuple[TrainedModel, EvidenceEngine] | None = None  # of the model that it belongs to

    def post(self, request: LensRequest) -> None:
        self._mailbox.post(request.key, request)

    def answer(self, model: TrainedModel, request: LensRequest) -> None:
        image = self._measured(model, request.image)
        self.found.emit(LensAnswer(request, self._work_out(model, request, image)))

    def _work_out(
        self, model: TrainedModel, request: LensRequest, image: NDArray[np.float32]
    ) -> tuple[ObjectiveTerm, ...] | LensEvidence:
        if request.key == OBJECTIVE:
            from vae_explorer.inference.objective import objective_terms

            return objective_terms(model, image, request.image.label)
        return self._weigh(model, request.image, image)

    def _weigh(self, model: TrainedModel, asked: LensImage, image: NDArray[np.float32]) -> LensEvidence:
        from vae_explorer.inference.evidence.engine import EvidenceEngine

        if self._engine is None or self._engine[0] is not model:
            self._engine = (model, EvidenceEngine(model))
        engine = self._engine[1]
        seen = None if asked.hidden is None or not asked.hidden.any() else ~asked.hidden
        label = asked.label if model.card.spec.classes else None
        figures, gaps = engine.gaps(image, label) if seen is None else (engine.evidence(image, label, seen), None)
        posterior = engine.posterior(image, label, seen, size=_RASTER)
        code = model.encode(image if seen is None else image * seen, label)
        mean, std = (part[0].astype(np.float64) for part in (code.mean, code.std))
        return LensEvidence(asked.hidden is not None, figures, gaps, mean, std, posterior, engine.mean_image(posterior, label))

    def _measured(self, model: TrainedModel, image: LensImage) -> NDArray[np.float32]:
        """As figures are measured on it, (H, W): a data set's as binarised for all figures, another one rounded to 0 or 1."""
        if image.split is not None:
            measured: NDArray[np.float32] = self._split.rows(image.split, np.array([image.place]), model.card.binarised)[0]
            return measured
        grey = np.asarray(image.pixels, np.float32) / np.float32(255)
        return grey.round() if model.card.binarised == "dynamic" else grey
