"""The decoder as the window's states see it, and the client of the decode thread. GUI thread only."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, SignalInstance, Slot

from vae_explorer.gui.core.client import ModelClient
from vae_explorer.gui.core.decode_thread import CURSOR, DecodeAnswer, DecodeRequest, DecoderRequest, DecodeThread
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.state import OpenModel


class DecoderPort(Protocol):
    """What states ask of a decoder. Tests give a session a decoder that answers at once."""

    @property
    def answered(self) -> SignalInstance:
        """Emits a `DecodeAnswer` or a `DensityAnswer`. Stale answers are dropped before."""

    @property
    def model_ready(self) -> SignalInstance:
        """Emits the revision of the model that the decoder answers for from now on."""

    @property
    def failed(self) -> SignalInstance:
        """Emits the `ModelFailure`, and the keys of the requests that get no answer."""

    @property
    def waiting(self) -> bool:
        """Whether a request is open."""

    @property
    def was_ready(self) -> bool:
        """Whether the decoder has ever answered for a model."""

    def set_model(self, model: OpenModel) -> None:
        """Ask about `model` from now on, and drop all open requests."""

    def ask(self, request: DecoderRequest) -> int:
        """Ask for images or densities, which `answered` brings. Returns the ticket; -1 where there is nothing to ask."""

    def ask_now(self, request: DecodeRequest, seconds: float) -> int:
        """Ask for the picture under the cursor, and wait for up to `seconds` where the decoder is quick."""

    def forget(self, *keys: str) -> None:
        """Drop the open requests of these keys."""

    def start(self) -> None: ...

    def shut_down(self) -> None: ...


class Decoder(ModelClient[DecoderRequest]):
    """Owns the decode thread.

    Under a moving cursor no request is the newest for long. There an answer counts until the answer to a newer request has come:
    the picture follows the cursor, and says by its z of which point it is.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        thread = DecodeThread()
        super().__init__(thread, parent)
        self._decode_thread = thread
        self._ready_revision = -1
        self._decoding_takes = 0.0  # seconds, the last picture under the cursor

    @property
    def was_ready(self) -> bool:
        """Whether the decoder has ever answered for a model: torch is in memory then."""
        return self._ready_revision >= 0

    def set_model(self, model: OpenModel) -> None:
        """Ask about `model` from now on. The thread gets the model at once."""
        super().set_model(model)
        self.lend_model()

    def ask(self, request: DecoderRequest, keep_older: bool = False) -> int:
        """Ask for images or densities. Before the first model, or for no points, older requests of the key are dropped."""
        if self._model is None or not len(request.z):
            self.forget(request.key)
            return -1
        return super().ask(request, keep_older or request.key == CURSOR)

    def ask_now(self, request: DecodeRequest, seconds: float) -> int:
        """Where the decoder is quick, the picture is on screen before anything else is computed."""
        if self._model is None or self._ready_revision != self._model.revision or self._decoding_takes >= seconds:
            return self.ask(request)
        ticketed = self._ticketed(request, keep_older=True)
        answer = self._decode_thread.ask(ticketed, seconds)
        if answer is not None:
            self._on_answered(answer)
        return ticketed.ticket

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if isinstance(answer, DecodeAnswer) and answer.key == CURSOR:
            self._decoding_takes = answer.milliseconds / 1000
        super()._on_answered(answer)

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        self._ready_revision = revision
        super()._on_model_ready(revision)
