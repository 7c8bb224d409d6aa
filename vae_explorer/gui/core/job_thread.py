"""A thread for one task that reads files or the network, or computes beside the window."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QThread, Signal

from vae_explorer.data.base import Cancelled
from vae_explorer.errors import UserError
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.runtime.loading_torch import sparing_the_collector

Report = Callable[[object], None]
ShouldStop = Callable[[], bool]
Task = Callable[[Report, ShouldStop], Any]  # (report progress, should stop) -> result


class JobThread(Guarded, QThread):
    """Runs `task` once. Emits `done` or `failed`, then `finished`.

    It has no parent: it goes with its last reference, once it has been waited for. Left to Qt by `deleteLater`, threads that only their
    parent still knew crashed PySide (6.11) now and then.
    """

    done = Signal(object)  # result
    failed = Signal(object, str)  # the error, details
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


def go_on(should_stop: ShouldStop) -> None:
    """Raises `Cancelled` where nobody waits for the work any more."""
    if should_stop():
        raise Cancelled("the work was stopped")
