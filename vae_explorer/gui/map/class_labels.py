"""The name of each class at the centroid of its codes, or as near to it as leaves the others readable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPixmap

from vae_explorer.codes import Labels
from vae_explorer.foreign import short
from vae_explorer.gui.kit.theme import LIGHT, NORMAL, Theme, class_color, font, on_class_color
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import FAR, IDENTITY, Plane

_MOST_NAMES = 100  # on the map, those of the largest classes; laying out thousands apart takes seconds a frame
_ENOUGH = 10_000  # codes whose medians place the names of all of them to a pixel
_PADDING = 4.0  # pixels around a name
_MOST, _WIDEST = 40, 180.0  # characters and pixels of a name
_OPACITY = 235
_LED = 14  # pixels from which on a line leads from a name to where it belongs
_SAME = 1e-6  # pixels
_ROUNDS = 16  # in which names that cover each other give way


@dataclass(frozen=True, slots=True)
class _Laid:
    """What does not change from frame to frame."""

    ratio: float  # device pixels a pixel
    pictures: list[QPixmap]  # n
    at: NDArray[np.float64]  # (n, 2) in units of the map
    sizes: NDArray[np.float64]  # (n, 2) pixels


class ClassLabels(Guarded, pg.GraphicsObject):
    """All names as one item: an item each takes longer to find and to move than to draw."""

    def __init__(self) -> None:
        super().__init__()
        self._centroids: dict[int, Point] = {}
        self._plane = IDENTITY
        self._names: dict[int, str] = {}
        self._hidden: frozenset[int] = frozenset()
        self._pictures: dict[tuple[int, str, float], QPixmap] = {}
        self._theme = LIGHT
        self._coloured = True
        self._laid: _Laid | None = None
        self._asked = np.empty((0, 4))  # where names of what size were to lie,
        self._given = np.empty((0, 2))  # and by how much not

    def set_codes(self, mean: NDArray[np.float32], label: Labels, names: tuple[str, ...]) -> None:
        """Codes (n, 2) of classes (n,); `names` by class."""
        step = max(1, len(label) // _ENOUGH)
        some, some_labels = mean[::step], label[::step]
        self._centroids.clear()
        counts = np.bincount(label)
        largest = np.argsort(-counts, kind="stable")[:_MOST_NAMES]
        for number in sorted(largest[counts[largest] > 0].tolist()):
            own = some[some_labels == number]
            x, y = np.median(own if len(own) else mean[label == number], axis=0).tolist()
            self._centroids[number] = (x, y)
            self._names[number] = short(names[number], _MOST) if number < len(names) else str(number)
        self._change()

    def set_plane(self, plane: Plane) -> None:
        """Where the centroids lie: what is the middle by each coordinate is so in every plane."""
        self._plane = plane
        self._change()

    def set_hidden(self, hidden: frozenset[int]) -> None:
        self._hidden = hidden
        self._change()

    def set_coloured(self, coloured: bool) -> None:
        """Whether the names have the colours of their classes."""
        self._coloured = coloured
        self._pictures.clear()
        self._change()

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._pictures.clear()
        self._change()

    def shown(self) -> dict[str, tuple[float, float]]:
        """What is on the map: name -> centroid in latent units."""
        numbers = [number for number in self._centroids if number not in self._hidden and self.isVisible()]
        return {self._names[number]: self._centroids[number] for number in numbers}

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF(box.viewRect()) if box is not None else QRectF()

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()

    def paint(self, painter: QPainter, *_: object) -> None:
        transform, ratio = painter.worldTransform(), painter.device().devicePixelRatioF()
        if self._laid is None or self._laid.ratio != ratio:
            self._laid = self._lay(ratio)
        laid = self._laid
        if not laid.pictures:
            return
        painter.resetTransform()
        at = laid.at * (transform.m11(), transform.m22()) + (transform.dx(), transform.dy())
        places = self._apart(at, laid.sizes)
        painter.setPen(QPen(self._theme.color("text"), 1))
        for row in np.flatnonzero(np.hypot(*(places - at).T) > _LED):
            painter.drawLine(QPointF(*at[row]), QPointF(*places[row]))
        for picture, (x, y) in zip(laid.pictures, (places - laid.sizes / 2).round().tolist(), strict=True):
            painter.drawPixmap(QPointF(x, y), picture)

    def _lay(self, ratio: float) -> _Laid:
        near = {number: at for number, at in self._centroids.items() if max(abs(at[0]), abs(at[1])) <= FAR}
        shown = [number for number in near if number not in self._hidden]
        pictures = [self._picture(number, ratio) for number in shown]
        at = self._plane.to_view(np.array([self._centroids[number] for number in shown], np.float64).reshape(-1, 2))
        sizes = np.array([picture.deviceIndependentSize().toTuple() for picture in pictures]).reshape(-1, 2)
        return _Laid(ratio, pictures, at, sizes)

    def _change(self) -> None:
        self._laid = None
        self.update()

    def _apart(self, at: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
        """`spread_apart`, which is the same for a map that is but shifted."""
        asked = np.hstack([at - at.mean(axis=0), sizes])
        if self._asked.shape != asked.shape or np.abs(self._asked - asked).max() > _SAME:
            self._asked, self._given = asked, spread_apart(at, sizes) - at
        return at + self._given

    def _picture(self, number: int, ratio: float) -> QPixmap:
        name = self._names[number]
        made = self._pictures.get((number, name, ratio))
        if made is None:
            box = class_color(number, _OPACITY) if self._coloured else self._theme.color("card", _OPACITY)
            ink = on_class_color(number) if self._coloured else self._theme.color("text")
            made = self._pictures[number, name, ratio] = _picture(name, box, ink, ratio)
        return made


def spread_apart(middles: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where boxes of `sizes` (n, 2) around `middles` (n, 2) lie once those that cover each other have given way, in pixels, (n, 2).

    Each is pushed away from the middles of those that it covers, so that it moves on in small steps as the map is zoomed.
    """
    places = middles.copy()
    reach = (sizes[:, None] + sizes) / 2
    turn = np.arange(len(places)) * 2.4  # radians, for those whose middles are the same
    for _ in range(_ROUNDS):
        between = places[:, None] - places
        over = reach - np.abs(between)
        covered = (over > 0).all(axis=2) & ~np.eye(len(places), dtype=bool)
        if not covered.any():
            break
        far = np.hypot(*np.moveaxis(between, 2, 0))
        same = np.stack([np.cos(turn), np.sin(turn)], axis=1)
        way = np.where(far[..., None] > 0, between / np.maximum(far, 1e-9)[..., None], same[:, None] - same)
        least = (over / np.maximum(np.abs(way), 1e-9)).min(axis=2)  # pixels along the way
        places += 0.5 * np.where(covered[..., None], way * (least + 1)[..., None], 0.0).sum(axis=1)
    return places


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
