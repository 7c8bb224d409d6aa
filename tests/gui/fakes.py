"""Hand-written stand-ins for tests below the window: no thread, no torch, no waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, QRectF, Signal

from vae_explorer.gui.core.decode_thread import DecodeAnswer, DecodeRequest, DecoderRequest, DensityAnswer
from vae_explorer.gui.core.job_thread import Task
from vae_explorer.gui.core.model_thread import ModelFailure, ModelRequest
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import TrainEvent


def made_images(z: NDArray[np.float32], side: int = 8) -> NDArray[np.uint8]:
    """Images (n, side, side, 1) that name their points z (n, 2): the upper half is grey by z₁, the lower half by z₂."""
    grey = np.clip(np.round(128 + 20 * z), 0, 255).astype(np.uint8)
    return np.repeat(np.repeat(grey, side // 2, axis=1)[:, :, None, None], side, axis=2)


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

    def newest(self, key: str) -> Any:
        """The newest request of this key."""
        return next(request for request in reversed(self.requests) if request.key == key)

    def answer(self, request: DecoderRequest) -> None:
        """Answer a request; like the real client, drop the answer where nobody waits for it."""
        if self._open.get(request.key) is not request:
            return
        del self._open[request.key]
        if isinstance(request, DecodeRequest):
            self.answered.emit(answer_of(request))
        else:
            density = -0.5 * np.square(request.z.astype(np.float64)).sum(axis=1)
            self.answered.emit(DensityAnswer(density, request.ticket))

    def fail(self, message: str, request: DecoderRequest | None = None) -> None:
        """As if `request` had no answer; without a request, as if the decoder could not work at all."""
        keys = tuple(self._open) if request is None else (request.key,)
        self.forget(*keys)
        self.failed.emit(ModelFailure(message, "", request), keys)


class FakeModelThread(QObject):
    """A `ModelThread` that never runs: a test answers for it by its signals.

    `requests` holds all posted requests, the newest last. `models` holds all loans of a model, and None for each release.
    """

    answered = Signal(object)  # Answer
    progressed = Signal(object)  # Answer to a part
    model_ready = Signal(int)
    failed = Signal(object)  # ModelFailure

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.models: list[ModelRequest | None] = []
        self.requests: list[Any] = []
        self.times_cancelled = 0
        self.seconds_paused = 0.0

    def set_model(self, request: ModelRequest) -> None:
        self.models.append(request)

    def release_model(self) -> None:
        self.models.append(None)

    def post(self, request: Any) -> None:
        self.requests.append(request)

    def cancel(self) -> None:
        self.times_cancelled += 1

    def pause(self, seconds: float) -> None:
        self.seconds_paused = seconds

    def start(self) -> None:
        pass

    def isRunning(self) -> bool:
        return True

    def shut_down(self) -> None:
        pass

    # What tests do

    @property
    def has_model(self) -> bool:
        return bool(self.models) and self.models[-1] is not None

    def keys(self) -> list[str]:
        """The keys of all requests, the newest last."""
        return [request.key for request in self.requests]

    def newest(self, key: str) -> Any:
        """The newest request of this key."""
        return next(request for request in reversed(self.requests) if request.key == key)

    def fail(self, message: str, request: Any) -> None:
        """As if `request`, or the loan of a model, broke off."""
        self.failed.emit(ModelFailure(message, "", request))


class FakeDecodeThread(FakeModelThread):
    """A `DecodeThread` that never runs. `quick` answers requests that the window waits for; None: they come too late."""

    def __init__(self) -> None:
        super().__init__()
        self.quick: Callable[[DecodeRequest], DecodeAnswer] | None = None
        self.waits: list[float] = []  # seconds that the window was ready to wait

    def ask(self, request: DecodeRequest, seconds: float) -> DecodeAnswer | None:
        self.post(request)
        self.waits.append(seconds)
        return self.quick(request) if self.quick is not None else None

    def answer(self, request: DecodeRequest, milliseconds: float = 1.0) -> DecodeAnswer:
        """Answer a request with `made_images`; its client may drop the answer."""
        answer = answer_of(request, milliseconds)
        self.answered.emit(answer)
        return answer


def answer_of(request: DecodeRequest, milliseconds: float = 1.0) -> DecodeAnswer:
    return DecodeAnswer(request.key, request.z, made_images(request.z), request.revision, milliseconds, request.ticket)


class FakeJobThread(QObject):
    """A `JobThread` that runs its task when `FakeWork.run` says so."""

    done = Signal(object)  # result
    failed = Signal(object, str)  # the error, details
    progressed = Signal(object)
    finished = Signal()

    def __init__(self, key: str, task: Task, start: Callable[[FakeJobThread], None]) -> None:
        super().__init__()
        self.key, self._task, self._start = key, task, start
        self._is_interrupted = False

    def start(self) -> None:
        self._start(self)

    def requestInterruption(self) -> None:
        self._is_interrupted = True

    def wait(self) -> None:
        pass

    def shut_down(self) -> None:
        self.requestInterruption()

    def run(self) -> None:
        try:
            result = self._task(self.progressed.emit, lambda: self._is_interrupted)
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            self.failed.emit(error, "")
        else:
            self.done.emit(result)
        self.finished.emit()


class FakeWork:
    """The background jobs of a session: they wait until a test runs them, one after the other, on its own thread."""

    def __init__(self) -> None:
        self._waiting: list[FakeJobThread] = []

    def thread(self, key: str, task: Task) -> FakeJobThread:
        """In place of `JobThread`."""
        return FakeJobThread(key, task, self._waiting.append)

    @property
    def keys(self) -> list[str]:
        """The keys of the started jobs, the oldest first."""
        return [thread.key for thread in self._waiting]

    def run(self, *keys: str) -> None:
        """Run the started jobs of these keys, or all; jobs that start meanwhile too."""
        while chosen := [thread for thread in self._waiting if not keys or thread.key in keys]:
            self._waiting.remove(chosen[0])
            chosen[0].run()


class FakeTrainThread(QObject):
    """A `TrainThread` without a process: a test says its events. `orders` holds what it was told, such as "stop"."""

    event_received = Signal(object)  # TrainEvent
    finished = Signal()

    def __init__(self, config: TrainConfig, child: FakeTrainingChild | None) -> None:
        super().__init__()
        self.config, self.child = config, child
        self.orders: list[str] = []
        self.threads: list[int] = []

    @property
    def may_change_threads(self) -> bool:
        return not self.config.threads

    def set_threads(self, offered: int) -> None:
        self.threads.append(offered)

    def start(self) -> None:
        self.orders.append("start")

    def stop(self) -> None:
        self.orders.append("stop")

    def kill(self) -> None:
        self.orders.append("kill")

    def wait(self) -> None:
        pass

    # What tests do

    def say(self, *events: TrainEvent) -> None:
        for event in events:
            self.event_received.emit(event)

    def end(self, last: TrainEvent) -> None:
        """Say the last event; then the thread is no more."""
        self.say(last)
        self.finished.emit()


class FakeTrainingChild:
    """A `TrainingChild` without a process. `orders` holds what it was told; `said` holds the events that it says."""

    def __init__(self, *said: TrainEvent, status: int = 0, words: str = "") -> None:
        self.said, self.end = said, (status, words)
        self.orders: list[object] = []
        self.alive = True

    def is_alive(self) -> bool:
        return self.alive

    def train(self, config: TrainConfig, data_dir: str | None) -> None:
        self.orders.append(config)

    def set_threads(self, threads: int) -> None:
        self.orders.append(threads)

    def stop(self) -> None:
        self.orders.append("stop")

    def kill(self) -> None:
        self.orders.append("kill")
        self.alive = False

    def events(self) -> Iterator[TrainEvent]:
        yield from self.said

    def wait(self) -> tuple[int, str]:
        """The exit status and the last words."""
        self.alive = False
        return self.end


class FakeRuns:
    """All training runs and waiting children of a session, the newest last."""

    def __init__(self) -> None:
        self.threads: list[FakeTrainThread] = []
        self.children: list[FakeTrainingChild] = []

    def thread(self, config: TrainConfig, data_dir: str | None, child: FakeTrainingChild | None = None) -> FakeTrainThread:
        """In place of `TrainThread`."""
        self.threads.append(FakeTrainThread(config, child))
        return self.threads[-1]

    def child(self) -> FakeTrainingChild:
        """In place of `TrainingChild`."""
        self.children.append(FakeTrainingChild())
        return self.children[-1]

    @property
    def newest(self) -> FakeTrainThread:
        return self.threads[-1]


class FakeMap(QObject):
    """What presenters of metrics ask of a map. It shows the plane in [−1, 1]², and moves no point."""

    recoloured = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.codes_item = SimpleNamespace(by_place=False)
        self.steps: NDArray[np.uint8] | None = None  # of the codes; None where they have the colours of their classes
        self.circular = False  # whether the steps are those of a circle
        self.centre: tuple[float, float] = (0.0, 0.0)

    def set_steps(self, steps: NDArray[np.uint8] | None, circular: bool = False) -> None:
        self.steps, self.circular = steps, circular
        self.recoloured.emit()

    def visible_rect(self) -> QRectF:
        return QRectF(self.centre[0] - 1, self.centre[1] - 1, 2, 2)

    def place_of(self, z: tuple[float, float]) -> QPointF:
        return QPointF(*z)

    def centre_on(self, z: tuple[float, float]) -> None:
        self.centre = z
