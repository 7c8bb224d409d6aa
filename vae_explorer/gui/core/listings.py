"""Looks beside the window for data sets and families that the program's own tables do not have. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.job_thread import Report, ShouldStop, left_alone
from vae_explorer.gui.core.jobs import Jobs


class Listing(QObject):
    """Imports packages, one of which may never end. That package delays neither the window nor another listing."""

    found = Signal(object)  # name -> item, several times
    ended = Signal(object)  # a line for each package that fails
    key = ""

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def search(self, report: Report, should_stop: ShouldStop) -> object:
        """Report what is found, and return the lines of packages that fail. Runs on the thread of a job."""
        raise NotImplementedError

    def look(self) -> None:
        self.leave()
        job = self._jobs.queue(self.key, self.search)  # the dialog tells of a failure, and not the window too
        job.progressed.connect(self.found)
        job.done.connect(self.ended)
        job.failed.connect(self._on_failed)

    def leave(self) -> None:
        self._jobs.drop(self.key)

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self.ended.emit((message,))


class DataList(Listing):
    """Finds data sets: first a person's own below the data folder `root`, then those of packages."""

    key = "data sets"

    def __init__(self, root: Path, jobs: Jobs, parent: QObject) -> None:
        super().__init__(jobs, parent)
        self._root = root

    def search(self, report: Report, should_stop: ShouldStop) -> object:
        from vae_explorer.data.sources import DATASETS, own_datasets

        report(left_alone(lambda: own_datasets(self._root), should_stop))
        problems = left_alone(DATASETS.problems, should_stop)
        report(DATASETS.at_hand())
        return problems


class FamilyList(Listing):
    """Finds the families of packages."""

    key = "families"

    def search(self, report: Report, should_stop: ShouldStop) -> object:
        from vae_explorer.models.families import FAMILIES

        problems = left_alone(FAMILIES.problems, should_stop)
        report(FAMILIES.at_hand())
        return problems
