"""Shows the progress of work, with a button that stops or resumes it. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_explorer.gui.kit.widgets import ElidedLabel


class WorkLine(QWidget):
    clicked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._progress = ElidedLabel("muted", f"{name}.progress")
        self._button = QPushButton()
        self._button.setObjectName(f"{name}.button")
        self._button.setProperty("role", "small")
        self._button.clicked.connect(self.clicked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._progress, 1)
        layout.addWidget(self._button)
        self.set_work("", "")

    def set_work(self, progress: str, button: str) -> None:
        self._progress.set_text(progress)
        self._button.setText(button)
        self._button.setVisible(bool(button))
