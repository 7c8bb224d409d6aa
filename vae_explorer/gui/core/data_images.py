"""Reads or downloads the images of the model's data set. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer import locations
from vae_explorer.data.base import Dataset, Fetching
from vae_explorer.data.own.places import bare_name, is_store
from vae_explorer.data.sources import load_dataset
from vae_explorer.gui.core.job_thread import Report, ShouldStop, Task
from vae_explorer.gui.core.jobs import Jobs

_READ, _DOWNLOAD = "images", "download"


class DataImages(QObject):
    loaded = Signal(str, object)  # name of the data set, Dataset
    download_progressed = Signal(str, int, int)  # file, bytes done, bytes in all
    notice_raised = Signal(str)

    def __init__(self, data_dir: str | None, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._data_dir, self._jobs = data_dir, jobs
        self._problem = ""

    @property
    def problem(self) -> str:
        return self._problem

    @property
    def downloading(self) -> bool:
        return self._jobs.is_running(_DOWNLOAD)

    @property
    def fetching(self) -> bool:
        return self._jobs.has(_READ) or self._jobs.has(_DOWNLOAD)

    def has_store(self, dataset: str) -> bool:
        """Whether images of a person's own were read as `dataset`."""
        return is_store(locations.data(self._data_dir), bare_name(dataset))

    def load(self, dataset: str) -> None:
        self._problem = ""
        job = self._jobs.run(_READ, self._task(dataset, download=False))
        job.done.connect(self._on_loaded)
        job.failed.connect(self._on_failed)

    def download(self, dataset: str) -> None:
        """Read the images of a data set, and download them if they are not here."""
        self._problem = ""
        job = self._jobs.run(_DOWNLOAD, self._task(dataset, download=True))
        job.done.connect(self._on_downloaded)
        job.failed.connect(self._on_failed)
        job.refused.connect(self.notice_raised)
        job.progressed.connect(self._on_progressed)
        self.notice_raised.emit(self.tr("Looking for the images of {}…").format(dataset))

    def cancel_download(self) -> None:
        self._jobs.cancel(_DOWNLOAD)

    def _task(self, dataset: str, download: bool) -> Task:
        root = locations.data(self._data_dir)

        def task(report: Report, should_stop: ShouldStop) -> tuple[str, Dataset]:
            return dataset, load_dataset(dataset, Fetching(root, download, lambda *news: report(news), should_stop))

        return task

    @Slot(object)
    def _on_loaded(self, found: tuple[str, Dataset]) -> None:
        self.loaded.emit(*found)

    @Slot(object)
    def _on_downloaded(self, found: tuple[str, Dataset]) -> None:
        self.loaded.emit(*found)
        self.notice_raised.emit(self.tr("The images of {} are here").format(found[0]))

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self._problem = message

    @Slot(object)
    def _on_progressed(self, news: tuple[str, int, int]) -> None:
        self.download_progressed.emit(*news)
