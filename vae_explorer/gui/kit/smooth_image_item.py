"""An image on the map whose pixels are softened when it is enlarged, as those of the image panels are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QTimer
from PySide6.QtGui import QImage, QPainter, QTransform

from vae_explorer.gui.runtime.guarded import Guarded

_SAME_SCALE = 1e-9
_LARGEST = 4_000_000  # pixels of an enlarged image that is kept
_STRETCH = 1.4  # as much larger or smaller than it was made an enlarged image is painted while the map is zoomed
_REST = 60  # milliseconds without a change of scale after which it is made anew
_FORMAT = QImage.Format.Format_ARGB32_Premultiplied


class SmoothImageItem(Guarded, pg.ImageItem):
    """Softening takes half of a frame. So what is painted again at the same scale, as where the map is shifted, is a copy of it,
    pixel by pixel, and while the map is zoomed a copy that is stretched, until the zoom rests."""

    qimage: QImage | None

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._last: tuple[QImage | None, QTransform] = (None, QTransform())  # what was painted, and by what
        self._enlarged: _Enlarged | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self.update)

    @property
    def is_zoomed(self) -> bool:
        """Whether its scale has just changed, and may do so again at once."""
        return self._rest.isActive()

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
        if before is not self.qimage or not _can_be_kept(self.qimage, by):
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            super().paint(painter, *args)
            return
        if not _same_scale(by, last):
            self._rest.start()
        if self._enlarged is None or not self._enlarged.serves(self.qimage, by, _STRETCH if self.is_zoomed else 1.0):
            self._enlarged = _Enlarged.of(self.qimage, by)
        self._enlarged.paint(painter, by, ratio)


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

    def serves(self, source: QImage, by: QTransform, stretch: float) -> bool:
        """Whether this may be painted for `source`, at most `stretch` times as large or small as it is."""
        sides = (by.m11() / self.by.m11(), by.m22() / self.by.m22())
        most = stretch * (1 + _SAME_SCALE)
        return source is self.source and all(1 / most <= side <= most for side in sides)

    def paint(self, painter: QPainter, by: QTransform, ratio: float) -> None:
        """Paint it where `by` puts it, at its own scale in whole device pixels."""
        painter.resetTransform()
        if _same_scale(by, self.by):
            shift = QPointF(by.dx() - self.by.dx(), by.dy() - self.by.dy())
            self.image.setDevicePixelRatio(ratio)
            painter.drawImage(QPointF(self.first + shift.toPoint()) / ratio, self.image)
            return
        self.image.setDevicePixelRatio(1.0)
        to_now = self.by.inverted()[0] * by * QTransform.fromScale(1 / ratio, 1 / ratio)
        painter.drawImage(to_now.mapRect(QRectF(self.first, self.image.size())), self.image)


def _same_scale(one: QTransform, other: QTransform) -> bool:
    sides = (one.m11(), other.m11()), (one.m22(), other.m22())
    return all(math.isclose(*side, rel_tol=_SAME_SCALE) for side in sides)


def _can_be_kept(image: QImage, by: QTransform) -> bool:
    """Whether it is upright, and not so large as a map is that was zoomed into far."""
    size = by.mapRect(QRectF(image.rect())).size()
    return by.m12() == by.m21() == 0 and 0 < size.width() * size.height() <= _LARGEST
