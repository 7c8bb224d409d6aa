"""A grid of small images, of which mouse and arrow keys choose one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.kit.image_view import to_qimage
from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.runtime.guarded import Guarded

_GAP = 4


class ImageGrid(Guarded, QWidget):
    """Fits images into a room, between two sizes. Images that do not fit make it higher."""

    chosen = Signal(int)

    def __init__(self, name: str, description: str, sides: tuple[int, int], parent: QWidget | None = None) -> None:
        """`sides` are the least and largest side of an image in pixels."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(description)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sides, self._side, self._columns = sides, sides[0], 1
        self._room = QSize()
        self._theme = LIGHT
        self._empty = ""
        self._frames: Sequence[QColor] = ()
        self._tips: list[str] = []
        self._images = np.zeros((0, 1, 1, 1), np.uint8)
        self._pictures: list[QImage] = []
        self._chosen: int | None = None
        self._channels: Channels = ()

    def set_empty_text(self, text: str) -> None:
        self._empty = text

    def set_frames(self, colours: Sequence[QColor]) -> None:
        self._frames = colours

    def set_room(self, room: QSize) -> None:
        self._room = room
        self._fit()

    def set_images(self, tips: list[str], images: NDArray[np.uint8] | None, chosen: int | None) -> None:
        """Show a place for each tip, and `images` (n, H, W, C), or None before they are read."""
        if images is not self._images:
            self._images = images if images is not None else np.zeros((0, 1, 1, 1), np.uint8)
            self._paint_pictures()
        fewer_or_more = len(tips) != len(self._tips)
        self._tips, self._chosen = tips, chosen
        self.setAccessibleDescription(tips[chosen] if chosen is not None else "")
        if fewer_or_more:
            self._fit()
        self.update()

    def set_channels(self, channels: Channels) -> None:
        """See `ShowsChannels`."""
        self._channels = channels
        self._paint_pictures()

    def _paint_pictures(self) -> None:
        self._pictures = [to_qimage(image, self._channels) for image in self._images]
        self.update()

    def images(self) -> NDArray[np.uint8]:
        return self._images

    def cell(self, index: int) -> QRect:
        row, column = divmod(index, self._columns)
        step = self._side + _GAP
        return QRect(column * step, row * step, self._side, self._side)

    def width_of(self, count: int, side: int) -> int:
        return count * (side + _GAP) - _GAP

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._tips:
            self._paint_empty(painter)
        for index in range(len(self._tips)):
            cell = self.cell(index)
            if index < len(self._pictures):
                painter.drawImage(cell, self._pictures[index])
            else:
                painter.fillRect(cell, self._theme.color("border"))
            self._paint_frame(painter, index, cell)
        painter.end()

    def _paint_frame(self, painter: QPainter, index: int, cell: QRect) -> None:
        is_chosen = index == self._chosen
        if self._frames:
            painter.setPen(QPen(self._frames[index], 4 if is_chosen else 2))
        elif is_chosen:
            painter.setPen(QPen(self._theme.color("accent"), 3))
        else:
            return
        painter.drawRect(cell.adjusted(1, 1, -1, -1))

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._theme.color("border"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.setPen(self._theme.color("muted"))
        words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(8, 4, -8, -4), words, self._empty)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        last, here = len(self._tips) - 1, self._chosen if self._chosen is not None else -1
        places = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Up: here - self._columns,
            Qt.Key.Key_Down: max(here, 0) + self._columns if here >= 0 else 0,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or last < 0:
            super().keyPressEvent(event)
        elif 0 <= place <= last:
            self.chosen.emit(place)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._at(event.pos())
            if index is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), self._tips[index], self, self.cell(index))
            return True
        return super().event(event)

    def _at(self, point: QPoint) -> int | None:
        return next((index for index in range(len(self._tips)) if self.cell(index).contains(point)), None)

    def _fit(self) -> None:
        count, (least, side) = len(self._tips), self._sides
        while True:
            columns = max((self._room.width() + _GAP) // (side + _GAP), 1)
            height = -(-count // columns) * (side + _GAP) - _GAP
            if height <= self._room.height() or side <= least:
                break
            side -= 1
        self._side, self._columns = side, columns
        self.setMinimumHeight(max(height, 0))
        self.update()
