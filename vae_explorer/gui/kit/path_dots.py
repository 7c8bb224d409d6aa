"""Dots along a path. They let clicks through, unlike those of pyqtgraph."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPainter

from vae_explorer.gui.runtime.guarded import Guarded


class PathDots(Guarded, pg.ScatterPlotItem):
    def paint(self, painter: QPainter, *args: object) -> None:
        if len(self.data):  # pyqtgraph would search for visible dots even without any
            super().paint(painter, *args)

    def mouseClickEvent(self, event: Any) -> None:
        event.ignore()
