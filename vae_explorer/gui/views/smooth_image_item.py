"""An image on the map whose pixels are softened when it is enlarged, as those of the image panels are."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtGui import QPainter


class SmoothImageItem(pg.ImageItem):
    def paint(self, painter: QPainter, *args: object) -> None:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        super().paint(painter, *args)
