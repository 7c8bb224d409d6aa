"""The model of a training run: on the map, or aside where another one was opened meanwhile. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.session.saving import Saving
from vae_explorer.gui.session.state import OpenModel
from vae_explorer.gui.session.training import TrainingState
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.events import Failed, Finished

_ASIDE = -1  # the revision of a model that is not on the map


class RunModel(QObject):
    """What the person has opened stays on the map; what a run has learned is saved all the same, and shown when it is asked for."""

    problem_raised = Signal(str, str)  # message, details

    def __init__(
        self, training: TrainingState, saving: Saving, show: Callable[[ModelFile, Path | None], OpenModel], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._training, self._saving, self._show = training, saving, show
        self._ended: OpenModel | None = None  # of a run that has ended aside
        self._shut = False
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
            self._show(ended.file, ended.path)

    @Slot(object)
    def _on_snapshot(self, snapshot: ModelFile) -> None:
        self._show(snapshot, None)

    @Slot(object)
    def _on_ended(self, event: Finished | Failed) -> None:
        if self._shut:
            return
        if isinstance(event, Failed):
            if not event.cancelled:
                self.problem_raised.emit(event.message, event.details)
            return
        if self._training.aside:
            self._ended = model = OpenModel(event.model, None, _ASIDE)
        else:
            self._ended, model = None, self._show(event.model, None)
        if event.reason:
            self.problem_raised.emit(self.tr("Training stopped early: {}").format(event.reason), "")
        self._saving.save_run(model)

    @Slot(int, object)
    def _on_saved(self, revision: int, path: Path) -> None:
        if revision == _ASIDE and self._ended is not None:
            self._ended = OpenModel(self._ended.file, path, _ASIDE)
