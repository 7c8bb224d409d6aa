"""The class wheel. A person clicks or turns it to choose the class of the decoder."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from vae_explorer.foreign import short
from vae_explorer.gui.kit.class_palette import ONE_CLASS, ClassPalette
from vae_explorer.gui.kit.theme import LIGHT, SMALL, Theme, font, on_color
from vae_explorer.gui.runtime.guarded import Guarded

SIDE, LEAST_SIDE = 148, 88  # pixels
_HOLE = 0.42  # of the radius
_LIFT = 5.0  # pixels that the chosen sector stands out
_NOTCH = 120  # of a mouse wheel, in eighths of a degree
_MOST = 100  # sectors; with more classes, only the chosen sector is drawn


class ClassWheel(Guarded, QWidget):
    label_chosen = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.hide()
        self.set_side(SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._names: tuple[str, ...] = ()
        self._offered = True
        self._label = 0
        self._turned = 0
        self._theme = LIGHT
        self._palette = ONE_CLASS

    def set_classes(self, names: tuple[str, ...], palette: ClassPalette) -> None:
        """Show one sector a class, the first at the top. Without classes the wheel hides."""
        self._names, self._palette = tuple(short(name) for name in names), palette
        self._show_or_hide()
        self.update()

    def set_offered(self, offered: bool) -> None:
        self._offered = offered
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        self.setVisible(self._offered and bool(self._names))

    def set_side(self, side: int) -> None:
        self.setFixedSize(side, side)

    def set_label(self, label: int) -> None:
        self._label = label
        name = self._names[label] if label < len(self._names) else ""
        self.setAccessibleName(self.tr("Decoded as class {}").format(name))
        self.setToolTip(self.tr("Decoded as {}. Click, scroll or press an arrow key for another class.").format(name))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def point_of(self, label: int) -> QPointF:
        angle = 2 * math.pi * label / max(len(self._names), 1)
        reach = (1 + _HOLE) / 2 * self._radius()
        return self._middle() + QPointF(reach * math.sin(angle), -reach * math.cos(angle))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.brush("map"))  # hides the codes below
        painter.drawEllipse(self._middle(), self._radius(), self._radius())
        for label in range(len(self._names)) if len(self._names) <= _MOST else (self._label,):
            name, chosen = self._names[label], label == self._label
            painter.setPen(self._theme.pen("text" if chosen else "map", 2 if chosen else 1.5))
            painter.setBrush(self._palette.color(label, 255 if chosen else 150))
            painter.drawPath(self._sector(label))
            painter.setPen(on_color(self._palette.color(label)) if chosen else self._theme.color("text"))
            words = painter.fontMetrics().elidedText(
                name, Qt.TextElideMode.ElideRight, round(0.8 * (1 - _HOLE) * self._radius())
            )
            box = QRectF(0, 0, 40, 20)
            box.moveCenter(self.point_of(label))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(self._theme.color("text"))
        middle = QRectF(0, 0, 2 * _HOLE * self._radius() - 8, 36)
        middle.moveCenter(self._middle())
        name = self._names[self._label] if self._label < len(self._names) else ""
        words = painter.fontMetrics().elidedText(
            self.tr("as {}").format(name), Qt.TextElideMode.ElideRight, round(2 * middle.width())
        )
        painter.drawText(middle, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere, words)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        away = event.position() - self._middle()
        if self._names and event.button() == Qt.MouseButton.LeftButton and away != QPointF():
            turn = math.atan2(away.x(), -away.y()) / (2 * math.pi)
            self._choose(round(turn * len(self._names)))
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._turned += event.angleDelta().y()
        notches = int(self._turned / _NOTCH)
        self._turned -= notches * _NOTCH
        if notches:
            self._choose(self._label - notches)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._choose(self._label + step)

    def _choose(self, label: int) -> None:
        if self._names:
            self.label_chosen.emit(label % len(self._names))

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _radius(self) -> float:
        return self.width() / 2 - _LIFT - 2

    def _sector(self, label: int) -> QPainterPath:
        width = 360 / len(self._names)
        begin = 90 - label * width - width / 2
        lift = _LIFT if label == self._label else 0.0
        centre, outer, inner = self._middle(), self._radius() + lift, _HOLE * self._radius()
        path = QPainterPath()
        path.arcMoveTo(_circle(centre, outer), begin)
        path.arcTo(_circle(centre, outer), begin, width)
        path.arcTo(_circle(centre, inner), begin + width, -width)
        path.closeSubpath()
        return path


def _circle(centre: QPointF, radius: float) -> QRectF:
    return QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
