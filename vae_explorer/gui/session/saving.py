"""Models and paths that are written to files, beside the window."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.errors import UserError
from vae_explorer.gui.session.loading import Loading
from vae_explorer.gui.session.path import PathState
from vae_explorer.gui.session.state import ASIDE, OpenModel
from vae_explorer.images import write_frames
from vae_explorer.models.catalogue import new_run_path
from vae_explorer.models.model_file import write_model_file


class Saving(QObject):
    model_saved = Signal(int, object)  # revision, Path
    notice_raised = Signal(str)
    problem_raised = Signal(str, str)  # message, details

    def __init__(self, loading: Loading, parent: QObject) -> None:
        super().__init__(parent)
        self._loading = loading
        self._models: dict[Path, int] = {}  # file -> revision of the model that goes there
        loading.written.connect(self._on_written)
        loading.write_failed.connect(self._on_failed)

    def save_model(self, path: Path, model: OpenModel) -> None:
        file = model.file
        self._models[path] = model.revision
        self._loading.write(path, lambda: write_model_file(path, file))

    def save_run(self, model: OpenModel) -> None:
        """Into the folder for runs, under a name that none has yet."""
        try:
            path = new_run_path(model.card)
        except UserError as error:
            self.problem_raised.emit(str(error), "")
        else:
            self.save_model(path, model)

    def export_path(self, path: Path, state: PathState) -> None:
        """The frames on screen: .gif, .apng or .webp as an animation, .png as a strip."""
        answer, note = state.answer, state.note
        if answer is None:
            self.problem_raised.emit(self.tr("There is no path to export; click two points on the map first"), "")
            return
        self._loading.write(path, lambda: write_frames(path, answer.images, note=note))

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        revision = self._models.pop(path, None)
        if revision is not None:
            self.model_saved.emit(revision, path)
        self.notice_raised.emit(self.tr("Saved {}").format(path))

    @Slot(object, str)
    def _on_failed(self, path: Path, message: str) -> None:
        revision = self._models.pop(path, None)
        if revision == ASIDE:
            message = self.tr("{}. Press Show run, then save it elsewhere with File ▸ Save model as").format(message)
        elif revision is not None:
            message = self.tr("{}. The model is still open: save it elsewhere with File ▸ Save model as").format(message)
        self.problem_raised.emit(message, "")
