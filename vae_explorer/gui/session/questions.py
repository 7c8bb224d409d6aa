"""What is asked of the decoder: the latest question of each kind, and which answers are still wanted. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.session.options import DecodeOptions
from vae_explorer.gui.session.state import OpenModel
from vae_explorer.gui.workers.decode_thread import (
    CURSOR,
    DecodeAnswer,
    DecodeRequest,
    DecodeThread,
    DensityRequest,
)
from vae_explorer.gui.workers.model_thread import ModelFailure, ModelRequest


class Questions(QObject):
    """Owns the decode thread. An answer of an older model, or of a question that a newer one has overtaken, is dropped."""

    answered = Signal(object)  # DecodeAnswer
    model_ready = Signal(int)  # revision: the decoder answers for it
    failed = Signal(object)  # ModelFailure

    def __init__(self, options: DecodeOptions, parent: QObject) -> None:
        super().__init__(parent)
        self._options = options
        self._outstanding: dict[str, NDArray[np.float32]] = {}  # the latest question of each kind
        self._revision = self._ready_revision = -1
        self._thread = DecodeThread(self)
        self.density_found = self._thread.density_found
        self._thread.decoded.connect(self._on_decoded)
        self._thread.model_ready.connect(self._on_model_ready)
        self._thread.failed.connect(self._on_failed)

    @property
    def is_open(self) -> bool:
        """Whether anything has not been answered yet."""
        return bool(self._outstanding)

    @property
    def was_ready(self) -> bool:
        """Whether the decoder has ever answered for a model: torch is in memory then."""
        return self._ready_revision >= 0

    def start(self) -> None:
        self._thread.start()

    def shut_down(self) -> None:
        self._thread.shut_down()

    def set_model(self, model: OpenModel) -> None:
        """From now on ask about `model`; what was asked about the one before is forgotten."""
        self._revision = model.revision
        self._outstanding.clear()
        self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))

    def post(self, key: str, z: NDArray[np.float32], condition: NDArray[np.float32] | None) -> None:
        """Ask for the images at z (n, 2), for a conditional model with the weights of the classes (n, C)."""
        if self._revision >= 0 and len(z):
            self._outstanding[key] = z
            self._thread.post(self._request(key, z, condition))

    def post_density(self, request: DensityRequest) -> None:
        self._thread.post(request)

    def ask(self, z: NDArray[np.float32], seconds: float) -> None:
        """The picture under the cursor: where the decoder is quick, it is on screen before anything else is worked out."""
        condition = self._options.condition(len(z))
        if self._ready_revision != self._revision or self._revision < 0 or not seconds:
            self.post(CURSOR, z, condition)
            return
        self._outstanding[CURSOR] = z
        answer = self._thread.ask(self._request(CURSOR, z, condition), seconds)
        if answer is not None:
            self._on_decoded(answer)

    def _request(self, key: str, z: NDArray[np.float32], condition: NDArray[np.float32] | None) -> DecodeRequest:
        return DecodeRequest(key, z, self._revision, condition, self._options.switches)

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        if answer.revision != self._revision or answer.key not in self._outstanding:
            return
        if self._outstanding[answer.key] is answer.z:
            del self._outstanding[answer.key]
        self.answered.emit(answer)

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        self._ready_revision = revision
        self.model_ready.emit(revision)

    @Slot(object)
    def _on_failed(self, failure: ModelFailure) -> None:
        self._outstanding.clear()
        self.failed.emit(failure)
