"""Draws closed lines through latent points in the plane of the map."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from vae_explorer.latent.plane import IDENTITY, Plane


class OutlineItem(QGraphicsPathItem):
    def __init__(self) -> None:
        super().__init__()
        self._plane = IDENTITY
        self._loops: Sequence[NDArray[np.float64]] = ()

    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self.set_loops(self._loops)

    def set_loops(self, loops: Sequence[NDArray[np.float64]]) -> None:
        """Set closed lines, each (k, 2) in latent units."""
        self._loops = loops
        path = QPainterPath()
        for loop in loops:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in self._plane.to_view(loop).tolist()]))
            path.closeSubpath()
        self.setPath(path)
