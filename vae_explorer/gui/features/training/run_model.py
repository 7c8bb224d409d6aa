"""The model of a training run: on the map, or aside where another one was opened meanwhile. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.saving import Saving
from vae_explorer.gui.core.state import ASIDE, OpenModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.events import Failed, Finished


class RunModel(QObject):
    """What the person has opened stays on the map; what a run has learned is saved all the same, and shown when it is asked for."""

    shown = Signal()  # the run's model is on the map
    model_saved = Signal(int, object)  # revision, Path: of one that was shown before it was written
    problem_raised = Signal(str, str)  # message, details

    def __init__(
        self, training: TrainingState, saving: Saving, show: Callable[[ModelFile, Path | None], OpenModel], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._training, self._saving, self._show = training, saving, show
        self._ended: OpenModel | None = None  # of a run that has ended aside
        self._unwritten: int | None = None  # the revision of one that was shown before its file was written
        self._shut = False
        training.started.connect(self._on_started)
        training.snapshot_taken.connect(self._on_snapshot)
        training.ended.connect(self._on_ended)
        saving.model_saved.connect(self._on_saved)

    def shut_down(self) -> None:
        """Nothing is shown or saved any more."""
        self._shut = True

    def show(self) -> None:
        """Put the run's model on the map, and keep it there as it goes on."""
        ended, self._ended = self._ended, None
        self._training.follow()
        if ended is not None:
            model = self._put_on_the_map(ended.file, ended.path)
            self._unwritten = model.revision if model.path is None else None

    def _put_on_the_map(self, file: ModelFile, path: Path | None = None) -> OpenModel:
        model = self._show(file, path)
        self.shown.emit()
        return model

    @Slot()
    def _on_started(self) -> None:
        self._ended = self._unwritten = None
        self._saving.check_runs_folder()

    @Slot(object)
    def _on_snapshot(self, snapshot: ModelFile) -> None:
        self._put_on_the_map(snapshot)

    @Slot(object)
    def _on_ended(self, event: Finished | Failed) -> None:
        if self._shut:
            return
        if isinstance(event, Failed):
            if not event.cancelled:
                self.problem_raised.emit(event.message, event.details)
            return
        if self._training.aside:
            self._ended = model = OpenModel(event.model, None, ASIDE)
        else:
            model = self._put_on_the_map(event.model)
        if event.reason:
            self.problem_raised.emit(self.tr("Training stopped early: {}").format(event.reason), "")
        self._saving.save_run(model)

    @Slot(int, object)
    def _on_saved(self, revision: int, path: Path) -> None:
        if revision != ASIDE:
            return
        if self._ended is not None:
            self._ended = OpenModel(self._ended.file, path, ASIDE)
        elif self._unwritten is not None:
            self.model_saved.emit(self._unwritten, path)
