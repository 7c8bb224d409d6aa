"""A handle on the decoded image that a person drags to shift and to turn the object."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QWidget

from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.poses import UPRIGHT, Pose

_ARM = 0.6  # half sides from the object's middle to the knob
_MIDDLE, _KNOB, _GRAB = 5.0, 7.0, 14.0  # pixels
_FURTHEST = 1.0  # half sides of shift


class PoseHandle(Guarded, QWidget):
    """Lies on an image view. The knob points up at angle 0."""

    dragged = Signal(object)  # Pose, while the button is down
    released = Signal(object)  # Pose

    def __init__(self, view: ImageView) -> None:
        super().__init__(view)
        self.setObjectName("poseHandle")
        self.setAccessibleName(self.tr("Pose of the object"))
        self.setToolTip(self.tr("Drag the middle to shift the object, and the knob to turn it. A double click puts it back."))
        self._view, self._pose = view, UPRIGHT
        self._turns: bool | None = None  # whether the drag turns; None without a drag
        self._grabbed = QPointF()  # from the mouse to the middle
        view.installEventFilter(self)
        self.hide()

    def set_pose(self, pose: Pose) -> None:
        self._pose = pose
        self.update()

    def middle(self) -> QPointF:
        """Return the place of the object's middle, in pixels."""
        return self._view.picture_rect().center() + QPointF(self._pose.right, self._pose.down) * self._half()

    def knob(self) -> QPointF:
        """Return the place of the knob, in pixels."""
        arm = _ARM * self._half()
        return self.middle() + QPointF(-arm * math.sin(self._pose.angle), -arm * math.cos(self._pose.angle))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._view.rect())
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position()
        self._turns = _apart(place, self.knob()) <= _GRAB
        if not self._turns and _apart(place, self.middle()) > _GRAB:
            self._turns = None
        self._grabbed = self.middle() - place

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._turns is not None:
            self._pose = self._turned(event.position()) if self._turns else self._shifted(event.position())
            self.update()
            self.dragged.emit(self._pose)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._turns is not None:
            self._turns = None
            self.released.emit(self._pose)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.released.emit(UPRIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        halo, accent = self.palette().color(QPalette.ColorRole.Base), self.palette().color(QPalette.ColorRole.Highlight)
        for color, width in ((halo, 3.5), (accent, 1.5)):
            painter.setPen(QPen(color, width))
            painter.drawLine(self.middle(), self.knob())
        painter.setPen(QPen(halo, 1.5))
        painter.setBrush(accent)
        painter.drawEllipse(self.middle(), _MIDDLE, _MIDDLE)
        painter.drawEllipse(self.knob(), _KNOB, _KNOB)
        painter.end()

    def _half(self) -> float:
        square = self._view.picture_rect()
        return max(square.width(), square.height(), 1.0) / 2

    def _turned(self, place: QPointF) -> Pose:
        away = place - self.middle()
        return Pose(math.atan2(-away.x(), -away.y()), self._pose.right, self._pose.down)

    def _shifted(self, place: QPointF) -> Pose:
        away = (place + self._grabbed - self._view.picture_rect().center()) / self._half()
        right, down = (min(max(each, -_FURTHEST), _FURTHEST) for each in (away.x(), away.y()))
        return Pose(self._pose.angle, right, down)


def _apart(one: QPointF, other: QPointF) -> float:
    return math.hypot(one.x() - other.x(), one.y() - other.y())
