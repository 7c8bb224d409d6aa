"""The model of a training run: on the map, or aside where another one was opened meanwhile. GUI thread only."""

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
    """Owns the run's model: shows it on the map of one session, keeps it aside, and saves it.

    What the person has opened stays on the map; what a run has learned is saved all the same, and shown when it is asked for.
    """

    shown = Signal()  # the run's model is on the map

    def __init__(self, training: TrainingState, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._session: Session | None = None  # on whose map models of runs appear
        self._ended: OpenModel | None = None  # of a run that has ended aside
        self._unwritten: int | None = None  # the revision of one that was shown before its file was written
        self._written: int | None = None  # the revision of the run's model while its file is written
        self._shut = False
        training.started.connect(self._on_started)
        training.snapshot_taken.connect(self._on_snapshot)
        training.ended.connect(self._on_ended)

    def appear_in(self, session: Session) -> None:
        """Show the models of runs on the map of this session, until the person opens another model there."""
        self._session = session
        session.model_opened.connect(self._training.leave)
        session.saving.model_saved.connect(self._on_saved)

    def shut_down(self) -> None:
        """Nothing is shown or saved any more."""
        self._shut = True

    def show(self) -> None:
        """Put the run's model on the map, and keep it there as it goes on."""
        ended, self._ended = self._ended, None
        self._training.follow()
        if ended is not None and self._session is not None:
            model = self._put_on_the_map(self._session, ended.file, ended.path)
            self._unwritten = model.revision if model.path is None else None

    def _put_on_the_map(self, session: Session, file: ModelFile, path: Path | None = None) -> OpenModel:
        model = session.show_model(file, path)
        self.shown.emit()
        return model

    @Slot()
    def _on_started(self) -> None:
        self._ended = self._unwritten = self._written = None
        if self._session is not None:
            self._session.saving.check_runs_folder()

    @Slot(object)
    def _on_snapshot(self, snapshot: ModelFile) -> None:
        if self._session is not None:
            self._put_on_the_map(self._session, snapshot)

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
            self._ended = model = OpenModel(event.model, None, NOT_ON_SCREEN)
        else:
            model = self._put_on_the_map(session, event.model)
        if event.reason:
            session.problem_raised.emit(self.tr("Training stopped early: {}").format(event.reason), "")
        self._written = model.revision
        session.saving.save_run(model)

    @Slot(int, object)
    def _on_saved(self, revision: int, path: Path) -> None:
        if revision == self._written:
            self._written = None
            self._training.note_saved(path)
        if revision != NOT_ON_SCREEN or self._session is None:
            return
        if self._ended is not None:
            self._ended = OpenModel(self._ended.file, path, NOT_ON_SCREEN)
        elif self._unwritten is not None:
            self._session.note_saved(self._unwritten, path)
