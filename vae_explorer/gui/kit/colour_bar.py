"""A colour scale with title, end values and progress. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.kit.work_line import WorkLine
from vae_explorer.gui.runtime.guarded import Guarded

_HEIGHT, _WIDTH, _BRIEF_WIDTH = 12, 226, 180  # pixels: of the scale, of the bar, of a brief bar


class _Scale(Guarded, QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.colours = np.zeros((0, 4), np.uint8)
        self.theme: Theme = LIGHT

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("map"))
        if len(self.colours):
            pixels = np.ascontiguousarray(self.colours[None])
            image = QImage(pixels.data, pixels.shape[1], 1, 4 * pixels.shape[1], QImage.Format.Format_RGBA8888)
            painter.drawImage(QRectF(self.rect()), image)
        painter.setPen(self.theme.color("border"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class ColourBar(QFrame):
    def __init__(self, name: str, colours: Callable[[Theme], NDArray[np.uint8]], parent: QWidget | None = None) -> None:
        """`colours` returns (n, 4) uint8 of a theme, from low to high."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("role", "hint")
        self._colours = colours
        self._title, self._unit = label("", name=f"{name}.title"), label("muted", name=f"{name}.unit")
        self._low, self._middle, self._high = (label("muted", name=f"{name}.{end}") for end in ("low", "middle", "high"))
        self._note = label("muted", name=f"{name}.note")
        self._note.setWordWrap(True)
        self.work = WorkLine(name)
        self.work.hide()
        self._scale = _Scale()
        self._scale.setObjectName(f"{name}.scale")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 8)
        layout.setSpacing(3)
        layout.addLayout(_row(self._title, self._unit))
        layout.addWidget(self._scale)
        layout.addLayout(_row(self._low, self._middle, self._high))
        layout.addWidget(self._note)
        layout.addWidget(self.work)
        self._tip, self._brief = "", False
        self.setFixedWidth(_WIDTH)
        self.hide()

    def set_colours(self, colours: Callable[[Theme], NDArray[np.uint8]]) -> None:
        """Take other colours; `colours` as in the constructor."""
        if colours != self._colours:
            self._colours = colours
            self.set_theme(self._scale.theme)

    def set_title(self, title: str, unit: str, tip: str = "") -> None:
        self._title.setText(title)
        self._unit.setText(unit)
        self._tip = tip
        self._show_note()

    def set_ends(self, low: str, middle: str, high: str) -> None:
        for shown, text in zip((self._low, self._middle, self._high), (low, middle, high), strict=True):
            shown.setText(text)

    def set_note(self, note: str) -> None:
        self._note.setText(note)
        self._show_note()

    def set_brief(self, brief: bool) -> None:
        if brief != self._brief:
            self._brief = brief
            self.setFixedWidth(_BRIEF_WIDTH if brief else _WIDTH)
            self._show_note()

    def _show_note(self) -> None:
        note = self._note.text()
        self._note.setVisible(bool(note) and not self._brief)
        self.setToolTip("\n".join(filter(None, (self._tip, note if self._brief else ""))))

    def set_theme(self, theme: Theme) -> None:
        self._scale.theme, self._scale.colours = theme, self._colours(theme)
        self._scale.update()


def _row(*widgets: QLabel) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    for place, widget in enumerate(widgets):
        row.addWidget(widget)
        if place < len(widgets) - 1:
            row.addStretch(1)
    return row
