"""Shows a person's own images before they are read, and reads them into a data set. GUI thread only."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.data.own.adding import Added, add
from vae_explorer.data.own.found import Skipped
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.unpacked import Unpacked
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs

_NUMBERS = itertools.count()
_SURE = 2.0  # seconds of reading before the time left is told


class OwnImages(QObject):
    previewed = Signal(object)  # Preview
    read = Signal(object, object)  # Added, and the list of `Skipped`
    progressed = Signal(int, int, object)  # images done, images in all, seconds left or None
    refused = Signal(str)  # why the images cannot be previewed or read
    stopped = Signal()  # the reading was stopped; nothing was kept

    def __init__(self, root: Path, jobs: Jobs, parent: QObject) -> None:
        """Data sets lie below data folder `root`."""
        super().__init__(parent)
        self._root, self._jobs = root, jobs
        number = next(_NUMBERS)  # no work waits for the end of what another dialog has dropped
        self._preview, self._read = f"preview own images {number}", f"read own images {number}"
        self._unpacked: Unpacked | None = None
        self._begun = 0.0

    @property
    def reading(self) -> bool:
        return self._jobs.is_running(self._read)

    def preview(self, path: Path, reading: Reading) -> None:
        """Look at the source at `path`, in place of an earlier source."""

        unpacked = self._unpacked = self._unpacked or Unpacked()

        def task(report: Report, should_stop: ShouldStop) -> object:
            from vae_explorer.data.own.preview import preview

            return preview(path, reading, should_stop, unpacked)

        self._jobs.drop(self._preview)
        job = self._jobs.queue(self._preview, task)  # the dialog tells of a failure, and not the window too
        job.done.connect(self.previewed)
        job.failed.connect(self._on_failed)

    def add(self, path: Path, reading: Reading) -> None:
        """Read the source at `path` into a data set, unless it was read in this way before."""

        def task(report: Report, should_stop: ShouldStop) -> object:
            progress = lambda _, done, total: report((done, total))  # noqa: E731
            found = add(path, reading, self._root, progress=progress, should_stop=should_stop, apart=True)
            return found, found.store.skipped()

        self._begun = time.monotonic()
        self._drop_preview()
        job = self._jobs.queue(self._read, task)
        job.done.connect(self._on_read)
        job.failed.connect(self._on_failed)
        job.refused.connect(self._on_stopped)
        job.progressed.connect(self._on_progressed)

    def stop(self) -> None:
        """Stop a reading. The data folder stays as it was before."""
        self._jobs.cancel(self._read)

    def leave(self) -> None:
        """Drop all work."""
        self._drop_preview()
        self._jobs.drop(self._read)

    def _drop_preview(self) -> None:
        self._jobs.drop(self._preview)
        self._unpacked = None  # a task that still runs has the last reference

    @Slot(object)
    def _on_read(self, found: tuple[Added, list[Skipped]]) -> None:
        self.read.emit(*found)

    @Slot(object)
    def _on_progressed(self, news: tuple[int, int]) -> None:
        done, total = news
        passed = time.monotonic() - self._begun
        self.progressed.emit(done, total, passed * (total - done) / done if passed > _SURE and done else None)

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self.refused.emit(message)

    @Slot(str)
    def _on_stopped(self, _: str) -> None:
        self.stopped.emit()
