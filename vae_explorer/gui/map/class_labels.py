"""Draws the names of the classes with own colours near the centroids of their codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from vae_explorer.codes import Labels
from vae_explorer.foreign import short
from vae_explorer.gui.kit.class_palette import ONE_CLASS, ClassPalette
from vae_explorer.gui.kit.theme import LIGHT, NORMAL, Theme, font, on_color
from vae_explorer.gui.map.name_places import moved_inside, spread_apart, uncovered, with_room
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import FAR, IDENTITY, Plane

_ENOUGH = 10_000  # codes that give the medians to a pixel
_PADDING = 4.0  # pixels around a name
_MOST, _WIDEST = 40, 180.0  # characters and pixels of a name
_OPACITY = 235
_LEADER_LINE = 14  # pixels between name and centroid from which a line joins them
_SAME = 1e-6  # pixels
_COVERED = 0.2  # largest share of the map that names cover


@dataclass(frozen=True, slots=True)
class _Layout:
    ratio: float  # device pixels per pixel
    pictures: list[QPixmap]  # n
    at: NDArray[np.float64]  # (n, 2) centroids in units of the map
    sizes: NDArray[np.float64]  # (n, 2) pixels


class ClassLabels(Guarded, pg.GraphicsObject):
    """All names in one item, since moving many items takes longer than drawing.

    Names of the largest classes come first. Names that find no room are left out.
    """

    def __init__(self) -> None:
        super().__init__()
        self._centroids: dict[int, Point] = {}  # the largest class first
        self._plane = IDENTITY
        self._names: dict[int, str] = {}
        self._hidden: frozenset[int] = frozenset()
        self._pictures: dict[tuple[int, str, float], QPixmap] = {}
        self._theme = LIGHT
        self._palette = ONE_CLASS
        self._coloured = True
        self._layout: _Layout | None = None
        self._spread_input = np.empty((0, 4))  # centred places and sizes of the last `spread_apart`
        self._offsets = np.empty((0, 2))  # its result, from the centroids

    def set_codes(self, mean: NDArray[np.float32], label: Labels, names: tuple[str, ...], palette: ClassPalette) -> None:
        """Set codes (n, 2) of classes (n,), with `names` by class. Without names there is nothing to draw."""
        step = max(1, len(label) // _ENOUGH)
        some, some_labels = mean[::step], label[::step]
        self._centroids.clear()
        if palette.table != self._palette.table or len(palette.place) != len(self._palette.place):
            self._pictures.clear()
        self._palette = palette
        counts = palette.counts if names else np.zeros(0, np.int64)
        for number in filter(palette.has_own, np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)].tolist()):
            own = some[some_labels == number]
            x, y = np.median(own if len(own) else mean[label == number], axis=0).tolist()
            self._centroids[number] = (x, y)
            self._names[number] = short(names[number], _MOST) if number < len(names) else str(number)
        self._change()

    def set_plane(self, plane: Plane) -> None:
        """Lay the centroids on `plane`. Medians of coordinates hold in every plane."""
        self._plane = plane
        self._change()

    def set_hidden(self, hidden: frozenset[int]) -> None:
        self._hidden = hidden
        self._change()

    def set_coloured(self, coloured: bool) -> None:
        self._coloured = coloured
        self._pictures.clear()
        self._change()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures.clear()
        self._change()

    def shown(self) -> dict[str, tuple[float, float]]:
        numbers = [number for number in self._centroids if number not in self._hidden and self.isVisible()]
        return {self._names[number]: self._centroids[number] for number in numbers}

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF(box.viewRect()) if box is not None else QRectF()

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, ratio = painter.worldTransform(), painter.device().devicePixelRatioF()
        if self._layout is None or self._layout.ratio != ratio:
            self._layout = self._lay_out(ratio)
        layout = self._layout
        if not layout.pictures:
            return
        painter.resetTransform()
        box = transform.mapRect(self.boundingRect())
        n = with_room(layout.sizes, _COVERED * box.width() * box.height())
        at, sizes = layout.at[:n] * (transform.m11(), transform.m22()) + (transform.dx(), transform.dy()), layout.sizes[:n]
        places = moved_inside(self._spread(at, sizes), at, sizes, box)
        free = uncovered(places, sizes)
        painter.setPen(QPen(self._theme.color("text"), 1))
        for row in free[np.hypot(*(places - at)[free].T) > _LEADER_LINE]:
            painter.drawLine(QPointF(*at[row]), QPointF(*places[row]))
        for row in free:
            painter.drawPixmap(QPointF(*(places - sizes / 2)[row].round()), layout.pictures[row])

    def _lay_out(self, ratio: float) -> _Layout:
        near = {number: at for number, at in self._centroids.items() if max(abs(at[0]), abs(at[1])) <= FAR}
        shown = [number for number in near if number not in self._hidden]
        pictures = [self._picture(number, ratio) for number in shown]
        at = self._plane.to_view(np.array([self._centroids[number] for number in shown], np.float64).reshape(-1, 2))
        sizes = np.array([picture.deviceIndependentSize().toTuple() for picture in pictures]).reshape(-1, 2)
        return _Layout(ratio, pictures, at, sizes)

    def _change(self) -> None:
        self._layout = None
        self.update()

    def _spread(self, at: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return `spread_apart`, which is not computed again while the map only shifts."""
        centred = np.hstack([at - at.mean(axis=0), sizes])
        if self._spread_input.shape != centred.shape or np.abs(self._spread_input - centred).max() > _SAME:
            self._spread_input, self._offsets = centred, spread_apart(at, sizes) - at
        return at + self._offsets

    def _picture(self, number: int, ratio: float) -> QPixmap:
        name = self._names[number]
        made = self._pictures.get((number, name, ratio))
        if made is None:
            box = self._palette.color(number, _OPACITY) if self._coloured else self._theme.color("card", _OPACITY)
            ink = on_color(self._palette.color(number)) if self._coloured else self._theme.color("text")
            made = self._pictures[number, name, ratio] = _picture(name, box, ink, ratio)
        return made


def _picture(name: str, background: QColor, ink: QColor, ratio: float) -> QPixmap:
    bold = font(NORMAL, bold=True)
    metrics = QFontMetricsF(bold)
    name = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _WIDEST)
    size = QSizeF(np.ceil(metrics.horizontalAdvance(name) + 2 * _PADDING), np.ceil(metrics.height() + 2 * _PADDING))
    picture = QPixmap((size * ratio).toSize())
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    box = QRectF(QPointF(0, 0), size)
    painter.fillRect(box, background)
    painter.setFont(bold)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
    painter.end()
    return picture
