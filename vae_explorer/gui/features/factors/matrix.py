"""The importance of each latent for each factor as squares, whose area is the importance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.runtime.guarded import Guarded

_SIDE, _HEAD, _NAME = 20, 18, 110  # pixels of a cell, of the names of latents, of a factor's name
_LETTERS = 16  # of a factor


class FactorMatrix(Guarded, QWidget):
    """One row for each factor, one column for each latent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("factors.matrix")
        self.setAccessibleName(self.tr("The importance of each latent for each factor"))
        self._importance = np.zeros((0, 0))
        self._factors: Sequence[str] = ()
        self._latents: Sequence[str] = ()
        self._theme = LIGHT

    def set_matrix(self, importance: NDArray[np.float64], factors: Sequence[str], latents: Sequence[str]) -> None:
        """Show importances (k, d) in [0, 1] of d latents for k factors."""
        self._importance, self._factors, self._latents = importance, factors, latents
        self.setFixedSize(_NAME + _SIDE * len(latents), _HEAD + _SIDE * len(factors))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def cell(self, row: int, column: int) -> QRect:
        return QRect(_NAME + _SIDE * column, _HEAD + _SIDE * row, _SIDE, _SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self._theme.pen("muted"))
        for column, name in enumerate(self._latents):
            painter.drawText(self.cell(0, column).translated(0, -_HEAD - 1), Qt.AlignmentFlag.AlignCenter, name)
        for row, name in enumerate(self._factors):
            room = QRect(0, self.cell(row, 0).y(), _NAME - 6, _SIDE)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, short(name, _LETTERS))
            for column in range(len(self._latents)):
                half = 0.5 * (_SIDE - 2) * math.sqrt(min(max(float(self._importance[row, column]), 0.0), 1.0))
                centre = QRectF(self.cell(row, column)).center()
                painter.fillRect(QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half), self._theme.color("accent"))
        painter.end()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    def tip_at(self, x: int, y: int) -> str:
        """Return the words for the cell at a pixel, "" beside the cells."""
        row, column = (y - _HEAD) // _SIDE, (x - _NAME) // _SIDE
        if not (0 <= row < len(self._factors) and 0 <= column < len(self._latents)):
            return ""
        words = self.tr("{} has {:.2f} of the importance for {}")
        return words.format(self._latents[column], self._importance[row, column], short(self._factors[row]))
