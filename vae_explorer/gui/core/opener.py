"""Opens model files beside the window, one at a time: the latest wish wins, and a file that takes too long is given up."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer import locations
from vae_explorer.data.base import Cancelled
from vae_explorer.gui.core.job_thread import Report, ShouldStop, Task
from vae_explorer.gui.core.jobs import Job
from vae_explorer.limits import LIMITS
from vae_explorer.models.model_file import ModelFile, read_model_file

_LONG = 400  # milliseconds after which the window says what is being opened
MAX_ABANDONED = 3  # jobs that were given up and have not ended yet; with more the next file waits


class ModelOpener(QObject):
    """Owns the job that reads and builds a model. A job that is given up ends by itself, and nobody hears of it.

    What bounds a step between two looks at the interruption: one array of a file of limited size, 64 MB of the checksum, or one
    network of limited cost (see `limits`).
    """

    loaded = Signal(object, object)  # ModelFile, Path
    refused = Signal(str, str)  # message, details
    slow_file_changed = Signal(object)  # Path of the file that takes long; None once nothing does
    busy_changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path, self._next = Path(), Path()
        self._job: Job | None = None
        self._left: list[Job] = []  # given up, at work still
        self._waits = False  # for one of them to end, before `_next` is opened
        self._said = False
        self._soon, self._patience = QTimer(self), QTimer(self)
        for timer, then in ((self._soon, self._say), (self._patience, self._lose_patience)):
            timer.setSingleShot(True)
            timer.timeout.connect(then)

    @property
    def busy(self) -> bool:
        """Whether a model is being opened that somebody still wants."""
        return self._job is not None or self._waits

    @property
    def abandoned(self) -> int:
        """How many jobs nobody waits for any more, and have not ended."""
        return len(self._left)

    def open(self, path: Path) -> None:
        """Read and verify a model file, its network included. Another file that is being opened is given up."""
        self.give_up()
        self._next, self._waits = path, len(self._left) > MAX_ABANDONED
        if not self._waits:
            self._start()
        self.busy_changed.emit()

    @Slot()
    def give_up(self) -> None:
        """Nobody wants the file any more that is being opened, if any. The loader is free for another file at once."""
        was_busy, self._waits = self.busy, False
        if self._job is not None:
            self._job.drop()
            self._left.append(self._job)
            self._job = None
        self._stop_timers()
        if was_busy:
            self.busy_changed.emit()

    def shut_down(self) -> None:
        self.give_up()
        for job in list(self._left):
            job.shut_down()

    def _start(self) -> None:
        self._path, self._waits = self._next, False
        job = self._job = Job("model", _task(self._path), self)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        job.ended.connect(self._on_ended)
        job.start()
        self._soon.start(_LONG)
        if self._path.parent not in (locations.pretrained(), locations.runs()):
            self._patience.start(1000 * LIMITS["seconds"].most)

    def _stop_timers(self) -> None:
        self._soon.stop()
        self._patience.stop()
        if self._said:
            self._said = False
            self.slow_file_changed.emit(None)

    @Slot()
    def _say(self) -> None:
        self._said = True
        self.slow_file_changed.emit(self._path)

    @Slot()
    def _lose_patience(self) -> None:
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
        self._left = [job for job in self._left if job is not ended]
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

        file = read_model_file(path, check)
        check()
        from vae_explorer.inference.trained import TrainedModel

        TrainedModel(file, str(path))
        return file

    return task
