"""Presenters of the path: the panel shows the frames of one map, the controls move the player of all maps."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import LatentPath, OpenModel, Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.path.controls import PathControls
from vae_explorer.gui.features.path.panel import PathPanel
from vae_explorer.models.spec import LATENT_DIM


class PathPresenter(QObject):
    def __init__(self, panel: PathPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        path, player = session.workspace.path, session.workspace.player
        path.changed.connect(self._on_changed)
        session.frames.decoded.connect(self._on_decoded)
        session.model_changed.connect(self._on_model_changed)
        player.frame_changed.connect(self._on_frame_changed)
        panel.film_strip.frame_chosen.connect(player.set_frame)
        self._show_hint(path.path)

    @Slot(object)
    def _on_changed(self, path: LatentPath) -> None:
        if not self._session.frames.path.is_complete:
            self._panel.clear()
        self._show_hint(path)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._panel.controls.offer_interpolation(model.card.spec.latent_dim > LATENT_DIM)
        self._on_changed(self._session.workspace.path.path)

    def _show_hint(self, path: LatentPath) -> None:
        hint = self.tr("Click two points on the map to lay a path")
        if self._session.frames.path.points:
            hint = self.tr("Click a second point: the path leads there")
        elif path.points:
            hint = self.tr("The path lies in a space of {} latents. Click two points to lay another.").format(path.latents)
        self._panel.film_strip.set_hint(hint)

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        self._panel.film_strip.set_frames(answer.images)

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        answer = self._session.frames.answer
        if answer is not None:
            frame = min(frame, len(answer.images) - 1)
            self._panel.set_frame(frame, answer.images[frame])


class PathControlsPresenter(QObject):
    """Connects controls to the path and player of a workspace. Lives as long as the controls."""

    def __init__(self, controls: PathControls, workspace: Workspace) -> None:
        super().__init__(controls)
        self._controls, self._player = controls, workspace.player
        path, player = workspace.path, workspace.player
        controls.frame_chosen.connect(player.set_frame)
        controls.frames_changed.connect(path.set_frames)
        controls.interpolation_chosen.connect(path.set_interpolation)
        controls.mode_chosen.connect(player.set_mode)
        controls.speed_chosen.connect(player.set_speed)
        path.changed.connect(self._on_path_changed)
        player.frame_changed.connect(self._on_frame_changed)
        player.mode_changed.connect(controls.set_mode)
        player.speed_changed.connect(controls.set_speed)
        controls.set_mode(player.mode)
        controls.set_speed(player.speed)
        controls.set_path(path.path)
        if player.count:
            self._on_frame_changed(player.frame)

    @Slot(object)
    def _on_path_changed(self, path: LatentPath) -> None:
        self._controls.set_path(path)
        if path.latents is not None:
            self._controls.offer_interpolation(path.latents > LATENT_DIM)
        if not path.is_complete:
            self._controls.clear()

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        self._controls.set_frame(frame, self._player.count)


def present(context: Context) -> None:
    panel, session = context.panel(PathPanel), context.session
    PathPresenter(panel, session)
    PathControlsPresenter(panel.controls, session.workspace)
