"""A drawn part of the map, which is painted at its place in the view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from vae_explorer.latent.raster import Frame

_SAME_SCALE = 1e-9


@dataclass(frozen=True, slots=True)
class MapPicture:
    frame: Frame
    image: QImage

    @staticmethod
    def of(frame: Frame, pixels: NDArray[np.uint32]) -> MapPicture:
        """Copy pixels (H, W), premultiplied ARGB, into an image that Qt owns."""
        height, width = pixels.shape
        return MapPicture(
            frame, QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
        )

    @property
    def rect(self) -> QRectF:
        (left, right), (bottom, top) = self.frame.x_range, self.frame.y_range
        return QRectF(QPointF(left, bottom), QPointF(right, top))

    def stretch(self, scale: float) -> float:
        """Return the magnification at `scale` device pixels per unit of the map."""
        return scale * self.rect.width() / self.frame.width

    def is_sharp(self, scale: float) -> bool:
        return abs(self.stretch(scale) - 1) < _SAME_SCALE

    def paint(self, painter: QPainter, ratio: float) -> None:
        """Paint, stretched unless sharp. `ratio` is device pixels per pixel."""
        transform = painter.worldTransform()
        where = transform.mapRect(self.rect)
        painter.save()
        painter.resetTransform()
        if self.is_sharp(transform.m11() * ratio):
            self.image.setDevicePixelRatio(ratio)
            corner = where.topLeft() * ratio
            painter.drawImage(QPointF(round(corner.x()), round(corner.y())) / ratio, self.image)
        else:
            self.image.setDevicePixelRatio(1.0)
            painter.drawImage(where, self.image)
        painter.restore()
