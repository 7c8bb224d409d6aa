"""Runs one task on a thread of its own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from PySide6.QtCore import QThread, Signal

from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.runtime.importing import sparing_the_collector

T = TypeVar("T")
_LOOK = 0.05  # seconds between two looks at `should_stop`
Report = Callable[[object], None]
ShouldStop = Callable[[], bool]
Task = Callable[[Report, ShouldStop], Any]  # (report progress, should stop) -> result


class JobThread(Guarded, QThread):
    """Runs `task` once. Emits `done` or `failed`, then `finished`.

    The thread has no parent, and ends with its last reference after `wait`. PySide 6.11 sometimes crashed on `deleteLater` of a
    thread that only its parent referred to.
    """

    done = Signal(object)  # result
    failed = Signal(object, str)  # error, details
    progressed = Signal(object)  # whatever the task reports

    def __init__(self, name: str, task: Task) -> None:
        super().__init__()
        self.setObjectName(f"jobThread.{name}")
        self._task = task

    def shut_down(self) -> None:
        self.requestInterruption()
        self.wait()

    def run(self) -> None:
        try:
            with sparing_the_collector():
                result = self._task(self.progressed.emit, self.isInterruptionRequested)
        except UserError as error:
            self.failed.emit(error, "")
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            self.failed.emit(error, traceback.format_exc())
        else:
            self.done.emit(result)


def left_alone(work: Callable[[], T], should_stop: ShouldStop) -> T:
    """Return what `work` returns, on a thread that may go on for ever. Raises its errors, and `Cancelled`.

    It is for code of other people, which listens to nobody.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 (the thread's edge; raised below)
            answer.set_exception(error)

    threading.Thread(target=run, name="left-alone", daemon=True).start()
    while not wait([answer], _LOOK).done:
        go_on(should_stop)
    return answer.result()


def go_on(should_stop: ShouldStop) -> None:
    if should_stop():
        raise Cancelled("the work was stopped")
