"""The card of a model, with a manifold grid, objective and test metrics."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.runtime.guarded import Guarded

PICTURE_SIDE = 132  # pixels
_WIDTH = 400
_MAX_LINE = 160  # characters


class ModelCardView(Guarded, QFrame):
    chosen = Signal(str)  # the model's name

    def __init__(self, name: str, title: str, lines: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"card.{name}")
        self.setProperty("role", "card")
        self.setAccessibleName(", ".join([name, title, *lines]))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedWidth(_WIDTH)
        self._name = name
        self._picture = ImageView(f"picture.{name}", title, PICTURE_SIDE)
        words = QVBoxLayout()
        words.setSpacing(4)
        for role, text in [("", name), ("muted", title), *(("muted", line) for line in lines)]:
            line = label(role, short(text, _MAX_LINE))
            line.setWordWrap(True)
            words.addWidget(line)
        words.addStretch(1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(12)
        layout.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        layout.addLayout(words, 1)

    def set_picture(self, picture: NDArray[np.uint8]) -> None:
        """Show the manifold grid (H, W, C)."""
        self._picture.set_image(picture)

    def set_theme(self, theme: Theme) -> None:
        self._picture.set_theme(theme)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.chosen.emit(self._name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._name)
        else:
            super().keyPressEvent(event)
