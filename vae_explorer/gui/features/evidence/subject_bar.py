"""Names the image of a panel, with a button to the other image. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from vae_explorer.gui.kit.widgets import ElidedLabel

_MARGINS = 8  # pixels of a button's height


class SubjectBar(QWidget):
    switched = Signal()
    zoom_requested = Signal()

    def __init__(self, name: str, zooms: bool = False, parent: QWidget | None = None) -> None:
        """`zooms`: whether the bar has a zoom button."""
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
        self._zoom.setToolTip(self.tr("Zoom the map to both posteriors"))
        self._zooms = zooms
        self.set_zooms(True)
        self._zoom.clicked.connect(self.zoom_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._words, 1)
        row.addWidget(self._switch)
        row.addWidget(self._zoom)
        self.setMinimumHeight(self._switch.fontMetrics().height() + _MARGINS)  # the button may appear

    def set_zooms(self, has_posteriors: bool) -> None:
        self._zoom.setVisible(self._zooms and has_posteriors)

    def set_zoom_enabled(self, enabled: bool) -> None:
        self._zoom.setEnabled(enabled)

    def set_subject(self, words: str, switch: str) -> None:
        """`switch` is the button's text; empty for no button."""
        self._words.set_text(words)
        self._switch.setText(switch)
        self._switch.setVisible(bool(switch))
