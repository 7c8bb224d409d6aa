"""Sends requests to a model thread, and drops stale answers. GUI thread only."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.model_thread import Answer, ModelFailure, ModelRequest, ModelThread, R, Request
from vae_explorer.gui.core.state import OpenModel

Ticketed = TypeVar("Ticketed", bound=Request)
_NO_REVISION = -1


class ModelClient(QObject, Generic[R]):
    """Owns one model thread.

    Each request gets a ticket, which its answers carry. A newer request closes older tickets of its key. Another model
    closes all tickets. Answers pass while their ticket is open.
    """

    answered = Signal(object)  # Answer to a whole request
    progressed = Signal(object)  # Answer to a part of a request
    model_ready = Signal(int)  # revision of the thread's model
    failed = Signal(object, object)  # ModelFailure, keys of requests without answer: tuple[str, ...]

    def __init__(self, thread: ModelThread[R], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thread = thread
        self._tickets = itertools.count()
        self._open: dict[str, list[int]] = {}  # key -> tickets, the newest last
        self._model: OpenModel | None = None
        self._lent = _NO_REVISION  # the revision of the thread's model
        thread.setParent(self)
        thread.answered.connect(self._on_answered)
        thread.progressed.connect(self._on_progressed)
        thread.model_ready.connect(self._on_model_ready)
        thread.failed.connect(self._on_failed)

    @property
    def waiting(self) -> bool:
        return any(self._open.values())

    def waits_for(self, key: str) -> bool:
        return bool(self._open.get(key))

    def set_model(self, model: OpenModel) -> None:
        self._model = model
        self._open.clear()

    def ask(self, request: R, keep_older: bool = False) -> int:
        """Post a request and return its ticket.

        With `keep_older`, older tickets of the key stay open. Raises `RuntimeError` before the first `set_model`.
        """
        ticketed = self._ticketed(request, keep_older)
        self.lend_model()
        self._thread.post(ticketed)
        return ticketed.ticket

    def forget(self, *keys: str) -> None:
        """Close the tickets of these keys, or all tickets if no key is given."""
        for key in keys or tuple(self._open):
            self._open.pop(key, None)

    def lend_model(self) -> None:
        model = self._model
        if model is None or model.revision == self._lent:
            return
        self._lent = model.revision
        self._thread.set_model(ModelRequest(model.file, str(model.path or model.card.name), model.revision))
        if not self._thread.isRunning():
            self._thread.start()

    def release_model(self) -> None:
        if self._lent != _NO_REVISION:
            self._lent = _NO_REVISION
            self._thread.release_model()

    def start(self) -> None:
        self._thread.start()

    def shut_down(self) -> None:
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
        """Close this and older tickets. Return whether this ticket was open."""
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
        """Close the failed request, or all requests if torch or the model failed."""
        request = failure.request
        if request is not None and request.revision != self._lent:
            return
        if request is None or isinstance(request, ModelRequest):
            ended = tuple(key for key, tickets in self._open.items() if tickets)
            self._open.clear()
        else:
            ended = (request.key,) if self._settle(request.key, request.ticket) else ()
        self.failed.emit(failure, ended)
