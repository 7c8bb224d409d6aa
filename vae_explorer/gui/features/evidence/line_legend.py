"""Names the lines on the map beside a short piece of each line. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from vae_explorer.gui.features.evidence.help import analysis_lines
from vae_explorer.gui.kit.theme import BEST, LIGHT, TRUE, Theme
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.runtime.guarded import Guarded

_LENGTH, _HEIGHT = 18, 12  # pixels


class _Piece(Guarded, QWidget):
    def __init__(self, line: str) -> None:
        super().__init__()
        self.setFixedSize(QSize(_LENGTH, _HEIGHT))
        self._line = line
        self.theme: Theme = LIGHT

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._line == TRUE:
            painter.fillRect(self.rect(), self.theme.color("warm"))
        painter.setPen(self.theme.line(self._line))
        height = 1.0 if self._line == TRUE else self.height() / 2
        painter.drawLine(QPointF(1, height), QPointF(self.width() - 1, height))
        painter.end()


class LineLegend(QWidget):
    def __init__(self, name: str, lines: tuple[tuple[str, str, str], ...], parent: QWidget | None = None) -> None:
        """`lines` holds (name in the theme, title, explanation)."""
        super().__init__(parent)
        self.setObjectName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        self._pieces = []
        self._words: dict[str, tuple[_Piece, QLabel]] = {}  # by line
        for line, title, tip in lines:
            piece, words = _Piece(line), label("muted", title, f"{name}.{line}")
            for part in (piece, words):
                part.setToolTip(tip)
                row.addWidget(part, 0, Qt.AlignmentFlag.AlignVCenter)
            row.addSpacing(5)
            self._pieces.append(piece)
            self._words[line] = (piece, words)
        row.addStretch(1)

    def set_on_section(self, on_section: bool) -> None:
        """Name the lines on a map of the whole plane or of a section."""
        for line, title, tip in analysis_lines(on_section):
            piece, words = self._words[line]
            words.setText(title)
            for part in (piece, words):
                part.setToolTip(tip)
                part.setVisible(not (on_section and line == BEST))

    def set_theme(self, theme: Theme) -> None:
        for piece in self._pieces:
            piece.theme = theme
            piece.update()
