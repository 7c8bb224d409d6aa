"""An ellipse of latent points, which is one on the map only where the map shows them as they are."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF
from PySide6.QtWidgets import QGraphicsPathItem

from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import IDENTITY, Plane

_CORNERS = 180  # of the polygon: a pixel's tenth off an ellipse as large as a screen


class EllipseItem(QGraphicsPathItem):
    """Axes parallel to those of the plane."""

    def __init__(self) -> None:
        super().__init__()
        self._plane = IDENTITY
        self._mean: Point = (0.0, 0.0)
        self._half: Point = (0.0, 0.0)  # axes, latent units

    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self.set_ellipse(self._mean, self._half)

    def set_ellipse(self, mean: Point, half: Point) -> None:
        """Around `mean` with half axes `half`, in latent units."""
        self._mean, self._half = mean, half
        angle = np.linspace(0, 2 * np.pi, _CORNERS, endpoint=False)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        corners = self._plane.to_view(np.asarray(mean) + np.asarray(half) * circle)
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners.tolist()]))
        path.closeSubpath()
        self.setPath(path)
