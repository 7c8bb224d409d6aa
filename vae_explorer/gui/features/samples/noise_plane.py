"""The plane of the noise ε ~ N(0, I), with circles at 1, 2 and 3, and draggable dots."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QToolTip, QWidget

from vae_explorer.gui.kit.theme import LIGHT, TINY, Theme, font, numbered_color, on_color
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.sampling import NOISE_REACH

_MIN_SIDE = 100  # pixels
_RADIUS, _GRAB_RADIUS = 6.5, 12.0  # pixels
_STEP = 0.05  # of ε, for an arrow key
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}


class NoisePlane(Guarded, QWidget):
    moved = Signal(int, object)  # index, (ε₁, ε₂)
    selected = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noisePlane")
        self.setAccessibleName(
            self.tr("Noise ε. A number key selects a dot. Arrow keys move the dot, with Shift ten times as far")
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(_MIN_SIDE, _MIN_SIDE)
        self.setMouseTracking(True)
        self._theme = LIGHT
        self._noise = np.zeros((0, 2))
        self._selected = 0
        self._offset: QPointF | None = None  # from the mouse to the dragged dot

    def set_noise(self, noise: NDArray[np.float64], selected: int) -> None:
        """Show noise (n, 2). `selected` is an index."""
        self._noise, self._selected = noise, selected
        if selected < len(noise):
            self.setAccessibleDescription(self._words(selected))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def point_of(self, noise: tuple[float, float]) -> QPointF:
        middle, scale = QRectF(self.rect()).center(), self._scale()
        return QPointF(middle.x() + noise[0] * scale, middle.y() - noise[1] * scale)

    def noise_at(self, point: QPointF) -> tuple[float, float]:
        middle, scale = QRectF(self.rect()).center(), self._scale()
        return ((point.x() - middle.x()) / scale, (middle.y() - point.y()) / scale)

    def sizeHint(self) -> QSize:
        return QSize(_MIN_SIDE, _MIN_SIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay square. A changing minimum size would resize the neighbours back and forth."""
        super().resizeEvent(event)
        self.setMaximumWidth(max(event.size().height(), _MIN_SIDE))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side, middle = self._side(), QRectF(self.rect()).center()
        square = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(self._theme.pen("accent" if self.hasFocus() else "border"))
        painter.setBrush(self._theme.brush("map"))
        painter.drawRoundedRect(square, 6, 6)
        painter.setClipRect(square)
        self._paint_circles(painter, square)
        for index in (*(each for each in range(len(self._noise)) if each != self._selected), self._selected):
            if index < len(self._noise):
                self._paint_dot(painter, index)
        painter.end()

    def _paint_circles(self, painter: QPainter, square: QRectF) -> None:
        middle, scale = square.center(), self._scale()
        painter.setPen(self._theme.pen("border"))
        painter.drawLine(QPointF(square.left(), middle.y()), QPointF(square.right(), middle.y()))
        painter.drawLine(QPointF(middle.x(), square.top()), QPointF(middle.x(), square.bottom()))
        for radius, pen, alpha in ((3, "border", 0), (2, "accent", 30), (1, "accent", 60)):
            painter.setPen(self._theme.pen(pen, 1.5 if radius == 1 else 1))
            painter.setBrush(self._theme.brush("accent", alpha))
            painter.drawEllipse(middle, radius * scale, radius * scale)

    def _paint_dot(self, painter: QPainter, index: int) -> None:
        at, color = self._place(index), numbered_color(index)
        radius = _RADIUS + (1.5 if index == self._selected else 0)
        painter.setPen(self._theme.pen("text" if index == self._selected else "halo", 1.5))
        painter.setBrush(color)
        painter.drawEllipse(at, radius, radius)
        painter.setPen(on_color(color))
        painter.setFont(font(TINY, bold=True))
        painter.drawText(QRectF(at.x() - 8, at.y() - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, str(index + 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._offset = self._place(index) - event.position()
            self.selected.emit(index)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._offset is not None and event.buttons() & Qt.MouseButton.LeftButton:
            self.moved.emit(self._selected, self.noise_at(event.position() + self._offset))
            return
        on_dot = self._at(event.position()) is not None
        self.setCursor(Qt.CursorShape.OpenHandCursor if on_dot else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._offset = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        number, arrow = event.key() - Qt.Key.Key_1, _ARROWS.get(Qt.Key(event.key()))
        if 0 <= number < len(self._noise):
            self.selected.emit(number)
        elif arrow is not None and self._selected < len(self._noise):
            step = _STEP * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            x, y = self._noise[self._selected].tolist()
            self.moved.emit(self._selected, (x + step * arrow[0], y + step * arrow[1]))
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(QPointF(event.pos()))
            words = self.tr("{}. Drag the dot, or use the arrow keys").format(self._words(index)) if index is not None else ""
            QToolTip.showText(event.globalPos(), words or self.accessibleName(), self)
            return True
        return super().event(event)

    def _words(self, index: int) -> str:
        return self.tr("ε of draw {} = ({:+.2f}, {:+.2f})").format(index + 1, *self._noise[index]).replace("-", "−")

    def _place(self, index: int) -> QPointF:
        """Return the place of a dot; ε beyond NOISE_REACH lies at the rim."""
        x, y = np.clip(self._noise[index], -NOISE_REACH, NOISE_REACH).tolist()
        return self.point_of((x, y))

    def _at(self, point: QPointF) -> int | None:
        distance = [QPointF(self._place(index) - point).manhattanLength() for index in range(len(self._noise))]
        return int(np.argmin(distance)) if distance and min(distance) <= _GRAB_RADIUS else None

    def _side(self) -> int:
        return min(self.width(), self.height())

    def _scale(self) -> float:
        """Pixels per unit of ε."""
        return (self._side() / 2 - _RADIUS - 2) / NOISE_REACH
