"""All codes as one picture, drawn anew only when the view changes, so that what moves over it costs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter

from vae_explorer.gui.theme import PALETTE, class_color, rgb
from vae_explorer.latent.raster import dot_radius, dots, draw_order

_OPACITY = 0.88
_CORE = (0.002, 0.998)


class CodesItem(pg.GraphicsObject):
    """A class-coloured cloud of points. Class toggles leave the positions alone."""

    def __init__(self) -> None:
        super().__init__()
        self._points = np.zeros((0, 2), np.float64)
        self._labels = np.zeros(0, np.uint8)
        self._hidden: frozenset[int] = frozenset()
        self._shown = (self._points, self._labels)
        self._image: QImage | None = None
        self._key: tuple[float, ...] = ()
        self._extent = QRectF()

    def set_codes(self, mean: NDArray[np.float32], label: NDArray[np.uint8]) -> None:
        order = draw_order(len(label))
        self._points = np.asarray(mean, np.float64)[order]
        self._labels = label[order]
        low, high = (mean.min(axis=0), mean.max(axis=0)) if len(mean) else (np.zeros(2), np.zeros(2))
        self._extent = QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))
        self._choose()

    def set_hidden(self, labels: frozenset[int]) -> None:
        self._hidden = labels
        self._choose()

    def extent(self) -> QRectF:
        """The rectangle of the plane that holds all codes."""
        return self._extent

    def core(self) -> QRectF:
        """The rectangle that holds nearly all codes: far outliers would make the rest small."""
        if not len(self._points):
            return QRectF()
        low, high = np.quantile(self._points, _CORE, axis=0)
        return QRectF(QPointF(*low.tolist()), QPointF(*high.tolist()))

    def _choose(self) -> None:
        keep = ~np.isin(self._labels, list(self._hidden)) if self._hidden else slice(None)
        self._shown = (self._points[keep], self._labels[keep])
        self._key = ()
        self.update()

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF(box.viewRect()) if box is not None else self._extent

    def dataBounds(self, axis: int, frac: float = 1.0, orthoRange: Any = None) -> tuple[float, float] | None:
        if not len(self._points):
            return None
        rect = self._extent
        return (rect.left(), rect.right()) if axis == 0 else (rect.top(), rect.bottom())

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform = painter.worldTransform()
        ratio = painter.device().devicePixelRatioF()
        area = transform.mapRect(self.boundingRect()).toAlignedRect()
        scale_and_shift = (transform.m11(), transform.m22(), transform.dx(), transform.dy(), ratio)
        key = (*scale_and_shift, area.left(), area.top(), area.width(), area.height())
        if key != self._key:
            x = (self._shown[0][:, 0] * transform.m11() + transform.dx() - area.left()) * ratio
            y = (self._shown[0][:, 1] * transform.m22() + transform.dy() - area.top()) * ratio
            self._image = self._render(x, y, round(area.width() * ratio), round(area.height() * ratio), ratio, transform.m11())
            self._key = key
        if self._image is not None:
            painter.save()
            painter.resetTransform()
            painter.drawImage(area.topLeft(), self._image)
            painter.restore()

    def _render(
        self, x: NDArray[np.float64], y: NDArray[np.float64], width: int, height: int, ratio: float, scale: float
    ) -> QImage | None:
        if width < 1 or height < 1:
            return None
        spread = self._extent.width() * self._extent.height() * scale * scale
        coverage, label = dots(x, y, self._shown[1], width, height, ratio * dot_radius(len(self._points), spread))
        table = _colour_table()
        pixels = np.ascontiguousarray(table[coverage, label % len(PALETTE)])  # (H, W) uint32, premultiplied ARGB
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied).copy()
        image.setDevicePixelRatio(ratio)
        return image


def _colour_table() -> NDArray[np.uint32]:
    """(256, classes): coverage and class to a premultiplied colour."""
    colours = np.array([rgb(class_color(label)) for label in range(len(PALETTE))], np.float64)
    alpha = np.arange(256)[:, None] * _OPACITY
    channels = np.rint(colours.T[:, None, :] * alpha / 255).astype(np.uint32)  # (3, 256, classes)
    table: NDArray[np.uint32] = (
        (np.rint(alpha).astype(np.uint32) << 24) | (channels[0] << 16) | (channels[1] << 8) | channels[2]
    )
    return table
