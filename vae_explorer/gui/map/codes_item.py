"""All codes as one picture, so that what moves over it costs nothing.

Few codes are drawn when they are painted. Many are drawn by a worker, larger than the view: while a gesture lasts the last picture is
shifted and scaled, and when the view rests a sharp one is asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QTransform

from vae_explorer.codes import Labels
from vae_explorer.gui.kit.theme import LIGHT, PALETTE, Theme, class_colours, code_colours, figure_colours, place_colours
from vae_explorer.gui.map.picture import MapPicture
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.places import SIDE
from vae_explorer.latent.plane import IDENTITY, Plane
from vae_explorer.latent.raster import DENSITIES, LEVELS, Frame, RasterRequest, dot_radius, picture
from vae_explorer.latent.scale import draw_order
from vae_explorer.latent.tiles import Cloud, TiledPoints

AT_ONCE = 20_000  # codes up to which every frame is drawn as it is painted
CLASS, FIGURE, PLACE = "class", "figure", "place"
_AT_FIRST = (
    200_000  # codes up to which a frame is drawn as it is painted where there is none before, so that the window opens with it
)
_LATER = (
    40  # milliseconds after which other codes are sorted: with another model all panels are painted anew, and that comes first
)
_REST = 16  # milliseconds without a change after which the view counts as at rest
_BEYOND = 0.15  # of the view's size, drawn on each side beyond it
_LEAST_BEYOND = 0.08  # where less of that is left the next picture is drawn while the gesture lasts
_STRETCH = 1.3  # likewise where it is painted so much larger or smaller than it was drawn


class CodesItem(Guarded, pg.GraphicsObject):
    """A cloud of points, coloured by class, by a figure or by place. Class toggles leave the positions alone."""

    sorting_wanted = Signal(object)  # Cloud: too many codes to sort on the GUI thread
    codes_shown = Signal()  # those that were set last are the ones on the map now, in its plane
    picture_wanted = Signal(object)  # RasterRequest

    def __init__(self) -> None:
        super().__init__()
        self._mean, self._label = np.zeros((0, 2), np.float32), np.zeros(0, np.uint8)
        self._colour: NDArray[np.uint8] | None = None
        self._place: NDArray[np.uint8] | None = None
        self._step: NDArray[np.uint8] | None = None
        self._drawn_by = CLASS  # what has the colours of the points that have been sorted
        self._knows_classes = True  # whether these points have their class, and not the number of its colour
        self._plane = IDENTITY
        self._wanted = self._shown = Cloud(self._mean, self._label, self._plane)
        self._points = self._shown.tiled()
        self._hidden: frozenset[int] = frozenset()
        self._picture: MapPicture | None = None
        self._waiting = False
        self._theme = LIGHT
        self._set_table()
        self._ratio = 1.0
        self._rest = QTimer(self)
        self._rest.setObjectName("viewRest")
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_LATER)
        self._later.timeout.connect(self._ask_for_order)

    def set_codes(self, mean: NDArray[np.float32], label: Labels) -> None:
        """Show latent points (n, 2), coloured by their class (n,)."""
        self._mean, self._label, self._place, self._step = mean, label, None, None
        # The sorted points have 8 bits for a class. Labels of 16 bits give them the number of the class's colour instead.
        self._colour = None if label.dtype == np.uint8 else (label % len(PALETTE)).astype(np.uint8)
        later = bool(len(self._points))
        self._sort(AT_ONCE if later else _AT_FIRST, later)

    def set_plane(self, plane: Plane) -> None:
        """Show the same codes in another plane. Until they are sorted nothing is shown: they lie elsewhere now."""
        self._plane, self._picture = plane, None
        self._shown = Cloud(self._mean[:0], self._label[:0], plane)
        self._points = self._shown.tiled()
        self._sort(AT_ONCE)
        self.update()

    def set_places(self, place: NDArray[np.uint8] | None) -> None:
        """Colour the codes by number of a square of the plane (n,), as `latent.places` counts them, or by class again."""
        if place is not self._place:
            self._place = place
            self._sort(AT_ONCE)

    def set_steps(self, step: NDArray[np.uint8] | None) -> None:
        """Colour the codes by step of a figure's scale (n,), as `latent.scale` counts them, or by class again; places come first."""
        if step is not self._step:
            self._step = step
            self._sort(AT_ONCE)

    @property
    def _number(self) -> NDArray[np.uint8] | None:
        """What has the colours, (n,); None for classes of 8 bits."""
        chosen = self._place if self._place is not None else self._step
        return self._colour if chosen is None else chosen

    @property
    def _coloured_by(self) -> str:
        if self._place is not None:
            return PLACE
        return CLASS if self._step is None else FIGURE

    def _sort(self, at_once: int, later: bool = False) -> None:
        """Here where there are no more than `at_once`; else by the worker, now or `later`."""
        z, label, order = self._mean, self._label, None
        if self._number is not None:  # which does not say the class, so those of hidden classes are left out here
            shown = ~np.isin(label, list(self._hidden))
            z, label, order = self._mean[shown], self._number[shown], draw_order() if self._coloured_by == FIGURE else None
        self._wanted = Cloud(z, label, self._plane, order)
        self._later.stop()
        if len(label) <= at_once:
            self.set_sorted(self._wanted, self._wanted.tiled())
        elif later:
            self._later.start()
        else:
            self._ask_for_order()

    @Slot()
    def _ask_for_order(self) -> None:
        self.sorting_wanted.emit(self._wanted)

    @Slot(object, object)
    def set_sorted(self, cloud: Cloud, points: TiledPoints) -> None:
        """Show codes that have been sorted; those of an earlier wish are dropped."""
        if cloud is not self._wanted:
            return
        if not len(self._points):
            self._picture = None  # of nothing
        self._shown, self._points, self._waiting, self._drawn_by = cloud, points, False, self._coloured_by
        self._knows_classes = self._number is None
        self._set_table()
        self._redraw()
        self.codes_shown.emit()

    def set_hidden(self, labels: frozenset[int]) -> None:
        """Classes that are not drawn."""
        if labels == self._hidden:
            return
        self._hidden = labels
        if self._number is None:
            self._redraw()
        else:
            self._sort(AT_ONCE)

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._set_table()
        self._redraw()

    def _set_table(self) -> None:
        if self._drawn_by == PLACE:
            colours = place_colours(SIDE)
        else:
            colours = class_colours() if self._drawn_by == CLASS else figure_colours(self._theme)
        self._table = code_colours(self._theme, len(self._points), LEVELS + 1, DENSITIES, colours)

    def _hidden_labels(self) -> frozenset[int]:
        """Of the points that have been sorted."""
        return self._hidden if self._knows_classes else frozenset()

    @Slot(object, object)
    def set_picture(self, request: RasterRequest, pixels: NDArray[np.uint32]) -> None:
        """The worker's answer; one of codes that are no longer shown is dropped."""
        self._waiting = False
        if request.points is self._points and request.hidden == self._hidden_labels() and request.table is self._table:
            self._picture = MapPicture.of(request.frame, pixels)
            self.update()

    @property
    def by_class(self) -> bool:
        """Whether the colours are those of the classes."""
        return self._coloured_by == CLASS

    @property
    def by_place(self) -> bool:
        """Whether the colours are those of places, which come before those of a figure."""
        return self._coloured_by == PLACE

    @property
    def points(self) -> TiledPoints:
        """The sorted codes that the map shows."""
        return self._points

    @property
    def count(self) -> int:
        """How many codes are on the map."""
        return len(self._points)

    @property
    def shows_latest(self) -> bool:
        """Whether the codes that were set last are on the map, sorted, and what follows them has moved to them."""
        return self._shown is self._wanted

    def is_sharp(self) -> bool:
        """Whether what is painted is drawn for the view as it is now, and of the codes that were set last."""
        box, picture = self.getViewBox(), self._picture
        if box is None or picture is None or not self.shows_latest or self._waiting or self._rest.isActive():
            return False
        return picture.is_sharp(self.sceneTransform().m11() * self._ratio)

    @property
    def dropped(self) -> int:
        """Codes that no map can show."""
        return self._points.dropped

    def extent(self) -> QRectF:
        """The rectangle of the map that holds all codes."""
        points = self._points
        if not len(points):
            return QRectF()
        low, high = QPointF(points.x.min(), points.y.min()), QPointF(points.x.max(), points.y.max())
        return QRectF(low, high)

    def core(self) -> QRectF:
        """The rectangle that holds nearly all codes: far outliers would make the rest small."""
        low, high = self._points.low, self._points.high
        return QRectF(QPointF(*low.tolist()), QPointF(*high.tolist())) if len(self._points) else QRectF()

    def boundingRect(self) -> QRectF:
        box = self.getViewBox()
        return QRectF(box.viewRect()) if box is not None else QRectF()

    def dataBounds(self, axis: int, frac: float = 1.0, orthoRange: Any = None) -> tuple[float, float] | None:
        rect = self.extent()
        return (rect.left(), rect.right()) if axis == 0 else (rect.top(), rect.bottom())

    def viewTransformChanged(self) -> None:
        self.prepareGeometryChange()
        self.update()
        if not self._is_drawn_at_once:
            self._rest.start()
            if not self._waiting and not self._reaches:
                self._ask()

    @property
    def _reaches(self) -> bool:
        """Whether a gesture can go on with the picture as it is, so that the worker leaves the processor to it."""
        view, picture = self.boundingRect(), self._picture
        if picture is None:
            return False
        across, along = _LEAST_BEYOND * view.width(), _LEAST_BEYOND * view.height()
        stretch = picture.stretch(abs(self.sceneTransform().m11()) * self._ratio)
        return picture.rect.contains(view.adjusted(-across, -along, across, along)) and 1 / _STRETCH < stretch < _STRETCH

    @property
    def _is_drawn_at_once(self) -> bool:
        """Whether the next picture is drawn as it is painted, and not by the worker."""
        return len(self._points) <= (AT_ONCE if self._picture is not None else _AT_FIRST)

    def paint(self, painter: QPainter, *_: object) -> None:
        self._ratio = painter.device().devicePixelRatioF()
        transform, rect = painter.worldTransform(), self.boundingRect()
        if self._is_drawn_at_once:
            frame = self._frame(transform, rect, 0.0 if len(self._points) <= AT_ONCE else _BEYOND)
            if self._picture is None or self._picture.frame != frame:
                self._picture = self._draw_now(frame)
        if self._picture is not None:
            self._picture.paint(painter, self._ratio)

    def _frame(self, transform: QTransform, rect: QRectF, beyond: float) -> Frame:
        """The view and `beyond` times its size on each side, in whole device pixels."""
        scale_x, scale_y = abs(transform.m11()) * self._ratio, abs(transform.m22()) * self._ratio
        width = max(1, round(rect.width() * (1 + 2 * beyond) * scale_x))
        height = max(1, round(rect.height() * (1 + 2 * beyond) * scale_y))
        left, top = rect.left() - beyond * rect.width(), rect.bottom() + beyond * rect.height()
        return Frame((left, left + width / scale_x), (top - height / scale_y, top), width, height)

    def request(self, frame: Frame) -> RasterRequest:
        """Return what the worker needs to draw `frame`."""
        core = self.core()
        scale = frame.width / (frame.x_range[1] - frame.x_range[0])
        area = core.width() * core.height() * scale * scale / self._ratio**2
        radius = self._ratio * dot_radius(len(self._points), area)
        return RasterRequest(self._points, frame, radius, self._hidden_labels(), self._table)

    def _draw_now(self, frame: Frame) -> MapPicture:
        pixels = picture(self.request(frame))
        assert pixels is not None
        return MapPicture.of(frame, pixels)

    def _redraw(self) -> None:
        """The codes or their colours have changed: the old picture is wrong, but with many codes better than none."""
        if len(self._points) <= AT_ONCE:
            self._picture = None
        else:
            self._ask()
        self.update()

    def _ask(self) -> None:
        """Ask the worker for what is in view."""
        box = self.getViewBox()
        if box is not None and not self._is_drawn_at_once:
            self._waiting = True
            transform = self.sceneTransform()
            self.picture_wanted.emit(self.request(self._frame(transform, self.boundingRect(), _BEYOND)))
