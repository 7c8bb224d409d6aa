"""Looks for data sets of a person's own and of packages, beside the window. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.job_thread import Report, ShouldStop, left_alone
from vae_explorer.gui.core.jobs import Jobs

_KEY = "data sets"


class DataList(QObject):
    found = Signal(object)  # name -> DatasetSpec: first a person's own, then those of packages
    ended = Signal(object)  # a line for each package that fails

    def __init__(self, root: Path, jobs: Jobs, parent: QObject) -> None:
        """A person's own data sets lie below data folder `root`."""
        super().__init__(parent)
        self._root, self._jobs = root, jobs

    def look(self) -> None:
        """Import the packages, one of which may never end. That one delays neither the window nor a person's own sets."""
        root = self._root

        def task(report: Report, should_stop: ShouldStop) -> object:
            from vae_explorer.data.sources import DATASETS, own_datasets

            report(left_alone(lambda: own_datasets(root), should_stop))
            problems = left_alone(DATASETS.problems, should_stop)
            report(DATASETS.at_hand())
            return problems

        self.leave()
        job = self._jobs.queue(_KEY, task)  # the dialog tells of a failure, and not the window too
        job.progressed.connect(self.found)
        job.done.connect(self.ended)
        job.failed.connect(self._on_failed)

    def leave(self) -> None:
        self._jobs.drop(_KEY)

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self.ended.emit((message,))
