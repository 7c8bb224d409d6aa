"""What the path panel shows of the path and its frames."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import LatentPath, Session
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.path.panel import PathPanel


class PathPresenter(QObject):
    def __init__(self, panel: PathPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        session.workspace.path.changed.connect(self._on_changed)
        session.frames.decoded.connect(self._on_decoded)
        session.workspace.player.frame_changed.connect(self._on_frame_changed)
        panel.frame_chosen.connect(session.workspace.player.set_frame)
        panel.frames_changed.connect(session.workspace.path.set_frames)
        panel.mode_chosen.connect(session.workspace.player.set_mode)
        panel.speed_chosen.connect(session.workspace.player.set_speed)
        panel.set_frame_count(session.workspace.path.path.frames)
        self._show_hint(session.workspace.path.path)

    @Slot(object)
    def _on_changed(self, path: LatentPath) -> None:
        self._panel.set_frame_count(path.frames)
        if not path.is_complete:
            self._panel.clear()
        self._show_hint(path)

    def _show_hint(self, path: LatentPath) -> None:
        first, second = (
            self.tr("Click two points on the map to lay a path"),
            self.tr("Click a second point: the path leads there"),
        )
        self._panel.set_hint(second if path.points else first)

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        self._panel.set_frames(answer.images)

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        answer = self._session.frames.answer
        if answer is not None:
            frame = min(frame, len(answer.images) - 1)
            self._panel.set_frame(frame, len(answer.images), answer.images[frame])


def present(context: Context) -> None:
    PathPresenter(context.panel(PathPanel), context.session)
