"""Draws the edge of a bounded plane, and another background beyond."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath
from PySide6.QtWidgets import QGraphicsPathItem

from vae_explorer.gui.kit.theme import Theme
from vae_explorer.latent.plane import Plane

_BEYOND = 100.0  # units of the map, farther than any view


class PlaneEdge(QGraphicsPathItem):
    def __init__(self) -> None:
        super().__init__()
        self.hide()

    def set_plane(self, plane: Plane) -> None:
        self.setVisible(plane.whole is not None)
        if plane.whole is not None:
            low, high = plane.whole
            square = QRectF(low, low, high - low, high - low)
            path = QPainterPath()
            path.addRect(square.adjusted(-_BEYOND, -_BEYOND, _BEYOND, _BEYOND))
            path.addRect(square)
            self.setPath(path)

    def set_theme(self, theme: Theme) -> None:
        self.setPen(theme.pen("border", 1.5))
        self.setBrush(theme.brush("card"))
