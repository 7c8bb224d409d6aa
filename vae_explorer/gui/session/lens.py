"""What is worked out about the inspected image beside its picture. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.session.inspection import InspectedCode
from vae_explorer.gui.session.state import OpenModel
from vae_explorer.gui.workers.lens_thread import LensImage, LensThread, ObjectiveAnswer, ObjectiveRequest
from vae_explorer.gui.workers.model_thread import ModelFailure, ModelRequest


class Lens(QObject):
    """Owns the lens thread. Works while somebody looks; an answer about an older model or image is dropped."""

    objective_found = Signal(object)  # tuple of ObjectiveTerm; None where there is no image
    term_lit = Signal(str)  # the term that a person points at; empty for none
    problem_raised = Signal(str, str)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._thread = LensThread(self)
        self._thread.objective_found.connect(self._on_objective_found)
        self._thread.failed.connect(self._on_failed)
        self._model: OpenModel | None = None
        self._image: LensImage | None = None
        self._index: int | None = None
        self._watched = False
        self._asked: ObjectiveRequest | None = None

    @property
    def busy(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None

    def set_model(self, model: OpenModel) -> None:
        self._model, self._asked = model, None
        self._image, self._index = None, None
        if self._watched:
            self._start()

    @Slot(object)
    def set_code(self, code: InspectedCode | None) -> None:
        """The inspected code, whose image is looked at as soon as it is at hand."""
        if code is None or code.original is None:
            self._image, self._index = None, None
            self.objective_found.emit(None)
        elif code.index != self._index:
            self._index = code.index
            self._image = LensImage(code.original, code.class_number, code.split_images, code.place)
            self._ask()

    def watch(self, watched: bool) -> None:
        """Whether anybody looks at the figures."""
        if watched and not self._watched:
            self._watched = True
            self._start()
            self._ask()
        self._watched = watched

    def light(self, term: str) -> None:
        self.term_lit.emit(term)

    def shut_down(self) -> None:
        self._thread.shut_down()

    def _start(self) -> None:
        if self._model is not None:
            model = self._model
            self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))
            if not self._thread.isRunning():
                self._thread.start()

    def _ask(self) -> None:
        if self._watched and self._model is not None and self._image is not None:
            self._asked = ObjectiveRequest(self._image, self._model.revision)
            self._thread.post(self._asked)

    @Slot(object)
    def _on_objective_found(self, answer: ObjectiveAnswer) -> None:
        if answer.request is self._asked:
            self._asked = None
            self.objective_found.emit(answer.terms)

    @Slot(object)
    def _on_failed(self, failure: ModelFailure) -> None:
        if self._model is not None and failure.revision == self._model.revision:
            self._asked = None
            self.problem_raised.emit(failure.message, failure.details)
