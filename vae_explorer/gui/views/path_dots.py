"""Dots along a path, through which clicks go: pyqtgraph's own would swallow them."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg


class PathDots(pg.ScatterPlotItem):
    def mouseClickEvent(self, event: Any) -> None:
        event.ignore()
