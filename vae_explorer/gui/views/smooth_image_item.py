"""An image on the map whose pixels are softened when it is enlarged, as those of the image panels are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QTransform

_SAME_SCALE = 1e-9
_LARGEST = 4_000_000  # pixels of an enlarged image that is kept
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class SmoothImageItem(pg.ImageItem):
    """What is painted again at the same scale, as where the map is shifted, is a copy of it, pixel by pixel."""

    qimage: QImage | None

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._last: tuple[QImage | None, QTransform] = (None, QTransform())  # what was painted, and by what
        self._enlarged: _Enlarged | None = None

    def paint(self, painter: QPainter, *args: object) -> None:
        if self._renderRequired:
            self.render()
        if self.image is None or self.qimage is None:
            return
        if self.qimage.format() != _FORMAT:  # else Qt would look up or multiply the colour of each pixel that it paints
            self.qimage = self.qimage.convertToFormat(_FORMAT)
        ratio = painter.device().devicePixelRatioF()
        by, (before, last) = painter.worldTransform() * QTransform.fromScale(ratio, ratio), self._last
        self._last = (self.qimage, by)
        if before is not self.qimage or not _same_scale(by, last) or not _can_be_kept(self.qimage, by):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            super().paint(painter, *args)
            return
        if self._enlarged is None or not self._enlarged.fits(self.qimage, by):
            self._enlarged = _Enlarged.of(self.qimage, by)
        painter.resetTransform()
        self._enlarged.image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(self._enlarged.corner(by)) / ratio, self._enlarged.image)


@dataclass(frozen=True, slots=True)
class _Enlarged:
    """An image as it is painted with a transform to device pixels."""

    source: QImage
    by: QTransform
    first: QPoint
    image: QImage

    @staticmethod
    def of(source: QImage, by: QTransform) -> _Enlarged:
        where = by.mapRect(QRectF(source.rect())).toAlignedRect()
        image = QImage(where.size(), _FORMAT)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(by * QTransform.fromTranslate(-where.x(), -where.y()))
        painter.drawImage(QRectF(source.rect()), source)
        painter.end()
        return _Enlarged(source, by, where.topLeft(), image)

    def fits(self, source: QImage, by: QTransform) -> bool:
        return source is self.source and _same_scale(by, self.by)

    def corner(self, by: QTransform) -> QPoint:
        """Where it lies now that the map is shifted, in whole device pixels."""
        return self.first + QPointF(by.dx() - self.by.dx(), by.dy() - self.by.dy()).toPoint()


def _same_scale(one: QTransform, other: QTransform) -> bool:
    sides = (one.m11(), other.m11()), (one.m22(), other.m22())
    return all(math.isclose(*side, rel_tol=_SAME_SCALE) for side in sides)


def _can_be_kept(image: QImage, by: QTransform) -> bool:
    """Whether it is upright, and not so large as a map is that was zoomed into far."""
    size = by.mapRect(QRectF(image.rect())).size()
    return by.m12() == by.m21() == 0 and 0 < size.width() * size.height() <= _LARGEST
