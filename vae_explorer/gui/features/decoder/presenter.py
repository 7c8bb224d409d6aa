"""Fills the decoder panel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer.foreign import short
from vae_explorer.gui.core.decode_thread import DecodeAnswer
from vae_explorer.gui.core.session import CursorState, Session
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.model.presenter import ClassWheelPresenter
from vae_explorer.gui.kit.panel_state import Failed, Ready, Working
from vae_explorer.latent.densities import prior_density
from vae_explorer.models.spec import LATENT_DIM

CURSOR_FIRST_MS = 700  # after a move of the cursor, the player shows no frame
_CLASS = 24  # characters of a class, so that the distance fits
_WRITE_AFTER_MS = 350  # then the panel writes the picture of a sequential decoder row by row


class DecoderPresenter(QObject):
    """Shows the picture under the cursor, or a playing path's frame while the mouse is still."""

    def __init__(self, panel: DecoderPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._last_z: tuple[float, float] | None = None
        self._cursor_first = QTimer(self)
        self._cursor_first.setSingleShot(True)
        self._cursor_first.setInterval(CURSOR_FIRST_MS)
        self._write_soon = QTimer(self)
        self._write_soon.setObjectName("writeSoon")
        self._write_soon.setSingleShot(True)
        self._write_soon.setInterval(_WRITE_AFTER_MS)
        self._write_soon.timeout.connect(panel.image_view.reveal_rows)
        session.cursor.changed.connect(self._on_cursor_changed)
        session.cursor.decoded.connect(self._on_cursor_decoded)
        session.cursor.failed.connect(self._on_failed)
        panel.set_state(Working(self.tr("The decoder is starting…")))
        session.workspace.player.frame_changed.connect(self._on_frame_changed)
        session.workspace.player.playing_changed.connect(self._on_playing_changed)

    @Slot(object)
    def _on_cursor_changed(self, cursor: CursorState) -> None:
        self._put_cursor_first(cursor)
        if cursor.hovering or not self._session.workspace.player.playing:
            self._show_point(cursor)

    @Slot(object)
    def _on_cursor_decoded(self, answer: DecodeAnswer) -> None:
        self._put_cursor_first(self._session.cursor.state)  # `decoded` comes before `changed`
        if not self._session.workspace.player.playing or self._cursor_first.isActive():
            self._show_cursor()

    @Slot(str)
    def _on_failed(self, message: str) -> None:
        self._write_soon.stop()
        self._panel.set_state(Failed(message))

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        answer, player = self._session.frames.answer, self._session.workspace.player
        if player.playing and answer is not None and not self._cursor_first.isActive():
            t, frame = frame / max(player.count - 1, 1), min(frame, len(answer.images) - 1)
            self._show_image(answer.images[frame], self.tr("on the path, t = {:.2f}").format(t))
            self._show_other(answer.z[frame])

    @Slot(bool)
    def _on_playing_changed(self, playing: bool) -> None:
        if playing:
            self._cursor_first.stop()
        else:
            self._show_cursor()

    def _put_cursor_first(self, cursor: CursorState) -> None:
        if cursor.hovering and cursor.z != self._last_z:
            self._cursor_first.start()
        self._last_z = cursor.z

    def _show_point(self, cursor: CursorState) -> None:
        self._panel.set_point(self._where(cursor.z), prior_density(cursor.point), self._nearest(cursor))

    def _show_other(self, z: NDArray[np.float32]) -> None:
        """Show another point (d,) than the cursor's."""
        model = self._session.model
        if model is not None:
            self._panel.set_point(self._where(model.place_of(z.tolist())), prior_density(z), "")

    def _where(self, place: tuple[float, float]) -> str:
        model = self._session.model
        latents = model.section.latents if model is not None else LATENT_DIM
        x, y = place
        if latents == 1:
            return f"z = {x:+.3f}"
        return (self.tr("on the section ({:+.3f}, {:+.3f})") if latents > LATENT_DIM else "z = ({:+.3f}, {:+.3f})").format(x, y)

    def _nearest(self, cursor: CursorState) -> str:
        if cursor.nearest is None:
            return ""
        if not cursor.label:
            return self.tr("nearest code at {:.3f}").format(cursor.distance)
        return self.tr("nearest code: {} at {:.3f}").format(short(cursor.label, _CLASS), cursor.distance)

    def _show_cursor(self) -> None:
        answer, cursor = self._session.cursor.picture, self._session.cursor.state
        if answer is not None:
            if cursor.is_at(answer.z[0]):
                self._show_image(answer.images[0], self._source(cursor))
                self._show_point(cursor)
            else:  # the cursor has moved since the request
                self._show_image(answer.images[0], self.tr("under the cursor a moment ago"))
                self._show_other(answer.z[0])
            model = self._session.model
            if model is not None and model.card.family.sequential:
                self._write_soon.start()

    def _source(self, cursor: CursorState) -> str:
        if cursor.is_code and cursor.nearest is not None:
            return self.tr("the code of {}").format(self._session.inspection.name_of(cursor.nearest))
        return self.tr("under the cursor") if cursor.hovering else self.tr("last picked point")

    def _show_image(self, image: NDArray[np.uint8], source: str) -> None:
        self._write_soon.stop()
        self._panel.set_state(Ready())
        self._panel.set_image(image, source)


def present(context: Context) -> None:
    panel = context.panel(DecoderPanel)
    DecoderPresenter(panel, context.session)
    ClassWheelPresenter(panel.class_wheel, context.session)
