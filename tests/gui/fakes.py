"""Hand-written stand-ins for tests below the window: no thread, no torch, no waiting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from vae_explorer.gui.core.decode_thread import DecodeAnswer, DecodeRequest, DecoderRequest, DensityAnswer
from vae_explorer.gui.core.model_thread import ModelFailure
from vae_explorer.gui.core.state import OpenModel


def made_images(z: NDArray[np.float32], side: int = 8) -> NDArray[np.uint8]:
    """Images (n, side, side) that name their points z (n, 2): the upper half is grey by z₁, the lower half by z₂."""
    grey = np.clip(np.round(128 + 20 * z), 0, 255).astype(np.uint8)
    return np.repeat(np.repeat(grey, side // 2, axis=1)[:, :, None], side, axis=2)


class FakeDecoder(QObject):
    """A `DecoderPort` that answers every request at once with `made_images`.

    After `hold`, requests stay open until `answer`. `requests` holds all requests with their tickets, the newest last.
    """

    answered = Signal(object)  # DecodeAnswer | DensityAnswer
    model_ready = Signal(int)
    failed = Signal(object, object)  # ModelFailure, keys

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.requests: list[DecoderRequest] = []
        self.model: OpenModel | None = None
        self._open: dict[str, DecoderRequest] = {}
        self._holds = False

    @property
    def waiting(self) -> bool:
        return bool(self._open)

    @property
    def was_ready(self) -> bool:
        return self.model is not None

    def set_model(self, model: OpenModel) -> None:
        self.model = model
        self._open.clear()
        self.model_ready.emit(model.revision)

    def ask(self, request: DecoderRequest) -> int:
        if self.model is None or not len(request.z):
            self.forget(request.key)
            return -1
        ticketed = replace(request, ticket=len(self.requests), revision=self.model.revision)
        self.requests.append(ticketed)
        self._open[request.key] = ticketed
        if not self._holds:
            self.answer(ticketed)
        return ticketed.ticket

    def ask_now(self, request: DecodeRequest, seconds: float) -> int:
        return self.ask(request)

    def forget(self, *keys: str) -> None:
        for key in keys or tuple(self._open):
            self._open.pop(key, None)

    def start(self) -> None:
        pass

    def shut_down(self) -> None:
        self._open.clear()

    # What tests do

    def hold(self) -> None:
        """Answer nothing by itself from now on."""
        self._holds = True

    def keys(self) -> list[str]:
        """The keys of all requests, the newest last."""
        return [request.key for request in self.requests]

    def answer(self, request: DecoderRequest) -> None:
        """Answer a request; like the real client, drop the answer where nobody waits for it."""
        if self._open.get(request.key) is not request:
            return
        del self._open[request.key]
        if isinstance(request, DecodeRequest):
            images = made_images(request.z)
            self.answered.emit(DecodeAnswer(request.key, request.z, images, request.revision, 1.0, request.ticket))
        else:
            density = -0.5 * np.square(request.z.astype(np.float64)).sum(axis=1)
            self.answered.emit(DensityAnswer(density, request.ticket))

    def fail(self, message: str, request: DecoderRequest | None = None) -> None:
        """As if `request` had no answer; without a request, as if the decoder could not work at all."""
        keys = tuple(self._open) if request is None else (request.key,)
        self.forget(*keys)
        self.failed.emit(ModelFailure(message, "", request), keys)
