"""A slider over the marginal of a latent: where the section cuts this latent's axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

from vae_explorer.gui.runtime.guarded import Guarded

REACH = 4.0  # latent units at both ends
_BINS = 64
_HEIGHT, _WIDTH, _LABEL_WIDTH = 22, 230, 96  # pixels
_STEP = 0.1  # latent units


@dataclass(frozen=True, slots=True, eq=False)
class Marginal:
    """A latent beside the section."""

    latent: int
    name: str
    value: float  # where the section cuts its axis
    counts: NDArray[np.float64]  # (_BINS,) of the codes between −REACH and REACH


def counted(values: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the histogram of the codes' values of one latent, with 1 as its highest bin."""
    counts = np.histogram(values, _BINS, (-REACH, REACH))[0].astype(np.float64)
    return np.asarray(counts / max(counts.max(), 1.0))


class ValueSlider(Guarded, QWidget):
    moved = Signal(int, float)  # latent, value

    def __init__(self, place: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"section.value.{place}")
        self.setFixedSize(_WIDTH, _HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._marginal: Marginal | None = None

    def set_marginal(self, marginal: Marginal) -> None:
        self._marginal = marginal
        text = self.tr("{}: {:+.2f}. Drag, or use the arrow keys; a double click gives 0").format(marginal.name, marginal.value)
        self.setToolTip(text)
        self.setAccessibleName(text)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(event.position().x())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._emit(0.0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}
        step = steps.get(Qt.Key(event.key()))
        if step is None or self._marginal is None:
            super().keyPressEvent(event)
            return
        self._emit(self._marginal.value + step)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._marginal is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, accent = self.palette().windowText().color(), self.palette().highlight().color()
        painter.setPen(text)
        name = QRectF(0, 0, _LABEL_WIDTH, self.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._marginal.name)
        painter.setPen(Qt.PenStyle.NoPen)
        faint = QColor(text)
        faint.setAlpha(60)
        painter.setBrush(faint)
        painter.drawPolygon(self._outline(self._marginal.counts))
        painter.setBrush(accent)
        x = self._x_of(self._marginal.value)
        painter.drawRoundedRect(QRectF(x - 2, 2, 4, self.height() - 4), 2, 2)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(accent)
            painter.drawRect(QRectF(_LABEL_WIDTH - 2, 0.5, self.width() - _LABEL_WIDTH + 1, self.height() - 1))

    def _outline(self, counts: NDArray[np.float64]) -> QPolygonF:
        low, room = self.height() - 3.0, self.height() - 8.0
        width = (self.width() - _LABEL_WIDTH) / len(counts)
        points = [QPointF(_LABEL_WIDTH, low)]
        for place, count in enumerate(counts.tolist()):
            points.append(QPointF(_LABEL_WIDTH + (place + 0.5) * width, low - room * count))
        return QPolygonF([*points, QPointF(self.width(), low)])

    def _x_of(self, value: float) -> float:
        share = (min(max(value, -REACH), REACH) + REACH) / (2 * REACH)
        return _LABEL_WIDTH + share * (self.width() - _LABEL_WIDTH)

    def _move_to(self, x: float) -> None:
        share = (x - _LABEL_WIDTH) / max(self.width() - _LABEL_WIDTH, 1)
        self._emit((2 * share - 1) * REACH)

    def _emit(self, value: float) -> None:
        if self._marginal is not None:
            self.moved.emit(self._marginal.latent, min(max(round(value, 2), -REACH), REACH))
