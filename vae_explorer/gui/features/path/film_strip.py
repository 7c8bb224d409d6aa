"""The frames of a path side by side. An outline marks the current frame, and a click chooses a frame."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.kit.image_view import to_qimage
from vae_explorer.gui.kit.theme import LIGHT, Theme
from vae_explorer.gui.runtime.guarded import Guarded

_HEIGHT, _MIN_WIDTH, _GAP = 64, 26, 4


class FilmStrip(Guarded, QWidget):
    """Shows the frames that fit, evenly spaced, from the first to the last."""

    frame_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("filmStrip")
        self.setAccessibleName(self.tr("Frames of the path"))
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._theme = LIGHT
        self._frames = np.zeros((0, 1, 1, 1), np.uint8)
        self._pictures: list[QImage] = []
        self._current = 0
        self._channels: Channels = ()
        self._hint = ""

    def set_frames(self, frames: NDArray[np.uint8]) -> None:
        """Show frames (n, H, W, C) uint8, or the hint where n = 0."""
        self._frames = frames
        self._paint_pictures()
        self._current = min(self._current, max(len(frames) - 1, 0))
        self.update()

    def set_channels(self, channels: Channels) -> None:
        """See `ShowsChannels`."""
        self._channels = channels
        self._paint_pictures()

    def _paint_pictures(self) -> None:
        self._pictures = [to_qimage(frame, self._channels) for frame in self._frames]
        self.update()

    def frames(self) -> NDArray[np.uint8]:
        return self._frames

    def set_hint(self, text: str) -> None:
        """Set the words that stand in place of frames."""
        self._hint = text
        self.setAccessibleDescription(text)
        self.update()

    def set_current(self, frame: int) -> None:
        self._current = frame
        self.update()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(600, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if not self._pictures:
            self._paint_empty(painter)
        shown = self._shown()
        for place, frame in enumerate(shown):
            painter.drawImage(self._cell(place, len(shown)), self._pictures[frame])
        if self._pictures:
            place = int(np.argmin(np.abs(np.asarray(shown) - self._current)))
            painter.setPen(QPen(self._theme.color("accent"), 3))
            painter.drawRect(QRectF(self._cell(place, len(shown))).adjusted(-1, -1, 1, 1))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(event)

    def _choose(self, event: QMouseEvent) -> None:
        shown = self._shown()
        if event.buttons() & Qt.MouseButton.LeftButton and shown:
            place = int((event.position().x() - self._left(len(shown))) // (self._side() + _GAP))
            self.frame_chosen.emit(shown[min(max(place, 0), len(shown) - 1)])

    def _paint_empty(self, painter: QPainter) -> None:
        painter.setPen(QPen(self._theme.color("border"), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
        painter.setPen(self._theme.color("muted"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._hint)

    def _side(self) -> int:
        n = len(self._frames)
        return int(min(_HEIGHT - 4, max(_MIN_WIDTH, (self.width() - 4) // max(n, 1) - _GAP)))

    def _shown(self) -> list[int]:
        n = len(self._frames)
        room = max(2, (self.width() - 4) // (self._side() + _GAP))
        return np.unique(np.linspace(0, n - 1, min(n, room)).round().astype(int)).tolist() if n else []

    def _left(self, shown: int) -> int:
        return (self.width() - shown * (self._side() + _GAP) + _GAP) // 2

    def _cell(self, place: int, shown: int) -> QRect:
        side = self._side()
        return QRect(self._left(shown) + place * (side + _GAP), (_HEIGHT - side) // 2, side, side)
