"""A thread with its own model, which answers the newest request of each key."""

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
_MODEL_DELAY = 0.04  # seconds that a new model waits, since the window paints every panel first


class Request(Protocol):
    """A request: a frozen dataclass. `ModelClient` sets its ticket and revision."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str:
        """A newer request replaces an unread request with this key."""

    @property
    def ticket(self) -> int: ...

    @property
    def revision(self) -> int: ...


class Answer(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def ticket(self) -> int: ...


R = TypeVar("R", bound=Request)


@dataclass(frozen=True, slots=True)
class ModelRequest:
    file: ModelFile
    where: str  # file or name, for messages
    revision: int
    key: str = MODEL
    ticket: int = -1


@dataclass(frozen=True, slots=True)
class NoModel: ...


@dataclass(frozen=True, slots=True)
class ModelFailure:
    message: str
    details: str
    request: Request | None = None  # None: torch failed, so every request fails


class ModelThread(Guarded, QThread, Generic[R]):
    """Answers requests on its own thread. Posting takes microseconds on any thread."""

    answered = Signal(object)  # Answer to a whole request
    progressed = Signal(object)  # Answer to a part of a request
    model_ready = Signal(int)  # revision
    failed = Signal(object)  # ModelFailure

    def __init__(self, name: str, urgency: Sequence[str], purpose: str, parent: QObject | None = None) -> None:
        """`urgency` holds the keys, most urgent first. `purpose` says what fails without torch."""
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
        self._mailbox.post(request.key, request)

    def release_model(self) -> None:
        self._mailbox.post(MODEL, NoModel())

    def shut_down(self) -> None:
        self._mailbox.close()
        self.wait()

    def run(self) -> None:
        if not self._prepare():
            return
        while (request := self._mailbox.take()) is not None:
            self._serve(request)

    @abstractmethod
    def answer(self, model: TrainedModel, request: R) -> None:
        """Emit the answer to one request by `answered`. On this thread."""

    def forget(self) -> None: ...

    def _prepare(self) -> bool:
        try:
            load_torch()
            import torch

            torch.set_num_threads(1)  # of this thread; more would wait for a training run
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

        if self._had_model and self._mailbox.is_overtaken(MODEL, _MODEL_DELAY):
            return
        self.forget()
        self._had_model = True
        self._model = TrainedModel(request.file, request.where)
        self._revision = request.revision
        self.model_ready.emit(request.revision)
