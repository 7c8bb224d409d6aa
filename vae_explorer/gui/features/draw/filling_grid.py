"""Shows images with filled pixels in the colour of their source. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.channels import Channels
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.image_view import tinted, to_qimage
from vae_explorer.gui.kit.theme import TINY, Theme, font

COLUMNS = 3
_SIDES = (24, 160)
_GAP = 4
_MIN_TINT = 44  # opacity of the colour over a black filling, of 255
_VEIL = 72  # opacity of the colour over a coloured filling, of 255
_CAPTION = 11  # pixels


@dataclass(frozen=True, slots=True)
class Filling:
    image: NDArray[np.uint8]  # (H, W, C)
    role: str  # of a colour of the theme
    caption: str
    tip: str


def filled_picture(
    image: NDArray[np.uint8], hidden: NDArray[np.bool_], theme: Theme, role: str, channels: Channels = ()
) -> QImage:
    """Return `image` (H, W, C) by the table `channels`, with the pixels `hidden` (H, W) in the colour of `role`.

    The colour replaces grey as bright as the image, and lies over colours as a veil.
    """
    is_grey = image.shape[2] == 1
    seen = np.where(hidden[..., None], 0, image).astype(np.uint8) if is_grey else image
    picture = to_qimage(seen, channels).convertToFormat(QImage.Format.Format_RGB32)
    tint = np.where(hidden, np.maximum(_MIN_TINT, image[..., 0]) if is_grey else _VEIL, 0).astype(np.uint8)
    painter = QPainter(picture)
    painter.drawImage(0, 0, tinted(tint, theme.color(role)))
    painter.end()
    return picture


class FillingGrid(ImageGrid):
    def __init__(self, name: str, description: str, parent: QWidget | None = None) -> None:
        super().__init__(name, description, _SIDES, parent)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._fillings: tuple[Filling, ...] = ()
        self._hidden = np.zeros((1, 1), bool)

    def set_fillings(self, fillings: tuple[Filling, ...], hidden: NDArray[np.bool_], chosen: int | None) -> None:
        """The fillings and `hidden` have one size (H, W)."""
        self._fillings, self._hidden = fillings, hidden
        self.set_images([filling.tip for filling in fillings], np.stack([filling.image for filling in fillings]), chosen)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._paint_pictures()

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = (self.width() + _GAP) // COLUMNS - _GAP
        self.set_room(QSize(self.width(), COLUMNS * (side + _GAP) - _GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(font(TINY, bold=True))
        for index, filling in enumerate(self._fillings):
            if filling.caption:
                strip = QRect(self.cell(index))
                strip.setTop(strip.bottom() - _CAPTION + 1)
                painter.fillRect(strip, self._theme.color(filling.role))
                painter.setPen(self._theme.color("window"))
                painter.drawText(strip, Qt.AlignmentFlag.AlignCenter, filling.caption)
        painter.end()

    def _paint_pictures(self) -> None:
        self._pictures = [
            filled_picture(each.image, self._hidden, self._theme, each.role, self._channels) for each in self._fillings
        ]
        self.update()
