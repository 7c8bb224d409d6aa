"""What is worked out about the inspected image beside its picture. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.session.inspection import InspectedCode
from vae_explorer.gui.session.state import OpenModel
from vae_explorer.gui.workers.lens_thread import EVIDENCE, OBJECTIVE, LensAnswer, LensImage, LensRequest, LensThread
from vae_explorer.gui.workers.model_thread import ModelFailure, ModelRequest
from vae_explorer.models.families import FAMILIES


class Lens(QObject):
    """Owns the lens thread. Works out what somebody looks at; an answer about an older model or image is dropped."""

    objective_found = Signal(object)  # tuple of ObjectiveTerm; None where there is no image
    evidence_found = Signal(object)  # LensEvidence; None where there is no image, or no evidence
    term_lit = Signal(str)  # the term that a person points at; empty for none
    problem_raised = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = LensThread(self)
        self._thread.found.connect(self._on_found)
        self._thread.failed.connect(self._on_failed)
        self._model: OpenModel | None = None
        self._image: LensImage | None = None
        self._index: int | None = None
        self._sent = -1  # the revision that the thread has, whose decoded plane it keeps
        self._watchers: set[tuple[str, str]] = set()
        self._asked: dict[str, LensRequest] = {}

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._asked)

    @property
    def has_evidence(self) -> bool:
        """Whether log p(x) of the model on screen can be worked out."""
        return self._model is not None and FAMILIES[self._model.card.spec.family].has_evidence

    def set_model(self, model: OpenModel) -> None:
        self._model, self._image, self._index = model, None, None
        self._asked.clear()
        if self._watched:
            self._start()

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        """The inspected code, whose image is looked at as soon as it is at hand."""
        if code is None or code.original is None:
            self._image, self._index = None, None
            self.objective_found.emit(None)
            self.evidence_found.emit(None)
        elif code.index != self._index:
            self._index = code.index
            self._look_at(LensImage(code.original, code.class_number, code.split_images, code.place))

    def set_drawing(self, pixels: NDArray[np.uint8], hidden: NDArray[np.bool_]) -> None:
        """An image (H, W) of the person's own, until another code comes under inspection. `hidden` pixels do not count."""
        self._look_at(LensImage(pixels, 0, hidden=hidden))

    def _look_at(self, image: LensImage) -> None:
        self._image = image
        for key in self._watched:
            self._ask(key)

    def watch(self, key: str, watched: bool, by: str = "panel") -> None:
        """Whether `by` looks at OBJECTIVE or at EVIDENCE."""
        if not watched:
            self._watchers.discard((key, by))
            if key == EVIDENCE and key not in self._watched:
                self._asked.pop(key, None)
                self.evidence_found.emit(None)  # what lies on the map goes with the last one that looks
        elif (key, by) not in self._watchers:
            was_watched = key in self._watched
            self._watchers.add((key, by))
            if not was_watched:
                self._start()
                self._ask(key)

    @property
    def _watched(self) -> set[str]:
        return {key for key, _ in self._watchers}

    def light(self, term: str) -> None:
        self.term_lit.emit(term)

    def shut_down(self) -> None:
        self._thread.shut_down()

    def _start(self) -> None:
        if self._model is not None and self._model.revision != self._sent:
            model = self._model
            self._sent = model.revision
            self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))
            if not self._thread.isRunning():
                self._thread.start()

    def _ask(self, key: str) -> None:
        if self._model is None or self._image is None:
            return
        if key == EVIDENCE and not self.has_evidence:
            self.evidence_found.emit(None)
            return
        self._asked[key] = LensRequest(key, self._image, self._model.revision)
        self._thread.post(self._asked[key])

    @Slot(object)
    def _on_found(self, answer: LensAnswer) -> None:
        key = answer.request.key
        if self._asked.get(key) is answer.request:
            del self._asked[key]
            {OBJECTIVE: self.objective_found, EVIDENCE: self.evidence_found}[key].emit(answer.found)

    @Slot(object)
    def _on_failed(self, failure: ModelFailure) -> None:
        request = failure.request
        if request is not None and (self._model is None or request.revision != self._model.revision):
            return
        if isinstance(request, LensRequest):
            self._asked.pop(request.key, None)
        else:
            self._asked.clear()
        self.problem_raised.emit(failure.message, failure.details)
