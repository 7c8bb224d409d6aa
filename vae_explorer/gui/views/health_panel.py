"""The model's health: active units, KL by dimension, aggregate mean and std, and one sentence that says what it means."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from vae_explorer.gui.views.widgets import label

_DIMENSIONS = ("z₁", "z₂")


class HealthPanel(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("healthPanel")
        self._rows: dict[str, tuple[QLabel, QLabel]] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(2)
        for column, text in enumerate(_DIMENSIONS, start=1):
            self._grid.addWidget(label("heading", text), 0, column, Qt.AlignmentFlag.AlignRight)
        for name, title in (
            ("active", self.tr("active")),
            ("kl", self.tr("KL, nats")),
            ("mean", self.tr("aggregate mean")),
            ("std", self.tr("aggregate std")),
        ):
            self._add_row(name, title)
        self._grid.setColumnStretch(0, 1)
        self._sentence = label("", name="healthSentence")
        self._sentence.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 4, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(self._sentence)  # first: in a low window it is what must be seen
        layout.addLayout(self._grid)
        layout.addStretch(1)

    def set_row(self, name: str, first: str, second: str) -> None:
        """The two dimensions' values of row 'active', 'kl', 'mean' or 'std'."""
        for cell, text in zip(self._rows[name], (first, second), strict=True):
            cell.setText(text)

    def set_sentence(self, sentence: str) -> None:
        self._sentence.setText(sentence)

    def _add_row(self, name: str, title: str) -> None:
        row = self._grid.rowCount()
        self._grid.addWidget(label("muted", title), row, 0)
        cells = (label("", name=f"health.{name}.1"), label("", name=f"health.{name}.2"))
        for column, cell in enumerate(cells, start=1):
            self._grid.addWidget(cell, row, column, Qt.AlignmentFlag.AlignRight)
        self._rows[name] = cells
