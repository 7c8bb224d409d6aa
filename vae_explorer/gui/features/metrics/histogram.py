"""The histogram of a metric, in the colours of the map. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.gui.kit.theme import LIGHT, Theme, scale_table
from vae_explorer.gui.runtime.guarded import Guarded

_SIZE = QSize(150, 42)


class MetricHistogram(Guarded, QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("metricHistogram")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._counts, self._places = np.zeros(0, np.int64), np.zeros(0)
        self._at: float | None = None
        self.set_theme(LIGHT)

    def set_counts(self, counts: NDArray[np.int64], places: NDArray[np.float64], at: float | None) -> None:
        """Show counts (n,) of equal bins at `places` (n,) of the colour scale, and a mark at `at`.

        `places` and `at` lie between 0 and 1.
        """
        self._counts, self._places, self._at = counts, places, at
        self.update()

    def counts(self) -> NDArray[np.int64]:
        return self._counts

    def set_theme(self, theme: Theme) -> None:
        self._theme, self._table = theme, scale_table(theme)
        self.update()

    def sizeHint(self) -> QSize:
        return _SIZE

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        n, bottom = len(self._counts), self.height() - 1
        if n and self._counts.any():
            width = self.width() / n
            for place, count in enumerate(self._counts.tolist()):
                high = bottom * count / int(self._counts.max())
                colour = self._table[min(int(self._places[place] * len(self._table)), len(self._table) - 1)].tolist()
                painter.fillRect(QRectF(place * width, bottom - high, width, high), QColor(*colour))
        painter.setPen(self._theme.color("border"))
        painter.drawLine(0, bottom, self.width(), bottom)
        if self._at is not None:
            painter.setPen(QPen(self._theme.color("text"), 2))
            x = self._at * (self.width() - 2) + 1
            painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        painter.end()
