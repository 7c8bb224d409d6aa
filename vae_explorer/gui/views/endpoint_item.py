"""An endpoint of a path: a lettered disc, the same size at every zoom, that the mouse can drag."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QGraphicsItem

from vae_explorer.gui.theme import LIGHT, NORMAL, Theme, font

_RADIUS = 11.0  # pixels
_GRAB = 15.0  # pixels around the centre in which the mouse takes hold of it


class EndpointItem(pg.GraphicsObject):
    drag_began = Signal()
    dragged = Signal(object, object)  # QPointF in coordinates of the map, Qt.KeyboardModifiers

    def __init__(self, letter: str) -> None:
        super().__init__()
        self._letter, self._theme, self._hovered = letter, LIGHT, False
        self._offset = QPointF()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIgnoresTransformations)
        self.setToolTip(f"Endpoint {letter}: drag it; Ctrl snaps to a code")
        self.setCursor(Qt.CursorShape.OpenHandCursor)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-_GRAB, -_GRAB, 2 * _GRAB, 2 * _GRAB)

    def shape(self) -> QPainterPath:
        path = QPainterPath()
        path.addEllipse(self.boundingRect())
        return path

    def paint(self, painter: QPainter, *_: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = _RADIUS + (2 if self._hovered else 0)
        painter.setPen(self._theme.pen("halo", 2.5))
        painter.setBrush(self._theme.brush("accent"))
        painter.drawEllipse(QPointF(0, 0), radius, radius)
        painter.setPen(self._theme.pen("on_accent"))
        painter.setFont(font(NORMAL, bold=True))
        painter.drawText(self.boundingRect(), Qt.AlignmentFlag.AlignCenter, self._letter)

    def hoverEvent(self, event: Any) -> None:
        hovered = not event.isExit() and event.acceptDrags(Qt.MouseButton.LeftButton)
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def mouseClickEvent(self, event: Any) -> None:
        if not event.double():  # which centres the map, here as anywhere
            event.accept()  # a click on an endpoint places nothing

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
