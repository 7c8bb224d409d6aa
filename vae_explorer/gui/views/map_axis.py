"""An axis that is quick to draw anew, as it must be in every frame of a gesture."""

from __future__ import annotations

import math
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

_SPACING = {"left": 56, "bottom": 84}  # pixels between two ticks, at least
_TICK = 4  # pixels
_GAP = 4  # pixels between the axis and its numbers
_STEPS = (1.0, 2.0, 5.0, 10.0)


def tick_step(span: float, most: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten at which `span` holds no more than `most` steps."""
    least = span / max(most, 1.0)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in _STEPS if power * step >= least * (1 - 1e-9))


class MapAxis(pg.AxisItem):
    """'left' or 'bottom', with round numbers. pyqtgraph's own lays each number out several times, which takes half of a frame."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)  # there are no units; else a label that is not there is laid out for each frame

    def generateDrawSpecs(self, p: QPainter) -> tuple[Any, list[Any], list[Any]] | None:
        """The line, the ticks and the texts, as `pyqtgraph.AxisItem.drawPicture` takes them."""
        bounds = self.mapRectFromParent(self.geometry())
        upright = self.orientation == "left"
        length = bounds.height() if upright else bounds.width()
        low, high = (float(end) for end in self.range)
        if length < 1 or not high > low:
            return None
        step = tick_step(high - low, length / _SPACING[self.orientation])
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        ticks, texts = [], []
        for number in range(math.ceil(low / step), math.floor(high / step) + 1):
            share = (number * step - low) / (high - low)
            text = f"{number * step:.{decimals}f}"
            if upright:
                y = bounds.bottom() - share * length
                ticks.append((self.tickPen(), QPointF(bounds.right(), y), QPointF(bounds.right() + _TICK, y)))
                texts.append(self._beside(text, y, bounds, length))
            else:
                x = bounds.left() + share * length
                ticks.append((self.tickPen(), QPointF(x, bounds.top()), QPointF(x, bounds.top() - _TICK)))
                texts.append(self._below(text, x, bounds))
        ends = (bounds.topRight(), bounds.bottomRight()) if upright else (bounds.topLeft(), bounds.topRight())
        return (self.pen(), *ends), ticks, texts

    def _beside(self, text: str, y: float, bounds: QRectF, length: float) -> tuple[QRectF, Any, str]:
        height = min(20.0, length)
        top = min(max(y - height / 2, bounds.top()), bounds.bottom() - height)  # whole also at the ends
        rect = QRectF(bounds.left(), top, bounds.width() - _GAP, height)
        return rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text

    def _below(self, text: str, x: float, bounds: QRectF) -> tuple[QRectF, Any, str]:
        half = _SPACING["bottom"] / 2
        rect = QRectF(x - half, bounds.top() + _GAP, 2 * half, bounds.height() - _GAP)
        return rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip, text
