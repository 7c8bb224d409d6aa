"""Runs background jobs, each on its own thread, one of a key at a time. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.data.base import Cancelled, DataMissing
from vae_explorer.errors import UserError
from vae_explorer.gui.core.job_thread import JobThread, Task


class Job(QObject):
    """Runs one task. A dropped job emits `ended` alone."""

    done = Signal(object)  # result
    failed = Signal(str, str)  # message, details
    refused = Signal(str)  # message: the task was cancelled, or data is missing
    progressed = Signal(object)  # whatever the task reports
    ended = Signal()  # the thread has ended

    def __init__(self, key: str, task: Task, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._is_wanted = True
        self._thread = JobThread(key, task)
        self._thread.done.connect(self._on_done)
        self._thread.failed.connect(self._on_failed)
        self._thread.progressed.connect(self._on_progressed)
        self._thread.finished.connect(self._on_finished)

    def start(self) -> None:
        self._thread.start()

    def cancel(self) -> None:
        self._thread.requestInterruption()

    def drop(self) -> None:
        """Ask the task to stop, and ignore its result."""
        self._is_wanted = False
        self.cancel()

    def shut_down(self) -> None:
        self._thread.shut_down()

    @Slot(object)
    def _on_done(self, result: object) -> None:
        if self._is_wanted:
            self.done.emit(result)

    @Slot(object, str)
    def _on_failed(self, error: Exception, details: str) -> None:
        if not self._is_wanted:
            return
        if isinstance(error, DataMissing | Cancelled):
            self.refused.emit(str(error))
        else:
            self.failed.emit(str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}", details)

    @Slot(object)
    def _on_progressed(self, news: object) -> None:
        if self._is_wanted:
            self.progressed.emit(news)

    @Slot()
    def _on_finished(self) -> None:
        self._thread.wait()
        self.ended.emit()


class Jobs(QObject):
    """Starts jobs. A new job drops older jobs of its key; a queued job waits for them."""

    changed = Signal()  # a job was asked for or has ended
    problem_raised = Signal(str, str)  # message, details; before the job's own `failed`

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._has_shut_down = self._decoder_has_started = False
        self._running: dict[str, Job] = {}
        self._next: dict[str, list[Job]] = {}  # key -> jobs that wait for its running job
        self._postponed: dict[str, Job] = {}  # key -> job that waits for the decoder

    @property
    def busy(self) -> bool:
        return bool(self._running or self._next or self._postponed)

    def is_running(self, key: str) -> bool:
        return key in self._running

    def has(self, key: str) -> bool:
        return any(key in jobs for jobs in (self._running, self._next, self._postponed))

    def run(self, key: str, task: Task, after_decoder: bool = False) -> Job:
        """Drop older jobs of the key, and start a task once they have ended.

        Connect to its signals at once, before the event loop delivers them. With `after_decoder` the task waits for the decoder,
        since two imports at a time would delay the first image.
        """
        job = Job(key, task, self)
        job.failed.connect(self.problem_raised)
        self.drop(key)
        if after_decoder and not self._decoder_has_started and not self._has_shut_down:
            self._postponed[key] = job
            self.changed.emit()
        else:
            self._start_or_wait(job)
        return job

    def queue(self, key: str, task: Task) -> Job:
        """Start a task after all older jobs of the key. `problem_raised` ignores its failure."""
        job = Job(key, task, self)
        self._start_or_wait(job)
        return job

    def cancel(self, key: str) -> None:
        """Ask the running job of this key to stop. It still emits how it ended."""
        if key in self._running:
            self._running[key].cancel()

    def drop(self, key: str) -> None:
        if key in self._running:
            self._running[key].drop()
        for job in [*self._next.pop(key, []), *filter(None, [self._postponed.pop(key, None)])]:
            job.deleteLater()

    @Slot()
    def start_postponed(self) -> None:
        """Start the jobs that waited for the decoder, which has started or failed."""
        if not self._decoder_has_started:
            self._decoder_has_started = True
            waiting, self._postponed = list(self._postponed.values()), {}
            for job in waiting:
                self._start_or_wait(job)

    def shut_down(self) -> None:
        self._has_shut_down = True
        self._next.clear()
        self._postponed.clear()
        for job in list(self._running.values()):
            job.shut_down()

    def _start_or_wait(self, job: Job) -> None:
        if self._has_shut_down:
            return
        if job.key in self._running:
            self._next.setdefault(job.key, []).append(job)
        else:
            self._running[job.key] = job
            job.ended.connect(self._on_ended)
            job.start()
        self.changed.emit()

    @Slot()
    def _on_ended(self) -> None:
        job = self.sender()
        if isinstance(job, Job):
            del self._running[job.key]
            job.deleteLater()
            for waiting in self._next.pop(job.key, []):
                self._start_or_wait(waiting)
        self.changed.emit()
