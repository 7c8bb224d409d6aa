"""What is worked out about one image beside its picture: the inspected code's, or a person's own. GUI thread only."""

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

_ASKED_FOR = {OBJECTIVE: (OBJECTIVE,), EVIDENCE: (POSTERIOR, EVIDENCE)}  # by somebody who looks at it


@dataclass(frozen=True, slots=True)
class AnalysisSubject:
    """Whose image is analysed, and whose could be."""

    is_drawing: bool
    drawing: bool  # whether there is one
    code: str  # the inspected code's name; empty where there is none, or its image is not at hand
    class_name: str  # that a conditional model is told of the drawing; empty for others
    is_partial: bool  # whether pixels of the drawing are hidden


class ImageAnalysis(SessionPart):
    """Asks the analysis thread about one image. Answers about an older model or image are dropped.

    A drawing stays the analysed image while the mouse wanders over codes; taking hold of one puts that one's image in its place.
    """

    objective_found = Signal(object)  # ObjectiveAnalysis; None where there is no image, or nothing could be worked out
    posterior_found = Signal(object)  # PosteriorAnalysis; None where there is no image, or no evidence, or nobody looks
    evidence_found = Signal(object)  # EvidenceAnalysis, after the posterior of the same image; None as above
    image_changed = Signal()  # the last answers belong to another image or model; the current image has no answer yet
    subject_changed = Signal(object)  # AnalysisSubject
    posterior_visibility_changed = Signal()  # `posterior_on_map` or `posterior_is_of_code` may have changed
    hovered_term_changed = Signal(str)  # the term that a person points at; empty for none
    news = Signal()  # a question was asked, answered or dropped, or has failed
    problem_raised = Signal(str, str)

    def __init__(self, options: DecodeOptions, parent: QObject) -> None:
        super().__init__(parent)
        self._options = options
        self._client = ModelClient(AnalysisThread(), self)
        self._client.answered.connect(self._on_answered)
        self._client.failed.connect(self._on_failed)
        self._model: OpenModel | None = None
        self._code: InspectedCode | None = None  # whose image is at hand
        self._drawing: AnalysedImage | None = None
        self._shows_drawing = False
        self._showed: dict[tuple[int, ...], bool] = {}  # size of a drawing -> whether it was the analysed image
        self._looked_at: AnalysedImage | None = None  # that the questions which are open, or answered, are about
        self._watchers: set[tuple[str, str]] = set()
        self._failures: dict[str, str] = {}  # key -> message, of the analysed image
        self._posterior: PosteriorAnalysis | None = None
        self._shows_posteriors, self._is_latest = True, False  # whether the posterior is of the analysed image
        self.posterior_found.connect(self._keep_posterior)

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._client.waiting

    def failure(self, key: str) -> str:
        """Why OBJECTIVE or EVIDENCE of the analysed image could not be computed; empty where nothing failed."""
        return next((self._failures[one] for one in _ASKED_FOR[key] if one in self._failures), "")

    @property
    def has_evidence(self) -> bool:
        """Whether log p(x) of the model on screen can be worked out."""
        return self._model is not None and not self.why_no_evidence

    @property
    def why_no_evidence(self) -> str:
        """Empty where it can."""
        return self._model.card.family.why_no_evidence if self._model is not None else ""

    @property
    def has_image(self) -> bool:
        """Whether there is an image to ask about."""
        return self._looked_at is not None

    @property
    def posterior(self) -> PosteriorAnalysis | None:
        """What `posterior_found` said last."""
        return self._posterior

    @property
    def posterior_on_map(self) -> bool:
        """Whether posteriors are on the map; until those of another image are found, those of the one before."""
        return self._shows_posteriors and self._posterior is not None

    @property
    def posterior_is_of_code(self) -> bool:
        """Whether the q(z|x) on the map is that of the inspected code's image, as it is measured: black and white perhaps."""
        return self.posterior_on_map and self._is_latest and not self._shows_drawing

    def show_posteriors(self, shown: bool) -> None:
        """Whether they are, once there are any."""
        self._shows_posteriors = shown
        self.posterior_visibility_changed.emit()

    @Slot(object)
    def _keep_posterior(self, found: PosteriorAnalysis | None) -> None:
        self._posterior, self._is_latest = found, found is not None
        self.posterior_visibility_changed.emit()

    @property
    def subject(self) -> AnalysisSubject:
        model, code = self._model, self._code
        told = model is not None and bool(self._options.classes)
        class_name = model.card.classes[self._options.label] if model is not None and told else ""
        drawing, name = self._drawing, code.name if code is not None else ""
        is_partial = drawing is not None and drawing.hidden is not None
        return AnalysisSubject(self._shows_drawing, drawing is not None, name, class_name, is_partial)

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Another model, for the same drawing where it takes images of this size. Its codes come by the inspection."""
        self._model, self._code = model, None
        self._client.set_model(model)
        self._client.release_model()
        if self._drawing is not None and self._drawing.pixels.shape != model.card.spec.image_shape:
            self._showed[self._drawing.pixels.shape] = self._shows_drawing
            self._drawing, self._shows_drawing = None, False
        self._look(anew=True)

    def ask_again(self) -> None:
        """A drawing may be decoded as another class."""
        self._look()

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        """The inspected code, whose image is looked at as soon as it is at hand, unless a drawing is."""
        self._code = code if code is not None and code.original is not None else None
        self._look()

    @Slot()
    def show_code(self) -> None:
        """The inspected code's image, if it is at hand, until something is drawn again."""
        if self._code is not None:
            self._shows_drawing = False
            self._look()

    @Slot()
    def show_drawing(self) -> None:
        self._shows_drawing = self._drawing is not None
        self._look()

    def set_drawing(self, pixels: NDArray[np.uint8], hidden: NDArray[np.bool_], goes_on: bool = True) -> None:
        """An image (H, W) of the person's own. `hidden` pixels do not count. Until it is answered, what was found of the drawing
        before holds where this one `goes_on` from there."""
        self._drawing, self._shows_drawing = AnalysedImage(pixels, 0, hidden=hidden if hidden.any() else None), True
        self._look(goes_on=goes_on)

    def restore_drawing(self, pixels: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> None:
        """Take the drawing (H, W) that was kept for models of its size, and analyse it where it was analysed before."""
        self._drawing = AnalysedImage(pixels, 0, hidden=hidden if hidden.any() else None)
        self._shows_drawing = self._showed.pop(pixels.shape, True)
        self._look(goes_on=False)

    def drop_drawing(self) -> None:
        """There is none any more."""
        self._drawing, self._shows_drawing = None, False
        self._look()

    @Slot()
    def _look(self, anew: bool = False, goes_on: bool = True) -> None:
        """Ask about the analysed image, unless that has been asked."""
        self.subject_changed.emit(self.subject)
        before, image = self._looked_at, self._image()
        if not anew and _same(before, image):
            return
        self._looked_at, self._is_latest = image, False
        self.posterior_visibility_changed.emit()
        is_moment_later = image is not None and _on_with(before, image)
        self._client.forget(*(OBJECTIVE, EVIDENCE) if is_moment_later else ())
        self._failures.clear()
        if image is None:
            for key in (OBJECTIVE, POSTERIOR, EVIDENCE):
                self._tell(key, None)
        elif anew or not goes_on or not is_moment_later:
            self.image_changed.emit()
        for key in sorted(self._watched):
            self._ask(key)
        self.news.emit()

    def _image(self) -> AnalysedImage | None:
        """What is under the analysis."""
        code, drawing = self._code, self._drawing
        if self._shows_drawing and drawing is not None:
            return replace(drawing, label=self._options.label if self._options.classes else 0)
        if code is not None and code.original is not None:
            return AnalysedImage(code.original, code.class_number, code.split_images, code.place)
        return None

    def watch(self, key: str, watched: bool, by: str = "panel") -> None:
        """Whether `by` looks at OBJECTIVE or at EVIDENCE."""
        if not watched:
            self._watchers.discard((key, by))
            if key not in self._watched:
                self._leave(key)
        elif (key, by) not in self._watchers:
            was_watched = key in self._watched
            self._watchers.add((key, by))
            if not was_watched:
                self._ask(key)
                self.news.emit()

    def _leave(self, key: str) -> None:
        """Nobody looks any more."""
        self._client.forget(*_ASKED_FOR[key])
        if key == EVIDENCE:
            self.posterior_found.emit(None)  # what lies on the map goes with the last one that looks
            self.evidence_found.emit(None)
        if not self._watchers:
            self._client.release_model()  # which frees the decoded plane

    @property
    def _watched(self) -> set[str]:
        return {key for key, _ in self._watchers}

    def set_hovered_term(self, term: str) -> None:
        self.hovered_term_changed.emit(term)

    def shut_down(self) -> None:
        self._client.shut_down()

    def _ask(self, key: str) -> None:
        if self._model is None or self._looked_at is None:
            return
        if key == EVIDENCE and not self.has_evidence:
            self.posterior_found.emit(None)
            self.evidence_found.emit(None)
            return
        for one in _ASKED_FOR[key]:
            self._failures.pop(one, None)
            # While a person draws, an answer about a moment ago moves the picture, which would else rest until the pen does.
            self._client.ask(AnalysisRequest(one, self._looked_at), keep_older=one == POSTERIOR)

    @Slot(object)
    def _on_answered(self, answer: AnalysisAnswer) -> None:
        self._tell(answer.key, answer.found)
        self.news.emit()

    def _tell(self, key: str, found: Analysis | None) -> None:
        signals = {OBJECTIVE: self.objective_found, POSTERIOR: self.posterior_found, EVIDENCE: self.evidence_found}
        signals[key].emit(found)

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        if not isinstance(failure.request, AnalysisRequest):
            self._client.release_model()  # the next request tries the model again
        for key in ended:
            self._failures[key] = failure.message
            self._tell(key, None)
        self.news.emit()
        self.problem_raised.emit(failure.message, failure.details)


def _on_with(before: AnalysedImage | None, image: AnalysedImage) -> bool:
    """Whether one drawing is a moment ago of the other: what was found of it is nearly true."""
    return before is not None and before.split is None and image.split is None and before.label == image.label


def _same(one: AnalysedImage | None, other: AnalysedImage | None) -> bool:
    """Whether what was found of one holds for the other."""
    if one is None or other is None:
        return one is other
    if one.split is not None:
        return one.split is other.split and one.place == other.place
    return one.pixels is other.pixels and one.hidden is other.hidden and one.label == other.label
