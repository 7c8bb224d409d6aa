"""An image on the map. Enlarged pixels have soft edges."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QTimer
from PySide6.QtGui import QImage, QPainter, QTransform

from vae_explorer.gui.runtime.guarded import Guarded

_SAME_SCALE = 1e-9
_LARGEST = 4_000_000  # pixels of a kept image
_STRETCH = 1.4  # scale that a kept image may be stretched by while the map is zoomed
_REST = 60  # milliseconds without a change of scale, after which the image is enlarged again
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class SmoothImageItem(Guarded, pg.ImageItem):
    """Keeps the enlarged image, since softening takes half of a frame.

    A shifted map paints a copy. A zoomed map paints a stretched copy until the zoom rests.
    """

    qimage: QImage | None

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._last: tuple[QImage | None, QTransform] = (None, QTransform())  # image and transform of the last paint
        self._enlarged: _Enlarged | None = None
        self._rest_timer = QTimer(self)
        self._rest_timer.setSingleShot(True)
        self._rest_timer.setInterval(_REST)
        self._rest_timer.timeout.connect(self.update)

    @property
    def is_zoomed(self) -> bool:
        """Whether the scale has changed within the last _REST milliseconds."""
        return self._rest_timer.isActive()

    def paint(self, painter: QPainter, *args: object) -> None:
        if self._renderRequired:
            self.render()
        if self.image is None or self.qimage is None:
            return
        if self.qimage.format() != _FORMAT:  # Qt paints other formats pixel by pixel
            self.qimage = self.qimage.convertToFormat(_FORMAT)
        ratio = painter.device().devicePixelRatioF()
        transform, (before, last) = painter.worldTransform() * QTransform.fromScale(ratio, ratio), self._last
        self._last = (self.qimage, transform)
        if before is not self.qimage or not _can_keep(self.qimage, transform):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            super().paint(painter, *args)
            return
        if not _same_scale(transform, last):
            self._rest_timer.start()
        stretch = _STRETCH if self.is_zoomed else 1.0
        if self._enlarged is None or not self._enlarged.fits(self.qimage, transform, stretch):
            self._enlarged = _Enlarged.of(self.qimage, transform)
        self._enlarged.paint(painter, transform, ratio)


@dataclass(frozen=True, slots=True)
class _Enlarged:
    source: QImage
    transform: QTransform
    first: QPoint
    image: QImage

    @staticmethod
    def of(source: QImage, transform: QTransform) -> _Enlarged:
        where = transform.mapRect(QRectF(source.rect())).toAlignedRect()
        image = QImage(where.size(), _FORMAT)
        image.fill(0)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setTransform(transform * QTransform.fromTranslate(-where.x(), -where.y()))
        painter.drawImage(QRectF(source.rect()), source)
        painter.end()
        return _Enlarged(source, transform, where.topLeft(), image)

    def fits(self, source: QImage, transform: QTransform, stretch: float) -> bool:
        """Return whether this may be painted for `source`, stretched by at most `stretch`."""
        sides = (transform.m11() / self.transform.m11(), transform.m22() / self.transform.m22())
        most = stretch * (1 + _SAME_SCALE)
        return source is self.source and all(1 / most <= side <= most for side in sides)

    def paint(self, painter: QPainter, transform: QTransform, ratio: float) -> None:
        """Paint at the place of `transform`, in whole device pixels at the own scale."""
        painter.resetTransform()
        if _same_scale(transform, self.transform):
            shift = QPointF(transform.dx() - self.transform.dx(), transform.dy() - self.transform.dy())
            self.image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(self.first + shift.toPoint()) / ratio, self.image)
            return
        self.image.setDevicePixelRatio(1.0)
        to_now = self.transform.inverted()[0] * transform * QTransform.fromScale(1 / ratio, 1 / ratio)
        painter.drawImage(to_now.mapRect(QRectF(self.first, self.image.size())), self.image)


def _same_scale(one: QTransform, other: QTransform) -> bool:
    sides = (one.m11(), other.m11()), (one.m22(), other.m22())
    return all(math.isclose(*side, rel_tol=_SAME_SCALE) for side in sides)


def _can_keep(image: QImage, transform: QTransform) -> bool:
    size = transform.mapRect(QRectF(image.rect())).size()
    return transform.m12() == transform.m21() == 0 and 0 < size.width() * size.height() <= _LARGEST
