"""The decoder's interface for the states, and the decode thread's client. GUI thread only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

from PySide6.QtCore import QObject, SignalInstance, Slot

from vae_explorer.gui.core.client import ModelClient, Ticketed
from vae_explorer.gui.core.decode_thread import CURSOR, DecodeAnswer, DecodeRequest, DecoderRequest, DecodeThread
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.models.spec import LATENT_DIM


class DecoderPort(Protocol):
    """A decoder, as states use it. Tests pass a decoder that answers at once."""

    @property
    def answered(self) -> SignalInstance:
        """Emits a `DecodeAnswer` or a `DensityAnswer` that is not stale."""

    @property
    def model_ready(self) -> SignalInstance:
        """Emits the revision of the model that the decoder now has."""

    @property
    def failed(self) -> SignalInstance:
        """Emits the `ModelFailure` and the keys of requests without answer."""

    @property
    def waiting(self) -> bool: ...

    @property
    def was_ready(self) -> bool: ...

    def set_model(self, model: OpenModel) -> None: ...

    def ask(self, request: DecoderRequest) -> int:
        """Ask for images or densities. Return the ticket, or -1 if nothing is asked."""

    def ask_now(self, request: DecodeRequest, seconds: float) -> int:
        """Ask for the image under the cursor, and wait up to `seconds` for a quick decoder."""

    def forget(self, *keys: str) -> None: ...

    def start(self) -> None: ...

    def shut_down(self) -> None: ...


class Decoder(ModelClient[DecoderRequest]):
    """Owns the decode thread.

    Cursor requests stay open until a newer one is answered, so that images keep up with a moving cursor.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        thread = DecodeThread()
        super().__init__(thread, parent)
        self._decode_thread = thread
        self._ready_revision = -1
        self._decoding_takes = 0.0  # seconds, for the last image under the cursor

    @property
    def was_ready(self) -> bool:
        return self._ready_revision >= 0

    def set_model(self, model: OpenModel) -> None:
        super().set_model(model)
        self.lend_model()

    def ask(self, request: DecoderRequest, keep_older: bool = False) -> int:
        """Ask for images or densities. Without a model or points, only drop older requests."""
        if self._model is None or not len(request.z):
            self.forget(request.key)
            return -1
        return super().ask(request, keep_older or request.key == CURSOR)

    def ask_now(self, request: DecodeRequest, seconds: float) -> int:
        if self._model is None or self._ready_revision != self._model.revision or self._decoding_takes >= seconds:
            return self.ask(request)
        ticketed = self._ticketed(request, keep_older=True)
        answer = self._decode_thread.ask(ticketed, seconds)
        if answer is not None:
            self._on_answered(answer)
        return ticketed.ticket

    def _ticketed(self, request: Ticketed, keep_older: bool) -> Ticketed:
        ticketed = super()._ticketed(request, keep_older)
        if self._model is None or self._model.card.spec.latent_dim == LATENT_DIM:
            return ticketed
        lifted: dict[str, Any] = {"section": self._model.section}
        return replace(ticketed, **lifted)

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DecodeAnswer) and answer.key == CURSOR:
            self._decoding_takes = answer.milliseconds / 1000
        super()._on_answered(answer)

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        self._ready_revision = revision
        super()._on_model_ready(revision)
