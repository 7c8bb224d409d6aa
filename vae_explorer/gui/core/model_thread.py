"""A thread with a model of its own that answers the latest request of each kind, the most urgent kind first."""

from __future__ import annotations

import traceback
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Protocol, TypeVar

from PySide6.QtCore import QObject, QThread, Signal

from vae_explorer.errors import UserError
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.inference.mailbox import Mailbox
from vae_explorer.models.model_file import ModelFile
from vae_explorer.runtime.loading_torch import load_torch

if TYPE_CHECKING:
    from vae_explorer.inference.trained import TrainedModel

MODEL = "model"
_WINDOW_FIRST = (
    0.04  # seconds for which another model waits: the window paints all of its panels anew, and needs the interpreter
)


class Request(Protocol):
    """What every request to a model thread says. Requests are frozen dataclasses; `ModelClient` sets ticket and revision."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """The kind of request. A newer request of a kind replaces an older one."""

    @property
    def ticket(self) -> int: ...

    @property
    def revision(self) -> int:
        """The revision of the model that the request is about."""


class Answer(Protocol):
    """What every answer of a model thread says."""

    @property
    def key(self) -> str:
        """The key of the request."""

    @property
    def ticket(self) -> int:
        """The ticket of the request."""


R = TypeVar("R", bound=Request)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """From now on answer with this model."""

    file: ModelFile
    where: str
    revision: int
    key: str = MODEL
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class NoModel:
    """From now on there is none to answer with."""


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """A request could not be answered. `details` are for the log, empty where the message says it all."""

    message: str
    details: str
    request: Request | None = None  # None: no request can be


class ModelThread(Guarded, QThread, Generic[R]):
    """Posts are microseconds and may come from the GUI thread; everything else runs here."""

    answered = Signal(object)  # Answer to a whole request
    progressed = Signal(object)  # Answer to a part of a request
    model_ready = Signal(int)  # revision
    failed = Signal(object)  # ModelFailure

    def __init__(self, name: str, urgency: Sequence[str], purpose: str, parent: QObject | None = None) -> None:
        """`urgency`: the kinds of requests, most urgent first, after the model itself. `purpose`: what fails without torch."""
        super().__init__(parent)
        self.setObjectName(name)
        self._purpose = purpose
        self._mailbox: Mailbox[R | ModelRequest | NoModel] = Mailbox((MODEL, *urgency))
        self._model: TrainedModel | None = None
        self._had_model = False
        self._revision = -1

    def set_model(self, request: ModelRequest) -> None:
        self._mailbox.post(MODEL, request)

    def post(self, request: R) -> None:
        """An unread request of the same key is replaced."""
        self._mailbox.post(request.key, request)

    def release_model(self) -> None:
        """Drop the model and what is kept of it. The thread answers nothing until `set_model`."""
        self._mailbox.post(MODEL, NoModel())

    def shut_down(self) -> None:
        """Ends the thread and waits for it."""
        self._mailbox.close()
        self.wait()

    def run(self) -> None:
        if not self._prepare():
            return
        while (request := self._mailbox.take()) is not None:
            self._serve(request)

    @abstractmethod
    def answer(self, model: TrainedModel, request: R) -> None:
        """Answer one request about `model` by `answered`. On this thread."""

    def forget(self) -> None:
        """Drop what is kept of the model. On this thread."""

    def _prepare(self) -> bool:
        try:
            load_torch()
            import torch

            torch.set_num_threads(1)  # holds per thread; with more, training beside it makes hovering wait
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            message = f"torch cannot be loaded ({error}), so {self._purpose}; run 'vae-explorer doctor'"
            self.failed.emit(ModelFailure(message, traceback.format_exc()))
            return False
        return True

    def _serve(self, request: R | ModelRequest | NoModel) -> None:
        if isinstance(request, NoModel):
            self.forget()
            self._model, self._revision = None, -1
            return
        try:
            if isinstance(request, ModelRequest):
                self._take_model(request)
            elif self._model is not None and request.revision == self._revision:
                self.answer(self._model, request)
        except UserError as error:
            self.failed.emit(ModelFailure(str(error), "", request))
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            self.failed.emit(ModelFailure(f"{self.objectName()}: {error}", traceback.format_exc(), request))

    def _take_model(self, request: ModelRequest) -> None:
        from vae_explorer.inference.trained import TrainedModel

        if self._had_model and self._mailbox.is_overtaken(MODEL, _WINDOW_FIRST):
            return
        self.forget()
        self._had_model = True
        self._model = TrainedModel(request.file, request.where)
        self._revision = request.revision
        self.model_ready.emit(request.revision)
