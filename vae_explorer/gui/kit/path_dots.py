"""Dots along a path, through which clicks go: pyqtgraph's own would swallow them."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPainter

from vae_explorer.gui.runtime.guarded import Guarded


class PathDots(Guarded, pg.ScatterPlotItem):
    def paint(self, painter: QPainter, *args: object) -> None:
        if len(self.data):  # pyqtgraph looks for what is in view also where there is nothing
            super().paint(painter, *args)

    def mouseClickEvent(self, event: Any) -> None:
        event.ignore()
