"""Models and paths that are written to files, beside the window."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.errors import UserError
from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.jobs import Loading
from vae_explorer.gui.core.state import ASIDE, OpenModel
from vae_explorer.images import write_frames
from vae_explorer.models.model_file import ModelFile, write_model_file
from vae_explorer.models.saving import check_model_place, check_runs_folder, save_as_run


class Saving(QObject):
    """Writes files on load threads. GUI thread only."""

    model_saved = Signal(int, object)  # revision, Path
    notice_raised = Signal(str)
    problem_raised = Signal(str, str)  # message, details

    def __init__(self, loading: Loading, parent: QObject) -> None:
        super().__init__(parent)
        self._loading = loading
        self._runs = itertools.count(1)
        self._models: dict[str, int] = {}  # name of a writing -> revision of the model that it writes
        loading.written.connect(self._on_written)
        loading.write_failed.connect(self._on_failed)

    def save_model(self, path: Path, model: OpenModel) -> None:
        """Write a model over what is at `path`."""
        file = model.file
        self._models[str(path)] = model.revision
        self._loading.write(str(path), lambda: _write_model(path, file))

    def save_run(self, model: OpenModel) -> None:
        """Write a model into the folder for runs, under a name that no run has yet."""
        name, file = f"run {next(self._runs)}", model.file
        self._models[name] = model.revision
        self._loading.write(name, lambda: save_as_run(file))

    def check_runs_folder(self) -> None:
        """Say before a run begins that its model cannot be saved in the folder for runs."""
        try:
            check_runs_folder()
        except UserError as error:
            way_out = self.tr("{}. Training has begun all the same; save its model with File ▸ Save model as")
            self.problem_raised.emit(way_out.format(error), "")

    def export_path(self, path: Path, answer: DecodeAnswer | None, note: str) -> None:
        """Write the frames of `answer`: .gif, .apng or .webp as an animation, .png as a strip."""
        if answer is None:
            self.problem_raised.emit(self.tr("There is no path to export; click two points on the map first"), "")
            return

        def write() -> tuple[Path, str]:
            write_frames(path, answer.images, note=note)
            return path, ""

        self._loading.write(str(path), write)

    @Slot(str, object)
    def _on_written(self, name: str, result: tuple[Path, str]) -> None:
        path, problem = result
        revision = self._models.pop(name, None)
        if revision is not None:
            self.model_saved.emit(revision, path)
        if problem:
            elsewhere = self.tr("{}. The model is in {}; save it elsewhere with File ▸ Save model as")
            self.problem_raised.emit(elsewhere.format(problem, path), "")
        else:
            self.notice_raised.emit(self.tr("Saved {}").format(path))

    @Slot(str, str)
    def _on_failed(self, name: str, message: str) -> None:
        revision = self._models.pop(name, None)
        if revision == ASIDE:
            message = self.tr("{}. Press Show run, then save it elsewhere with File ▸ Save model as").format(message)
        elif revision is not None:
            message = self.tr("{}. The model is still open: save it elsewhere with File ▸ Save model as").format(message)
        self.problem_raised.emit(message, "")


def _write_model(path: Path, file: ModelFile) -> tuple[Path, str]:
    check_model_place(path)
    write_model_file(path, file)
    return path, ""
