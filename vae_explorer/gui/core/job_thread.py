"""A thread for one task that reads files or the network: opening a model, loading or downloading a data set."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QThread, Signal

from vae_explorer.errors import UserError
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.runtime.loading_torch import sparing_the_collector

Task = Callable[[Callable[[object], None], Callable[[], bool]], Any]  # (report progress, should stop) -> result


class JobThread(Guarded, QThread):
    """Runs `task` once. Emits `loaded` or `failed`, each with the task's name first, then `finished`.

    It has no parent: it goes with its last reference, once it has been waited for. Left to Qt by `deleteLater`, threads that only their
    parent still knew crashed PySide (6.11) now and then.
    """

    loaded = Signal(str, object)  # name, result
    failed = Signal(str, object, str)  # name, the error, details
    progressed = Signal(str, object)  # name, whatever the task reports

    def __init__(self, name: str, task: Task) -> None:
        super().__init__()
        self.setObjectName(f"loadThread.{name}")
        self._name, self._task = name, task

    def shut_down(self) -> None:
        self.requestInterruption()
        self.wait()

    def run(self) -> None:
        try:
            with sparing_the_collector():
                result = self._task(lambda news: self.progressed.emit(self._name, news), self.isInterruptionRequested)
        except UserError as error:
            self.failed.emit(self._name, error, "")
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            self.failed.emit(self._name, error, traceback.format_exc())
        else:
            self.loaded.emit(self._name, result)
