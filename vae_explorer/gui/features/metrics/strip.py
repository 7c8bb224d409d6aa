"""A row of small images in the order of a metric, each above its value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.kit.image_view import to_qimage
from vae_explorer.gui.kit.theme import LIGHT, SMALL, Theme, font
from vae_explorer.gui.runtime.guarded import Guarded

_SIDE, _GAP, _WORDS = 46, 8, 18  # pixels: image, gap, height of the value


@dataclass(frozen=True, slots=True)
class Ranked:
    image: NDArray[np.uint8] | None  # (H, W, C)
    value: str
    tip: str


class ExtremesStrip(Guarded, QWidget):
    chosen = Signal(int)  # place in the row
    stepped = Signal(int)  # number of places
    room_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("extremesStrip")
        self.setAccessibleName(self.tr("Images in the order of a metric"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFixedHeight(_SIDE + _WORDS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._ranked: list[Ranked] = []
        self._pictures: list[QImage | None] = []
        self._chosen = -1
        self._channels: Channels = ()

    @property
    def room(self) -> int:
        return max((self.width() + _GAP) // (_SIDE + _GAP), 1)

    def values(self) -> list[str]:
        return [each.value for each in self._ranked]

    def set_ranked(self, ranked: list[Ranked], chosen: int) -> None:
        """`chosen` is a place in the row, −1 for none."""
        self._ranked, self._chosen = ranked, chosen
        self._paint_pictures()
        self.setAccessibleDescription(ranked[chosen].tip if 0 <= chosen < len(ranked) else "")
        self.update()

    def set_channels(self, channels: Channels) -> None:
        """See `ShowsChannels`."""
        self._channels = channels
        self._paint_pictures()

    def _paint_pictures(self) -> None:
        images = (each.image for each in self._ranked)
        self._pictures = [None if image is None else to_qimage(image, self._channels) for image in images]
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def cell(self, place: int) -> QRect:
        return QRect(place * (_SIDE + _GAP), 0, _SIDE, _SIDE)

    def sizeHint(self) -> QSize:
        return QSize(420, _SIDE + _WORDS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.room_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setFont(font(SMALL))
        for place, (ranked, picture) in enumerate(zip(self._ranked, self._pictures, strict=True)):
            self._paint_one(painter, place, ranked, picture)
        painter.end()

    def _paint_one(self, painter: QPainter, place: int, ranked: Ranked, picture: QImage | None) -> None:
        cell = self.cell(place)
        if picture is not None:
            painter.drawImage(cell, picture)
        else:
            painter.fillRect(cell, self._theme.color("border"))
        is_chosen = place == self._chosen
        if is_chosen:
            painter.setPen(QPen(self._theme.color("accent"), 3))
            painter.drawRect(cell.adjusted(1, 1, -2, -2))
        painter.setPen(self._theme.color("text" if is_chosen else "muted"))
        words = QRect(cell.left() - _GAP // 2, _SIDE + 1, _SIDE + _GAP, _WORDS - 2)
        painter.drawText(words, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, ranked.value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -self.room, Qt.Key.Key_PageDown: self.room}
        by = steps.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(by)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(event.pos())
            if place is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._ranked[place].tip, self, self.cell(place))
            return True
        return super().event(event)

    def _at(self, point: QPoint) -> int | None:
        return next((place for place in range(len(self._ranked)) if self.cell(place).contains(point)), None)
