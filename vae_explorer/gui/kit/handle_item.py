"""A disc with a word that the mouse can drag on the map. Zooming keeps its size."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from vae_explorer.gui.kit.theme import LIGHT, Theme, font
from vae_explorer.gui.runtime.guarded import Guarded

_AROUND = 4.0  # pixels around the disc that the mouse can grab


class HandleItem(Guarded, pg.GraphicsObject):
    drag_began = Signal()
    dragged = Signal(object, object)  # QPointF in coordinates of the map, Qt.KeyboardModifiers
    clicked = Signal()

    def __init__(self, word: str, radius: float, points: float, tip: str) -> None:
        """`radius` is in pixels, and `points` is the font size of the word."""
        super().__init__()
        self.word, self._radius, self._points = word, radius, points
        self._theme, self._hovered = LIGHT, False
        self._offset = QPointF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setToolTip(tip)
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def colours(self, theme: Theme) -> tuple[QColor, QColor]:
        raise NotImplementedError

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def boundingRect(self) -> QRectF:
        reach = self._radius + _AROUND
        return QRectF(-reach, -reach, 2 * reach, 2 * reach)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addEllipse(self.boundingRect())
        return path

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = self._radius + (2 if self._hovered else 0)
        disc, word = self.colours(self._theme)
        painter.setPen(self._theme.pen("halo", 2.5))
        painter.setBrush(disc)
        painter.drawEllipse(QPointF(0, 0), radius, radius)
        painter.setPen(word)
        painter.setFont(font(self._points, bold=True))
        painter.drawText(self.boundingRect(), Qt.AlignmentFlag.AlignCenter, self.word)

    def hoverEvent(self, event: Any) -> None:
        hovered = not event.isExit() and event.acceptDrags(Qt.MouseButton.LeftButton)
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseClickEvent(self, event: Any) -> None:
        if not event.double():  # a double click centres the map
            event.accept()
            self.clicked.emit()

    def mouseDragEvent(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        event.accept()
        box = self.getViewBox()
        if event.isStart():
            self._offset = self.pos() - box.mapSceneToView(event.buttonDownScenePos())
            self.drag_began.emit()
        self.dragged.emit(box.mapSceneToView(event.scenePos()) + self._offset, event.modifiers())
