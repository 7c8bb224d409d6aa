"""The thread that owns the decoder. It answers the latest request of each kind, the most urgent kind first."""

from __future__ import annotations

import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QThread, Signal

from vae_explorer.errors import UserError
from vae_explorer.inference.mailbox import Mailbox
from vae_explorer.loading_torch import load_torch
from vae_explorer.models.model_file import ModelFile

if TYPE_CHECKING:
    from vae_explorer.inference.trained import TrainedModel

MODEL, CURSOR, INSPECT, DENSITY, PATH, MANIFOLD = "model", "cursor", "inspect", "density", "path", "manifold"
POSTERIOR_DRAWS, PRIOR_DRAWS = "posterior_draws", "prior_draws"
_URGENCY = (MODEL, CURSOR, INSPECT, POSTERIOR_DRAWS, DENSITY, PATH, PRIOR_DRAWS, MANIFOLD)
_CHUNK = 16  # points between two looks into the mailbox: half a millisecond


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """From now on decode with this model."""

    file: ModelFile
    where: str
    revision: int


@dataclass(frozen=True, slots=True)
class DecodeRequest:
    key: str
    z: NDArray[np.float32]  # (n, 2)
    revision: int
    condition: NDArray[np.float32] | None = None  # (n, C): weights of the classes, for a conditional model
    switches: frozenset[str] = frozenset()  # of the family, those that are on


@dataclass(frozen=True, slots=True)
class DecodeAnswer:
    key: str
    z: NDArray[np.float32]  # (n, 2), the request's
    images: NDArray[np.uint8]  # (n, H, W)
    revision: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class DensityRequest:
    """log q(z|x) of one image, at many points."""

    image: NDArray[np.uint8]  # (H, W)
    label: int
    z: NDArray[np.float32]  # (n, 2)
    revision: int


@dataclass(frozen=True, slots=True)
class DensityAnswer:
    z: NDArray[np.float32]  # (n, 2), the request's
    log_density: NDArray[np.float64]  # (n,) nats
    revision: int


Request = ModelRequest | DecodeRequest | DensityRequest


@dataclass(frozen=True, slots=True)
class DecodeFailure:
    message: str
    details: str
    revision: int


class DecodeThread(QThread):
    """Posts are microseconds and may come from the GUI thread; everything else runs here."""

    model_ready = Signal(int)  # revision
    decoded = Signal(object)  # DecodeAnswer
    density_found = Signal(object)  # DensityAnswer
    failed = Signal(object)  # DecodeFailure

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("decodeThread")
        self._mailbox: Mailbox[Request] = Mailbox(_URGENCY)
        self._lock, self._met = threading.Lock(), threading.Event()
        self._awaited: DecodeRequest | None = None
        self._handed: DecodeAnswer | None = None
        self._model: TrainedModel | None = None
        self._revision = -1

    def post(self, request: Request) -> None:
        keys = {ModelRequest: MODEL, DensityRequest: DENSITY}
        self._mailbox.post(request.key if isinstance(request, DecodeRequest) else keys[type(request)], request)

    def ask(self, request: DecodeRequest, seconds: float) -> DecodeAnswer | None:
        """Post, and leave the interpreter to this thread for up to `seconds`; an answer that comes later comes by `decoded`.

        Decoding beside a busy GUI thread waits for the interpreter's lock between any two steps, and takes three times as long.
        """
        with self._lock:
            self._awaited, self._handed = request, None
            self._met.clear()
        self.post(request)
        self._met.wait(seconds)
        with self._lock:
            self._awaited = None
            return self._handed

    def shut_down(self) -> None:
        """Ends the thread and waits for it."""
        self._mailbox.close()
        self.wait()

    def run(self) -> None:
        if not self._prepare():
            return
        while (request := self._mailbox.take()) is not None:
            self._serve(request)

    def _prepare(self) -> bool:
        try:
            load_torch()
            import torch

            torch.set_num_threads(1)  # holds per thread; with more, training beside it makes hovering wait
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            message = f"torch cannot be loaded ({error}), so nothing can be decoded; run 'vae-explorer doctor'"
            self.failed.emit(DecodeFailure(message, traceback.format_exc(), self._revision))
            return False
        return True

    def _serve(self, request: Request) -> None:
        try:
            match request:
                case ModelRequest():
                    self._set_model(request)
                case DensityRequest():
                    self._find_density(request)
                case DecodeRequest():
                    self._answer(request)
        except UserError as error:
            self.failed.emit(DecodeFailure(str(error), "", request.revision))
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            message = f"decoding failed: {error}"
            self.failed.emit(DecodeFailure(message, traceback.format_exc(), request.revision))

    def _set_model(self, request: ModelRequest) -> None:
        from vae_explorer.inference.trained import TrainedModel

        self._model = TrainedModel(request.file, request.where)
        self._revision = request.revision
        self.model_ready.emit(request.revision)

    def _find_density(self, request: DensityRequest) -> None:
        if self._model is not None and request.revision == self._revision:
            found = self._model.log_posterior(request.image / np.float32(255), request.z, request.label)
            self.density_found.emit(DensityAnswer(request.z, found, request.revision))

    def _answer(self, request: DecodeRequest) -> None:
        parts: list[NDArray[np.uint8]] = []
        seconds = 0.0
        for start in range(0, len(request.z), _CHUNK):
            while (urgent := self._mailbox.take_before(request.key)) is not None:
                self._serve(urgent)
            if self._model is None or request.revision != self._revision or self._mailbox.is_stale(request.key):
                return
            begun = time.perf_counter()
            parts.append(_decoded(self._model, request, slice(start, start + _CHUNK)))
            seconds += time.perf_counter() - begun
        images = parts[0] if len(parts) == 1 else np.concatenate(parts)
        self._deliver(request, DecodeAnswer(request.key, request.z, images, request.revision, 1000 * seconds))

    def _deliver(self, request: DecodeRequest, answer: DecodeAnswer) -> None:
        with self._lock:
            if self._awaited is request:
                self._handed = answer
                self._met.set()
                return
        self.decoded.emit(answer)


def _decoded(model: TrainedModel, request: DecodeRequest, part: slice) -> NDArray[np.uint8]:
    condition = None if request.condition is None else request.condition[part]
    return model.decode_uint8(request.z[part], condition, request.switches)
