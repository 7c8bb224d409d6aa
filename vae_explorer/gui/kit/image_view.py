"""One decoded image, as large as there is room. GUI thread only.

Images are shown as their pixels are, 0 black and 1 white, in both themes; the mosaic on the map alone is drawn in the theme's ink.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.runtime.guarded import Guarded

_ROW_MILLISECONDS = 24


def to_qimage(image: NDArray[np.uint8]) -> QImage:
    """A copy of a grey image (H, W) that Qt owns."""
    height, width = image.shape
    contiguous = np.ascontiguousarray(image)
    return QImage(contiguous.data, width, height, width, QImage.Format.Format_Grayscale8).copy()


def tinted(image: NDArray[np.uint8], color: QColor) -> QImage:
    """`color` where the image (H, W) is white, nothing where it is black."""
    pixels = np.empty((*image.shape, 4), np.uint8)
    pixels[..., :3] = (color.red(), color.green(), color.blue())
    pixels[..., 3] = image
    height, width = image.shape
    return QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


class ImageView(Guarded, QWidget):
    """A square in which an image lies, pixel edges softened when it is enlarged."""

    def __init__(self, name: str, description: str, side: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(description)
        self._image = np.zeros((1, 1), np.uint8)
        self._picture: QImage | None = None
        self._empty = QColor()
        self._rows = 0  # that are written already, while the pen is at work
        self._pen = QTimer(self)
        self._pen.setInterval(_ROW_MILLISECONDS)
        self._pen.timeout.connect(self._write_row)
        if side:
            self.setFixedSize(side, side)
        else:
            policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
            self.setMinimumSize(48, 48)

    def set_image(self, image: NDArray[np.uint8] | None) -> None:
        """Show (H, W) uint8, or an empty square."""
        self._image = image if image is not None else np.zeros((1, 1), np.uint8)
        self._picture = to_qimage(image) if image is not None else None
        self._pen.stop()
        self._note_cover()
        self.update()

    def write(self) -> None:
        """Draw the image once more, row by row from the top, as a decoder does that writes it in this order."""
        if self._picture is not None:
            self._rows = 0
            self._pen.start()

    def rows_written(self) -> int:
        """How many of the image's rows are on screen."""
        if self._pen.isActive():
            return self._rows
        return 0 if self._picture is None else self._picture.height()

    @Slot()
    def _write_row(self) -> None:
        self._rows += 1
        if self._picture is None or self._rows >= self._picture.height():
            self._pen.stop()
        self.update()

    def image(self) -> NDArray[np.uint8]:
        """What is shown, (H, W) uint8."""
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
        """A picture that leaves nothing uncovered needs nothing painted below it, which would be the whole window's backgrounds."""
        picture = self._picture
        covers = picture is not None and not picture.hasAlphaChannel() and self._target(picture) == self.rect()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent, covers)

    def _target(self, picture: QImage) -> QRect:
        """Where the picture lies."""
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
            if self._pen.isActive():
                painter.fillRect(target, self._empty)
                target.setHeight(round(target.height() * self._rows / self._picture.height()))
                painter.drawImage(target, self._picture, QRect(0, 0, self._picture.width(), self._rows))
            else:
                painter.drawImage(target, self._picture)
        painter.end()
