"""Opens one model file at a time in a job, and gives up slow files. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer import locations
from vae_explorer.data.base import Cancelled
from vae_explorer.gui.core.job_thread import Report, ShouldStop, Task
from vae_explorer.gui.core.jobs import Job
from vae_explorer.limits import LIMITS
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.opening import open_model_file

SLOW_AFTER = 400  # milliseconds until the window names the file that it opens
MAX_ABANDONED = 3  # running jobs that were given up; with more, the next file waits


class ModelOpener(QObject):
    """Owns the job that reads and builds a model. An abandoned job ends by itself, silently.

    A job looks for interruptions after each array, each 64 MB of the checksum, and before the network. `limits` bounds files and
    networks.
    """

    loaded = Signal(object, object)  # ModelFile, Path
    refused = Signal(str, str)  # message, details
    slow_file_changed = Signal(object)  # Path of a slow file, or None once it is opened or abandoned
    busy_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._next = Path(), Path()
        self._job: Job | None = None
        self._abandoned: list[Job] = []  # given up, but still running
        self._waits = False  # `_next` waits for an abandoned job to end
        self._is_announced = False
        self._slow_timer, self._limit_timer = QTimer(self), QTimer(self)
        for timer, then in ((self._slow_timer, self._announce), (self._limit_timer, self._refuse_slow)):
            timer.setSingleShot(True)
            timer.timeout.connect(then)

    @property
    def busy(self) -> bool:
        return self._job is not None or self._waits

    @property
    def abandoned(self) -> int:
        return len(self._abandoned)

    def open(self, path: Path) -> None:
        self.give_up()
        self._next, self._waits = path, len(self._abandoned) > MAX_ABANDONED
        if not self._waits:
            self._start()
        self.busy_changed.emit()

    @Slot()
    def give_up(self) -> None:
        was_busy, self._waits = self.busy, False
        if self._job is not None:
            self._job.drop()
            self._abandoned.append(self._job)
            self._job = None
        self._stop_timers()
        if was_busy:
            self.busy_changed.emit()

    def shut_down(self) -> None:
        self.give_up()
        for job in list(self._abandoned):
            job.shut_down()

    def _start(self) -> None:
        self._path, self._waits = self._next, False
        job = self._job = Job("model", _task(self._path), self)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.ended.connect(self._on_ended)
        job.start()
        self._slow_timer.start(SLOW_AFTER)
        if self._path.parent not in (locations.pretrained(), locations.runs()):
            self._limit_timer.start(1000 * LIMITS["seconds"].most)

    def _stop_timers(self) -> None:
        self._slow_timer.stop()
        self._limit_timer.stop()
        if self._is_announced:
            self._is_announced = False
            self.slow_file_changed.emit(None)

    @Slot()
    def _announce(self) -> None:
        self._is_announced = True
        self.slow_file_changed.emit(self._path)

    @Slot()
    def _refuse_slow(self) -> None:
        path, seconds = self._path, LIMITS["seconds"].most
        self.give_up()
        words = self.tr("{} was not open after {} seconds and was given up; copy it to a faster disk, or use a smaller model")
        self.refused.emit(words.format(path, seconds), "")

    @Slot(object)
    def _on_done(self, file: ModelFile) -> None:
        self._stop_timers()
        self.loaded.emit(file, self._path)

    @Slot(str, str)
    def _on_failed(self, message: str, details: str) -> None:
        self._stop_timers()
        self.refused.emit(message, details)

    @Slot()
    def _on_ended(self) -> None:
        ended = self.sender()
        if ended is self._job:
            self._job = None
        self._abandoned = [job for job in self._abandoned if job is not ended]
        if isinstance(ended, Job):
            ended.deleteLater()
        if self._waits:
            self._start()
        self.busy_changed.emit()


def _task(path: Path) -> Task:
    def task(report: Report, should_stop: ShouldStop) -> ModelFile:
        def check() -> None:
            if should_stop():
                raise Cancelled(f"{path} is not wanted any more")

        file = open_model_file(path, check=check)
        check()
        from vae_explorer.inference.trained import TrainedModel

        TrainedModel(file, str(path))
        _ = file.information, file.has_widths  # here, since many codes would keep the window waiting
        return file

    return task
