"""The part of the evidence feature analyses one image. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.client import ModelClient
from vae_explorer.gui.core.inspection import InspectedCode
from vae_explorer.gui.core.model_thread import ModelFailure
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.evidence.thread import (
    EVIDENCE,
    OBJECTIVE,
    POSTERIOR,
    AnalysedImage,
    Analysis,
    AnalysisAnswer,
    AnalysisRequest,
    AnalysisThread,
    PosteriorAnalysis,
)
from vae_explorer.models.spec import LATENT_DIM

_POSED = "its p(z|x) is an integral over the pose"
_ON_A_LINE = "the true posterior is drawn for two and more latents, and the model has one"
_REQUESTS = {OBJECTIVE: (OBJECTIVE,), EVIDENCE: (POSTERIOR, EVIDENCE)}  # watched key -> keys of requests


@dataclass(frozen=True, slots=True)
class AnalysisSubject:
    """The analysed image, and the image that a person can switch to."""

    is_drawing: bool
    has_drawing: bool
    code: str  # the inspected code's name; empty for a code without an image
    class_name: str  # the drawing's class; empty for unconditional models
    is_partial: bool  # whether the drawing has hidden pixels


class ImageAnalysis(SessionPart):
    """Asks the analysis thread about one image, the inspected code's or the drawing.

    Hovering over codes does not replace an analysed drawing; holding a code does.
    """

    objective_found = Signal(object)  # ObjectiveAnalysis; None: no image, or a failure
    posterior_found = Signal(object)  # PosteriorAnalysis; None: no image, no evidence, no watcher, or a failure
    evidence_found = Signal(object)  # EvidenceAnalysis or EstimateAnalysis, after the posterior; None as for the posterior
    image_changed = Signal()  # the last answers belong to another image or model
    subject_changed = Signal(object)  # AnalysisSubject
    posterior_visibility_changed = Signal()  # `posterior_on_map` or `posterior_is_of_code` may have changed
    hovered_term_changed = Signal(str)  # a term of the objective; empty for no term
    requests_changed = Signal()  # a request was sent, answered or dropped, or has failed
    problem_raised = Signal(str, str)  # message, details

    def __init__(self, options: DecodeOptions, parent: QObject) -> None:
        super().__init__(parent)
        self._options = options
        self._client = ModelClient(AnalysisThread(), self)
        self._client.answered.connect(self._on_answered)
        self._client.failed.connect(self._on_failed)
        self._model: OpenModel | None = None
        self._code: InspectedCode | None = None  # a code with an image
        self._drawing: AnalysedImage | None = None
        self._shows_drawing = False
        self._was_analysed: dict[tuple[int, ...], bool] = {}  # by the shape (H, W, C) of a kept drawing
        self._analysed: AnalysedImage | None = None  # the subject of the last requests
        self._watchers: set[tuple[str, str]] = set()  # (key, watcher)
        self._failures: dict[str, str] = {}  # key -> message, about the analysed image
        self._posterior: PosteriorAnalysis | None = None
        self._shows_posteriors, self._posterior_is_current = True, False  # whether the posterior is of the analysed image
        self.posterior_found.connect(self._keep_posterior)

    @property
    def busy(self) -> bool:
        return self._client.waiting

    def failure(self, key: str) -> str:
        """Return the error of OBJECTIVE or EVIDENCE; empty where neither failed."""
        return next((self._failures[request] for request in _REQUESTS[key] if request in self._failures), "")

    @property
    def has_evidence(self) -> bool:
        return self._model is not None and not self.why_no_evidence

    @property
    def why_no_evidence(self) -> str:
        """Why there is no log p(x), exact or estimated; empty if there is."""
        return self._model.card.family.why_no_evidence if self._model is not None else ""

    @property
    def why_no_posterior(self) -> str:
        """Why the map shows no p(z|x); empty if it does."""
        if self._model is None or self.why_no_evidence:
            return self.why_no_evidence
        if self._model.card.family.posed:
            return _POSED
        return _ON_A_LINE if self._model.card.spec.latent_dim < LATENT_DIM else ""

    @property
    def has_objective(self) -> bool:
        """Whether the program knows what the model minimises."""
        return self._model is None or bool(self._model.card.family.minimises)

    @property
    def is_partial(self) -> bool:
        """Whether the analysed image has hidden pixels."""
        return self._analysed is not None and self._analysed.hidden is not None

    @property
    def has_image(self) -> bool:
        return self._analysed is not None

    @property
    def posterior(self) -> PosteriorAnalysis | None:
        return self._posterior

    @property
    def posterior_on_map(self) -> bool:
        """Whether the map shows posteriors. Until the next answer they belong to the last image."""
        return self._shows_posteriors and self._posterior is not None

    @property
    def posterior_is_of_code(self) -> bool:
        """Whether the map shows q(z|x) of the inspected code's image."""
        return self.posterior_on_map and self._posterior_is_current and not self._shows_drawing

    def show_posteriors(self, shown: bool) -> None:
        self._shows_posteriors = shown
        self.posterior_visibility_changed.emit()

    @Slot(object)
    def _keep_posterior(self, found: PosteriorAnalysis | None) -> None:
        self._posterior, self._posterior_is_current = found, found is not None
        self.posterior_visibility_changed.emit()

    @property
    def subject(self) -> AnalysisSubject:
        model, code = self._model, self._code
        class_name = model.card.classes[self._options.label] if model is not None and self._options.classes else ""
        drawing, name = self._drawing, code.name if code is not None else ""
        is_partial = drawing is not None and drawing.hidden is not None
        return AnalysisSubject(self._shows_drawing, drawing is not None, name, class_name, is_partial)

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Keep the drawing where the model takes images of this size."""
        self._model, self._code = model, None
        self._client.set_model(model)
        self._client.release_model()
        if self._drawing is not None and self._drawing.pixels.shape != model.card.spec.image_shape:
            self._was_analysed[self._drawing.pixels.shape] = self._shows_drawing
            self._drawing, self._shows_drawing = None, False
        self._analyse(anew=True)

    def set_section(self, model: OpenModel) -> None:
        """Ask for the posterior on another section."""
        self._model = model
        if EVIDENCE in self._watched and self._analysed is not None and not self.why_no_posterior:
            self._client.ask(AnalysisRequest(POSTERIOR, self._analysed, model.section), keep_older=True)
            self.requests_changed.emit()

    def ask_again(self) -> None:
        self._analyse()  # a drawing may have another class

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        """Analyse the inspected code's image unless a drawing is analysed."""
        self._code = code if code is not None and code.original is not None else None
        self._analyse()

    @Slot()
    def show_code(self) -> None:
        """Analyse the inspected code's image instead of the drawing."""
        if self._code is not None:
            self._shows_drawing = False
            self._analyse()

    @Slot()
    def show_drawing(self) -> None:
        self._shows_drawing = self._drawing is not None
        self._analyse()

    def set_drawing(self, pixels: NDArray[np.uint8], hidden: NDArray[np.bool_], continues: bool = True) -> None:
        """Analyse a drawing (H, W, C) without its `hidden` pixels (H, W).

        A drawing that `continues` the last drawing keeps the last answers until the next answers.
        """
        self._drawing, self._shows_drawing = AnalysedImage(pixels, 0, hidden=hidden if hidden.any() else None), True
        self._analyse(continues=continues)

    def restore_drawing(self, pixels: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> None:
        """Take back a kept drawing (H, W, C), and analyse it if it was analysed before."""
        self._drawing = AnalysedImage(pixels, 0, hidden=hidden if hidden.any() else None)
        self._shows_drawing = self._was_analysed.pop(pixels.shape, True)
        self._analyse(continues=False)

    def drop_drawing(self) -> None:
        self._drawing, self._shows_drawing = None, False
        self._analyse()

    @Slot()
    def _analyse(self, anew: bool = False, continues: bool = True) -> None:
        """Ask about the current image, unless its requests are sent; `anew` asks again."""
        self.subject_changed.emit(self.subject)
        last, image = self._analysed, self._current_image()
        if not anew and _is_same_image(last, image):
            return
        self._analysed, self._posterior_is_current = image, False
        self.posterior_visibility_changed.emit()
        both_drawn = image is not None and _are_drawings(last, image)
        self._client.forget(*(OBJECTIVE, EVIDENCE) if both_drawn else ())
        self._failures.clear()
        if image is None:
            for key in (OBJECTIVE, POSTERIOR, EVIDENCE):
                self._emit(key, None)
        elif anew or not continues or not both_drawn:
            self.image_changed.emit()
        for key in sorted(self._watched):
            self._ask(key)
        self.requests_changed.emit()

    def _current_image(self) -> AnalysedImage | None:
        code, drawing = self._code, self._drawing
        if self._shows_drawing and drawing is not None:
            return replace(drawing, label=self._options.label if self._options.classes else 0)
        if code is not None and code.original is not None:
            return AnalysedImage(code.original, code.class_number, code.split_images, code.place)
        return None

    def watch(self, key: str, watched: bool, by: str = "panel") -> None:
        """Tell whether the watcher `by` shows OBJECTIVE or EVIDENCE."""
        if not watched:
            self._watchers.discard((key, by))
            if key not in self._watched:
                self._stop_watching(key)
        elif (key, by) not in self._watchers:
            was_watched = key in self._watched
            self._watchers.add((key, by))
            if not was_watched:
                self._ask(key)
                self.requests_changed.emit()

    def _stop_watching(self, key: str) -> None:
        self._client.forget(*_REQUESTS[key])
        if key == EVIDENCE:
            self.posterior_found.emit(None)
            self.evidence_found.emit(None)
        if not self._watchers:
            self._client.release_model()  # frees the decoded plane

    @property
    def _watched(self) -> set[str]:
        return {key for key, _ in self._watchers}

    def set_hovered_term(self, term: str) -> None:
        self.hovered_term_changed.emit(term)

    def shut_down(self) -> None:
        self._client.shut_down()

    def _ask(self, key: str) -> None:
        if self._model is None or self._analysed is None:
            return
        if key == EVIDENCE and not self.has_evidence:
            self.posterior_found.emit(None)
            self.evidence_found.emit(None)
            return
        if key == OBJECTIVE and not self.has_objective:
            self.objective_found.emit(None)
            return
        for request in _REQUESTS[key]:
            self._failures.pop(request, None)
            # While a person draws, answers to older requests move the posterior.
            if request == POSTERIOR and self.why_no_posterior:
                self.posterior_found.emit(None)
                continue
            self._client.ask(AnalysisRequest(request, self._analysed, self._model.section), keep_older=request == POSTERIOR)

    @Slot(object)
    def _on_answered(self, answer: AnalysisAnswer) -> None:
        self._emit(answer.key, answer.analysis)
        self.requests_changed.emit()

    def _emit(self, key: str, analysis: Analysis | None) -> None:
        signals = {OBJECTIVE: self.objective_found, POSTERIOR: self.posterior_found, EVIDENCE: self.evidence_found}
        signals[key].emit(analysis)

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        if not isinstance(failure.request, AnalysisRequest):
            self._client.release_model()  # the next request loads the model again
        for key in ended:
            self._failures[key] = failure.message
            self._emit(key, None)
        self.requests_changed.emit()
        self.problem_raised.emit(failure.message, failure.details)


def _are_drawings(last: AnalysedImage | None, image: AnalysedImage) -> bool:
    """Whether both images are drawings of one class."""
    return last is not None and last.split is None and image.split is None and last.label == image.label


def _is_same_image(last: AnalysedImage | None, image: AnalysedImage | None) -> bool:
    """Whether the answers about `last` hold for `image`."""
    if last is None or image is None:
        return last is image
    if last.split is not None:
        return last.split is image.split and last.place == image.place
    return last.pixels is image.pixels and last.hidden is image.hidden and last.label == image.label
