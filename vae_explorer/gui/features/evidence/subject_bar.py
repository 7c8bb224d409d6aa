"""Whose image a panel is about, and a way to the other one. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_explorer.gui.kit.widgets import ElidedLabel

_AROUND = 8  # pixels of a small button above and below its words


class SubjectBar(QWidget):
    switched = Signal()
    zoom_requested = Signal()

    def __init__(self, name: str, zooms: bool = False, parent: QWidget | None = None) -> None:
        """`zooms`: whether there is a button that brings its posteriors into view."""
        super().__init__(parent)
        self.setObjectName(name)
        self._words = ElidedLabel("heading", f"{name}.subject")
        self._switch = QPushButton()
        self._switch.setObjectName(f"{name}.switch")
        self._switch.setProperty("role", "small")
        self._switch.clicked.connect(self.switched)
        self._switch.hide()
        self._zoom = QPushButton(self.tr("Zoom"))
        self._zoom.setObjectName(f"{name}.zoom")
        self._zoom.setProperty("role", "small")
        self._zoom.setToolTip(self.tr("Bring these posteriors into view on the map"))
        self._zooms = zooms
        self.set_zooms(True)
        self._zoom.clicked.connect(self.zoom_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._words, 1)
        row.addWidget(self._switch)
        row.addWidget(self._zoom)
        self.setMinimumHeight(self._switch.fontMetrics().height() + _AROUND)  # or the panel would jump when the button comes

    def set_zooms(self, has_posteriors: bool) -> None:
        """Whether there is something to bring into view."""
        self._zoom.setVisible(self._zooms and has_posteriors)

    def set_zoom_enabled(self, enabled: bool) -> None:
        """Whether the posteriors are known yet."""
        self._zoom.setEnabled(enabled)

    def set_subject(self, words: str, switch: str) -> None:
        """`switch` says what the button brings; empty where there is nothing else to show."""
        self._words.set_text(words)
        self._switch.setText(switch)
        self._switch.setVisible(bool(switch))
