"""Shows one decoded image, black as 0 and white as 1 in both themes. GUI thread only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.channels import Channels, blended
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.runtime.guarded import Guarded

_ROW_MILLISECONDS = 24


def to_qimage(image: NDArray[np.uint8], channels: Channels = ()) -> QImage:
    """Copy an image (H, W, C), shown by the table `channels`, into an image that Qt owns."""
    shown = np.ascontiguousarray(blended(image, channels))
    height, width, depth = shown.shape
    kind = QImage.Format.Format_Grayscale8 if depth == 1 else QImage.Format.Format_RGB888
    return QImage(shown.data, width, height, depth * width, kind).copy()


def tinted(image: NDArray[np.uint8], color: QColor) -> QImage:
    """Return an image in `color`, as opaque as `image` (H, W) is white."""
    pixels = np.empty((*image.shape, 4), np.uint8)
    pixels[..., :3] = (color.red(), color.green(), color.blue())
    pixels[..., 3] = image
    height, width = image.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class ImageView(Guarded, QWidget):
    def __init__(self, name: str, description: str, side: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(description)
        self._image = np.zeros((1, 1, 1), np.uint8)
        self._picture: QImage | None = None
        self._channels: Channels = ()
        self._empty = QColor()
        self._rows = 0  # revealed by the timer
        self._row_timer = QTimer(self)
        self._row_timer.setInterval(_ROW_MILLISECONDS)
        self._row_timer.timeout.connect(self._reveal_row)
        if side:
            self.setFixedSize(side, side)
        else:
            policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
            self.setMinimumSize(48, 48)

    def set_image(self, image: NDArray[np.uint8] | None) -> None:
        """Show an image (H, W, C), or an empty square."""
        self._image = image if image is not None else np.zeros((1, 1, 1), np.uint8)
        self._picture = to_qimage(image, self._channels) if image is not None else None
        self._row_timer.stop()
        self._note_cover()
        self.update()

    def set_channels(self, channels: Channels) -> None:
        """See `ShowsChannels`."""
        self._channels = channels
        if self._picture is not None:
            self._picture = self.as_shown()
            self.update()

    def as_shown(self) -> QImage:
        """Return the image in the colours of the screen."""
        return to_qimage(self._image, self._channels)

    def reveal_rows(self) -> None:
        if self._picture is not None:
            self._rows = 0
            self._row_timer.start()

    def rows_revealed(self) -> int:
        if self._row_timer.isActive():
            return self._rows
        return 0 if self._picture is None else self._picture.height()

    @Slot()
    def _reveal_row(self) -> None:
        self._rows += 1
        if self._picture is None or self._rows >= self._picture.height():
            self._row_timer.stop()
        self.update()

    def picture_rect(self) -> QRectF:
        """Return the rectangle of the image, in pixels of this widget; a square without an image."""
        return QRectF(self._square() if self._picture is None else self._target(self._picture))

    def image(self) -> NDArray[np.uint8]:
        return self._image

    def set_theme(self, theme: Theme) -> None:
        self._empty = theme.color("border")
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return width

    def sizeHint(self) -> QSize:
        return QSize(264, 264)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._note_cover()

    def _note_cover(self) -> None:
        """Tell Qt if the image covers the widget: Qt then paints no backgrounds below."""
        picture = self._picture
        covers = picture is not None and not picture.hasAlphaChannel() and self._target(picture) == self.rect()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, covers)

    def _target(self, picture: QImage) -> QRect:
        square = self._square()
        target = QRect(square.topLeft(), picture.size().scaled(square.size(), Qt.AspectRatioMode.KeepAspectRatio))
        target.moveCenter(square.center())
        return target

    def _square(self) -> QRect:
        side = min(self.width(), self.height())
        return QRect(0, 0, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if self._picture is None:
            painter.fillRect(self._square(), self._empty)
        else:
            target = self._target(self._picture)
            if self._row_timer.isActive():
                painter.fillRect(target, self._empty)
                target.setHeight(round(target.height() * self._rows / self._picture.height()))
                painter.drawImage(target, self._picture, QRect(0, 0, self._picture.width(), self._rows))
            else:
                painter.drawImage(target, self._picture)
        painter.end()
