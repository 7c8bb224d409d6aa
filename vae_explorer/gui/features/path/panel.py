"""The path panel: film strip, current frame and the controls of the path."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from vae_explorer.gui.features.path.controls import PathControls
from vae_explorer.gui.features.path.film_strip import FilmStrip
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.pane import Pane
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.runtime.guarded import Guarded

_WITH_FRAME = 440  # pixels of a panel with room for the current frame


class PathPanel(Guarded, QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("pathPanel")
        self.film_strip = FilmStrip()
        self.frame_view = ImageView("pathFrame", self.tr("Current frame of the path"), 100)
        self.controls = PathControls()
        self._compact = False
        right = QVBoxLayout()
        right.setSpacing(6)
        right.addWidget(self.controls)
        right.addWidget(self.film_strip)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 2, 16, 8)
        layout.setSpacing(12)
        layout.addWidget(self.frame_view)
        layout.addLayout(right, 1)

    def set_actions(self, actions: Mapping[str, QAction]) -> None:
        self.controls.set_actions(actions)

    def set_pane(self, pane: Pane) -> None:
        """Beside other maps, show the film strip alone: the comparison bar has controls."""
        self._compact = pane is not Pane.WHOLE
        self._show_frame_view()
        self.controls.setVisible(not self._compact)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_frame_view()

    def _show_frame_view(self) -> None:
        """A narrow panel has no room for the current frame, which the decoder panel shows too."""
        self.frame_view.setVisible(not self._compact and self.width() >= _WITH_FRAME)

    def set_frame(self, frame: int, image: NDArray[np.uint8]) -> None:
        """Show which frame of the path is on screen, and its image (H, W, C)."""
        self.film_strip.set_current(frame)
        self.frame_view.set_image(image)

    def clear(self) -> None:
        """Show no frames."""
        self.film_strip.set_frames(np.zeros((0, 1, 1, 1), np.uint8))
        self.frame_view.set_image(None)

    def set_theme(self, theme: Theme) -> None:
        self.film_strip.set_theme(theme)
        self.frame_view.set_theme(theme)


def make_panel() -> PathPanel:
    return PathPanel()
