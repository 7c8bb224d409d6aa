"""Writes models and images to files in jobs. GUI thread only."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.channels import Channels
from vae_explorer.errors import UserError
from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.state import NOT_ON_SCREEN, OpenModel
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.models.saving import check_model_place, check_runs_folder, save_as_run


class Saving(QObject):
    model_saved = Signal(int, object)  # revision, Path
    notice_raised = Signal(str)
    problem_raised = Signal(str, str)  # message, details

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._runs = itertools.count(1)

    def save_model(self, path: Path, model: OpenModel) -> None:
        file = model.file
        self._write_model(str(path), model.revision, lambda: _write_model(path, file))

    def save_run(self, model: OpenModel) -> None:
        file = model.file
        self._write_model(f"run {next(self._runs)}", model.revision, lambda: save_as_run(file))

    def check_runs_folder(self) -> None:
        """Raise a problem before a run if the folder for runs cannot be written."""
        try:
            check_runs_folder()
        except UserError as error:
            way_out = self.tr("{}. The training goes on; save its model with File ▸ Save model as")
            self.problem_raised.emit(way_out.format(error), "")

    def export_path(self, path: Path, answer: DecodeAnswer | None, note: str, channels: Channels) -> None:
        """Write frames, as `channels` show them, as an animation (.gif, .apng, .webp) or as a strip (.png)."""
        if answer is None:
            self.problem_raised.emit(self.tr("There is no path to export; click two points on the map first"), "")
            return
        self.export_frames(path, answer.images, note, channels)

    def export_frames(self, path: Path, frames: NDArray[np.uint8], note: str, channels: Channels) -> None:
        """Write frames (n, H, W, C) as the ending of the path says, see `write_frames`."""

        def write(report: Report, should_stop: ShouldStop) -> Path:
            from vae_explorer.images import write_frames

            write_frames(path, frames, note=note, channels=channels)
            return path

        job = self._jobs.queue(f"write {path}", write)
        job.done.connect(self._on_exported)
        job.failed.connect(self._on_export_failed)

    def _write_model(self, name: str, revision: int, write: Callable[[], tuple[Path, str]]) -> None:
        def task(report: Report, should_stop: ShouldStop) -> tuple[int, Path, str]:
            return revision, *write()

        job = self._jobs.queue(f"write {name}", task)
        job.done.connect(self._on_written)
        job.failed.connect(self._on_run_failed if revision == NOT_ON_SCREEN else self._on_model_failed)

    @Slot(object)
    def _on_exported(self, path: Path) -> None:
        self.notice_raised.emit(self.tr("Saved {}").format(path))

    @Slot(str, str)
    def _on_export_failed(self, message: str, _: str) -> None:
        self.problem_raised.emit(message, "")

    @Slot(object)
    def _on_written(self, result: tuple[int, Path, str]) -> None:
        revision, path, problem = result
        self.model_saved.emit(revision, path)
        if problem:
            elsewhere = self.tr("{}. The model is in {}; save it elsewhere with File ▸ Save model as")
            self.problem_raised.emit(elsewhere.format(problem, path), "")
        else:
            self.notice_raised.emit(self.tr("Saved {}").format(path))

    @Slot(str, str)
    def _on_run_failed(self, message: str, _: str) -> None:
        way_out = self.tr("{}. Press Show run, then save it elsewhere with File ▸ Save model as")
        self.problem_raised.emit(way_out.format(message), "")

    @Slot(str, str)
    def _on_model_failed(self, message: str, _: str) -> None:
        way_out = self.tr("{}. The model is still open: save it elsewhere with File ▸ Save model as")
        self.problem_raised.emit(way_out.format(message), "")


def _write_model(path: Path, file: ModelFile) -> tuple[Path, str]:
    check_model_place(path)
    if file.card.is_own:
        from vae_explorer.models.own.files.bundling import bundled

        file = bundled(file)
    write_model_file(path, file)
    return path, ""
