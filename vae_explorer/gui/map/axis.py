"""Draws the axes of the map fast enough for every frame of a gesture."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.plane import IDENTITY, Plane

_SPACING = {"left": 56, "bottom": 84}  # least pixels between ticks
_TICK = 4  # pixels
_GAP = 4  # pixels between the axis and its numbers
_CURVED_SPACING = 56  # least pixels on a curved plane, whose axes look alike
_CROWDED = {"left": 16, "bottom": 26}  # least pixels where a curved plane is dense
_TITLE = 56  # pixels for a title at the right end


class MapAxis(Guarded, pg.AxisItem):
    """A left or bottom axis. pyqtgraph 0.14 lays each number out several times: half a frame."""

    def __init__(self, orientation: str) -> None:
        super().__init__(orientation)
        self.enableAutoSIPrefix(False)  # pyqtgraph would lay out an empty label in each frame
        self._plane = IDENTITY

    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self.update()

    def paint(self, p: QPainter, *_: object) -> None:
        """Paint directly: recording and playing back, as pyqtgraph does, doubles the time."""
        specs = self.generateDrawSpecs(p)
        if specs is not None:
            p.save()
            self.drawPicture(p, *specs)
            p.restore()

    def generateDrawSpecs(self, p: QPainter) -> tuple[Any, list[Any], list[Any]] | None:
        """Return the line, ticks and texts for `pyqtgraph.AxisItem.drawPicture`."""
        bounds = self.mapRectFromParent(self.geometry())
        upright = self.orientation == "left"
        length = bounds.height() if upright else bounds.width()
        low, high = (float(end) for end in self.range)
        if length < 1 or not high > low:
            return None
        unit = (high - low) / length
        pen, ticks, texts = self.tickPen(), [], []
        spacing = _CURVED_SPACING if self._plane.title else _SPACING[self.orientation]
        for tick in self._plane.ticks(low, high, unit * spacing, unit * _CROWDED[self.orientation]):
            share = (tick.at - low) / (high - low)
            if upright:
                y = bounds.bottom() - share * length
                ticks.append((pen, QPointF(bounds.right(), y), QPointF(bounds.right() + _TICK, y)))
                texts.append(self._beside(tick.text, y, bounds, length))
            else:
                x = bounds.left() + share * length
                ticks.append((pen, QPointF(x, bounds.top()), QPointF(x, bounds.top() - _TICK)))
                texts.append(self._below(tick.text, x, bounds))
        ends = (bounds.topRight(), bounds.bottomRight()) if upright else (bounds.topLeft(), bounds.topRight())
        if upright:
            texts = _apart(texts)
        elif self._plane.title:
            room = bounds.right() - _TITLE - _CROWDED["bottom"] / 2
            texts = [self._title(bounds), *(text for text in texts if text[0].center().x() < room)]
        return (self.pen(), *ends), ticks, texts

    def _title(self, bounds: QRectF) -> tuple[QRectF, Any, str]:
        rect = QRectF(bounds.right() - _TITLE, bounds.top() + _GAP, _TITLE - _GAP, bounds.height() - _GAP)
        return rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, self._plane.title

    def _beside(self, text: str, y: float, bounds: QRectF, length: float) -> tuple[QRectF, Any, str]:
        height = min(20.0, length)
        top = min(max(y - height / 2, bounds.top()), bounds.bottom() - height)  # inside the bounds at both ends
        rect = QRectF(bounds.left(), top, bounds.width() - _GAP, height)
        return rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text

    def _below(self, text: str, x: float, bounds: QRectF) -> tuple[QRectF, Any, str]:
        half = _SPACING["bottom"] / 2
        own = QFontMetricsF(self.style["tickFont"] or QFont()).horizontalAdvance(text) / 2
        x = max(x, bounds.left() + own)  # inside the bounds; the right end has room
        rect = QRectF(x - half, bounds.top() + _GAP, 2 * half, bounds.height() - _GAP)
        return rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextDontClip, text


def _apart(texts: list[tuple[QRectF, Any, str]]) -> list[tuple[QRectF, Any, str]]:
    """Drop numbers that overlap others at the ends. `texts` rise from the lowest."""
    kept: list[tuple[QRectF, Any, str]] = []
    middle = len(texts) // 2
    for outwards in (texts[middle:], texts[:middle][::-1]):
        for text in outwards:
            if text[2] and all(abs(text[0].center().y() - other[0].center().y()) >= _CROWDED["left"] for other in kept):
                kept.append(text)
    return kept
