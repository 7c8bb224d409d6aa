"""Writes the state of the window into the status bar."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import LatentPath, OpenModel, Session
from vae_explorer.gui.features.training.state import Progress, TrainingState
from vae_explorer.gui.status_bar import StatusBar


class StatusPresenter(QObject):
    def __init__(self, bar: StatusBar, session: Session) -> None:
        super().__init__(session)
        self._bar = bar
        session.model_changed.connect(self._on_model_changed)
        session.model_saved.connect(self._on_model_changed)
        session.cursor.decoded.connect(self._on_decoded)
        session.cursor.failed.connect(bar.set_decoder_failed)
        session.notice_raised.connect(bar.show_notice)
        session.workspace.path.changed.connect(self._on_path_changed)
        session.images.download_progressed.connect(self._on_download_progressed)
        session.part(TrainingState).changed.connect(self._on_training_changed)
        bar.set_device(self.tr("decoding on the cpu"))

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._bar.set_model(model.name, self.tr("{:,} codes of {}").format(len(model.file.codes), model.card.dataset))

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        self._bar.set_decode_time(answer.milliseconds)

    @Slot(object)
    def _on_training_changed(self, progress: Progress) -> None:
        training = self.tr(", training on {}").format(progress.device) if progress.running and progress.device else ""
        self._bar.set_device(self.tr("decoding on the cpu") + training)

    @Slot(object)
    def _on_path_changed(self, path: LatentPath) -> None:
        hint = self.tr("A path begins here: click a second point")
        if len(path.points) == 1:
            self._bar.show_notice(hint)
        elif self._bar.currentMessage() == hint:
            self._bar.clearMessage()

    @Slot(str, int, int)
    def _on_download_progressed(self, file: str, done: int, total: int) -> None:
        share = f" {100 * done // total} %" if total else ""
        self._bar.show_notice(self.tr("Downloading {}{}; Data ▸ Cancel download stops it").format(file, share))
