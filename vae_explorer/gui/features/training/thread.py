"""The thread that supervises the training child. GUI and child share no interpreter lock."""

from __future__ import annotations

import threading
import traceback
from typing import TYPE_CHECKING

from PySide6.QtCore import QThread, Signal

from vae_explorer.gui.features.training.child import TrainingChild
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.training.events import Failed, Finished

if TYPE_CHECKING:
    from vae_explorer.training.config import TrainConfig


class TrainThread(Guarded, QThread):
    """Trains in `child` or a new child. Any thread may give orders. No parent, as `JobThread`."""

    event_received = Signal(object)  # TrainEvent

    def __init__(self, config: TrainConfig, data_dir: str | None, child: TrainingChild | None = None) -> None:
        super().__init__()
        self.setObjectName("trainThread")
        self._config, self._data_dir = config, data_dir
        self._lock = threading.Lock()
        self._spare_child = child
        self._child: TrainingChild | None = None  # with a config
        self._threads = 0
        self._stopped = self._killed = False

    @property
    def may_change_threads(self) -> bool:
        return not self._config.threads

    def set_threads(self, offered: int) -> None:
        from vae_explorer.training.threads import threads_for

        threads = threads_for(self._config, offered)
        with self._lock:
            self._threads = threads
            if self._child is not None:
                self._child.set_threads(threads)

    def stop(self) -> None:
        """Ask the child to end after the current batch."""
        with self._lock:
            self._stopped = True
            if self._child is not None:
                self._child.stop()

    def kill(self) -> None:
        with self._lock:
            self._stopped = self._killed = True
            if self._child is not None:
                self._child.kill()

    def run(self) -> None:
        try:
            status, stderr, last = self._supervise()
        except Exception as error:  # noqa: BLE001 (the thread's edge)
            message = f"training could not be started ({error}); free some memory or disk space and try again"
            self.event_received.emit(Failed(message, traceback.format_exc()))
            return
        if not isinstance(last, Finished | Failed):
            message = f"the training process ended with status {status} before its time; copy the details, then train again"
            self.event_received.emit(
                Failed("training was stopped" if self._stopped else message, stderr, cancelled=self._stopped)
            )

    def _supervise(self) -> tuple[int, str, object]:
        """Emit all events. Return exit status, stderr and the last event."""
        child = self._begin()
        last = None
        try:
            for event in child.events():
                last = event
                self.event_received.emit(event)
        finally:
            status, stderr = child.wait()
        return status, stderr, last

    def _begin(self) -> TrainingChild:
        with self._lock:
            child = self._child = self._spare_child or TrainingChild()
            child.train(self._config, self._data_dir)
            if self._threads:
                child.set_threads(self._threads)
            if self._killed:
                child.kill()
            elif self._stopped:
                child.stop()
            return child
