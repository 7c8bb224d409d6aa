"""What is asked of the decoder: the latest question of each kind, and which answers are still wanted. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import (
    CURSOR,
    DecodeAnswer,
    DecodeRequest,
    DecodeThread,
    DensityRequest,
)
from vae_explorer.gui.core.model_thread import ModelFailure, ModelRequest
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.core.state import OpenModel


class Questions(QObject):
    """Owns the decode thread. An answer of an older model, or of a question that a newer one has overtaken, is dropped.

    Under a moving cursor no question is the newest for long. There an answer counts until that of a newer question has come: the
    picture follows the cursor, and says by its z of which point it is.
    """

    answered = Signal(object)  # DecodeAnswer
    model_ready = Signal(int)  # revision: the decoder answers for it
    failed = Signal(object)  # ModelFailure

    def __init__(self, options: DecodeOptions, parent: QObject) -> None:
        super().__init__(parent)
        self._options = options
        self._asked: dict[str, list[NDArray[np.float32]]] = {}  # by kind, what may still be answered, the newest last
        self._revision = self._ready_revision = -1
        self._decoding_takes = 0.0  # seconds, the last picture under the cursor
        self._thread = DecodeThread(self)
        self.density_found = self._thread.density_found
        self._thread.decoded.connect(self._on_decoded)
        self._thread.model_ready.connect(self._on_model_ready)
        self._thread.failed.connect(self._on_failed)

    @property
    def is_open(self) -> bool:
        """Whether anything has not been answered yet."""
        return any(self._asked.values())

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
        self.forget()
        self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))

    def forget(self) -> None:
        """Everything is to be asked anew: no answer to what has been asked so far is wanted."""
        self._asked.clear()

    def post(
        self,
        key: str,
        z: NDArray[np.float32],
        condition: NDArray[np.float32] | None,
        image: NDArray[np.uint8] | None = None,
    ) -> None:
        """Ask for the images at z (n, 2), for a conditional model with the weights of the classes (n, C); for none where n is 0.

        With an `image` (H, W), whose code z (1, 2) is, ask for its reconstruction.
        """
        if key != CURSOR:
            self._asked.pop(key, None)
        if self._revision >= 0 and len(z):
            self._asked.setdefault(key, []).append(z)
            self._thread.post(self._request(key, z, condition, image))

    def post_density(self, request: DensityRequest) -> None:
        self._thread.post(request)

    def ask(self, z: NDArray[np.float32], seconds: float) -> None:
        """The picture under the cursor: where the decoder is quick, it is on screen before anything else is worked out."""
        condition = self._options.condition(len(z))
        if self._ready_revision != self._revision or self._revision < 0 or self._decoding_takes >= seconds:
            self.post(CURSOR, z, condition)
            return
        self._asked.setdefault(CURSOR, []).append(z)
        answer = self._thread.ask(self._request(CURSOR, z, condition), seconds)
        if answer is not None:
            self._on_decoded(answer)

    def _request(
        self,
        key: str,
        z: NDArray[np.float32],
        condition: NDArray[np.float32] | None,
        image: NDArray[np.uint8] | None = None,
    ) -> DecodeRequest:
        return DecodeRequest(key, z, self._revision, condition, self._options.switches, image)

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        if answer.key == CURSOR:
            self._decoding_takes = answer.milliseconds / 1000
        if answer.revision == self._revision and self._settle(answer.key, answer.z):
            self.answered.emit(answer)

    def _settle(self, key: str, z: NDArray[np.float32]) -> bool:
        """Whether z was still to be answered. What was asked of its kind before it is not any more."""
        asked = self._asked.get(key, [])
        for place, each in enumerate(asked):
            if each is z:
                del asked[: place + 1]
                return True
        return False

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        self._ready_revision = revision
        self.model_ready.emit(revision)

    @Slot(object)
    def _on_failed(self, failure: ModelFailure) -> None:
        """What else has been asked will still be answered, unless nothing can be. A model that is not on screen is no news."""
        request = failure.request
        if request is not None and request.revision != self._revision:
            return
        if isinstance(request, DecodeRequest):
            self._settle(request.key, request.z)
        elif not isinstance(request, DensityRequest):
            self.forget()
        self.failed.emit(failure)
