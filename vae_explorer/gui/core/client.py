"""The window's end of a model thread: requests go out with tickets, and answers that nobody waits for are dropped here."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.model_thread import Answer, ModelFailure, ModelRequest, ModelThread, R, Request
from vae_explorer.gui.core.state import OpenModel

Ticketed = TypeVar("Ticketed", bound=Request)
_NONE = -1  # the revision of no model


class ModelClient(QObject, Generic[R]):
    """Owns one model thread. GUI thread only.

    Every request gets a ticket, and its answers carry that ticket. The client passes an answer on while its ticket is open. A
    newer request of the same key closes the older tickets, and so does another model.
    """

    answered = Signal(object)  # Answer; its request is done
    progressed = Signal(object)  # Answer to a part of a request
    model_ready = Signal(int)  # revision: the thread answers about this model
    failed = Signal(object, object)  # ModelFailure, keys of the requests that get no answer: tuple[str, ...]

    def __init__(self, thread: ModelThread[R], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = thread
        self._tickets = itertools.count()
        self._open: dict[str, list[int]] = {}  # key -> tickets, the newest last
        self._model: OpenModel | None = None
        self._lent = _NONE  # the revision that the thread has
        thread.setParent(self)
        thread.answered.connect(self._on_answered)
        thread.progressed.connect(self._on_progressed)
        thread.model_ready.connect(self._on_model_ready)
        thread.failed.connect(self._on_failed)

    @property
    def waiting(self) -> bool:
        """Whether a request is open."""
        return any(self._open.values())

    def waits_for(self, key: str) -> bool:
        """Whether a request of this key is open."""
        return bool(self._open.get(key))

    def set_model(self, model: OpenModel) -> None:
        """Ask about `model` from now on. The thread gets the model with the first request."""
        self._model = model
        self._open.clear()

    def ask(self, request: R, keep_older: bool = False) -> int:
        """Post a request and return its ticket; starts the thread. With `keep_older`, older tickets of the key stay open.

        Raises `RuntimeError` before the first `set_model`.
        """
        ticketed = self._ticketed(request, keep_older)
        self.lend_model()
        self._thread.post(ticketed)
        return ticketed.ticket

    def forget(self, *keys: str) -> None:
        """Close the tickets of these keys, or of all keys where none is given."""
        for key in keys or tuple(self._open):
            self._open.pop(key, None)

    def lend_model(self) -> None:
        """Give the model to the thread unless the thread has it, and start the thread."""
        model = self._model
        if model is None or model.revision == self._lent:
            return
        self._lent = model.revision
        self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))
        if not self._thread.isRunning():
            self._thread.start()

    def release_model(self) -> None:
        """Free the thread's memory of the model; the next request lends the model again."""
        if self._lent != _NONE:
            self._lent = _NONE
            self._thread.release_model()

    def start(self) -> None:
        """Start the thread before it has a model: importing torch takes seconds."""
        self._thread.start()

    def shut_down(self) -> None:
        """End the thread and wait for it."""
        self._thread.shut_down()

    def _ticketed(self, request: Ticketed, keep_older: bool) -> Ticketed:
        if self._model is None:
            raise RuntimeError("no model to ask about")
        ticket = next(self._tickets)
        older = self._open.get(request.key, []) if keep_older else []
        self._open[request.key] = [*older, ticket]
        stamp: dict[str, Any] = {"ticket": ticket, "revision": self._model.revision}
        return replace(request, **stamp)

    def _settle(self, key: str, ticket: int) -> bool:
        """Whether the ticket was open. Closes the ticket and the older tickets of its key."""
        tickets = self._open.get(key, [])
        if ticket not in tickets:
            return False
        del tickets[: tickets.index(ticket) + 1]
        return True

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if self._settle(answer.key, answer.ticket):
            self.answered.emit(answer)

    @Slot(object)
    def _on_progressed(self, answer: Answer) -> None:
        if answer.ticket in self._open.get(answer.key, []):
            self.progressed.emit(answer)

    @Slot(int)
    def _on_model_ready(self, revision: int) -> None:
        self.model_ready.emit(revision)

    @Slot(object)
    def _on_failed(self, failure: ModelFailure) -> None:
        """A failure of one request ends that request alone; any other failure ends all. A failure of an older model is dropped."""
        request = failure.request
        if request is not None and request.revision != self._lent:
            return
        if request is None or isinstance(request, ModelRequest):
            ended = tuple(key for key, tickets in self._open.items() if tickets)
            self._open.clear()
        else:
            ended = (request.key,) if self._settle(request.key, request.ticket) else ()
        self.failed.emit(failure, ended)
