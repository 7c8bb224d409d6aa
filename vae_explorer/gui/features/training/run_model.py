"""The model of a training run, on the map or aside. GUI thread only."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.part import WorkspacePart
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.state import NOT_ON_SCREEN, OpenModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.events import Failed, Finished


class RunModel(WorkspacePart):
    """Shows the run's model on the map of a session, and saves the model.

    After a person has opened another model, the run's model stays aside until `show`, and is saved too.
    """

    shown = Signal()

    def __init__(self, training: TrainingState, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._session: Session | None = None
        self._ended_aside: OpenModel | None = None
        self._shown_unsaved: int | None = None  # revision
        self._saving: int | None = None  # revision
        self._shut = False
        training.started.connect(self._on_started)
        training.snapshot_taken.connect(self._on_snapshot)
        training.ended.connect(self._on_ended)

    def appear_in(self, session: Session) -> None:
        self._session = session
        session.model_opened.connect(self._training.leave)
        session.saving.model_saved.connect(self._on_saved)

    def shut_down(self) -> None:
        """Show and save no model from now on."""
        self._shut = True

    def show(self) -> None:
        """Show the run's model and its further snapshots."""
        ended, self._ended_aside = self._ended_aside, None
        self._training.follow()
        if ended is not None and self._session is not None:
            model = self._show_model(self._session, ended.file, ended.path)
            self._shown_unsaved = model.revision if model.path is None else None

    def _show_model(self, session: Session, file: ModelFile, path: Path | None = None) -> OpenModel:
        model = session.show_model(file, path)
        self.shown.emit()
        return model

    @Slot()
    def _on_started(self) -> None:
        self._ended_aside = self._shown_unsaved = self._saving = None
        if self._session is not None:
            self._session.saving.check_runs_folder()

    @Slot(object)
    def _on_snapshot(self, snapshot: ModelFile) -> None:
        if self._session is not None:
            self._show_model(self._session, snapshot)

    @Slot(object)
    def _on_ended(self, event: Finished | Failed) -> None:
        session = self._session
        if self._shut or session is None:
            return
        if isinstance(event, Failed):
            if not event.cancelled:
                session.problem_raised.emit(event.message, event.details)
            return
        if self._training.aside:
            self._ended_aside = model = OpenModel(event.model, None, NOT_ON_SCREEN)
        else:
            model = self._show_model(session, event.model)
        if event.reason:
            session.problem_raised.emit(self.tr("Training stopped early: {}").format(event.reason), "")
        self._saving = model.revision
        session.saving.save_run(model)

    @Slot(int, object)
    def _on_saved(self, revision: int, path: Path) -> None:
        if revision == self._saving:
            self._saving = None
            self._training.note_saved(path)
        if revision != NOT_ON_SCREEN or self._session is None:
            return
        if self._ended_aside is not None:
            self._ended_aside = OpenModel(self._ended_aside.file, path, NOT_ON_SCREEN)
        elif self._shown_unsaved is not None:
            self._session.note_saved(self._shown_unsaved, path)
