"""Draws all codes as one picture, so that items that move over it cost nothing.

`paint` draws few codes. The raster thread draws many codes, beyond the edges of the view. During a gesture the last picture is
shifted and scaled. A sharp picture follows when the view rests.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QTransform

from vae_explorer.codes import Labels
from vae_explorer.gui.kit.class_palette import ONE_CLASS, ClassPalette
from vae_explorer.gui.kit.theme import LIGHT, Theme, circle_colours, code_colours, place_colours, scale_colours
from vae_explorer.gui.map.picture import MapPicture
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.places import SIDE
from vae_explorer.latent.plane import IDENTITY, Plane
from vae_explorer.latent.raster import DENSITIES, LEVELS, Frame, RasterRequest, dot_radius, picture
from vae_explorer.latent.scale import draw_order
from vae_explorer.latent.tiles import Cloud, TiledPoints

AT_ONCE = 20_000  # codes that `paint` draws itself
CLASS, METRIC, CIRCLE, PLACE = "class", "metric", "circle", "place"
_AT_FIRST = 200_000  # codes that `paint` draws in the first frame, so that the window opens with them
_REST = 16  # milliseconds without a change after which the view rests
_BEYOND = 0.15  # of the view's size, drawn beyond each edge
_LEAST_BEYOND = 0.08  # with less left, a picture is asked for during the gesture
_STRETCH = 1.3  # with another scale than this factor, a picture is asked for too


class CodesItem(Guarded, pg.GraphicsObject):
    """The codes, coloured by class, by a scale or by place."""

    sorting_wanted = Signal(object)  # Cloud, too large to sort on the GUI thread
    codes_shown = Signal()  # the codes that were set last are on the map
    picture_wanted = Signal(object)  # RasterRequest

    def __init__(self) -> None:
        super().__init__()
        self._mean, self._label = np.zeros((0, 2), np.float32), np.zeros(0, np.uint8)
        self._near: NDArray[np.bool_] | None = None
        self._colour: NDArray[np.uint8] | None = None
        self._place: NDArray[np.uint8] | None = None
        self._step: NDArray[np.uint8] | None = None
        self._circular = False  # whether the steps are those of a circle
        self._drawn_by = CLASS  # what colours the sorted points
        self._knows_classes = True  # whether the sorted points carry classes, not numbers of colours
        self._plane = IDENTITY
        self._wanted = self._shown = Cloud(self._mean, self._label, self._plane)
        self._points = self._shown.tiled()
        self._hidden: frozenset[int] = frozenset()
        self._picture: MapPicture | None = None
        self._waiting = False
        self._asked: RasterRequest | None = None  # the newest request
        self._theme = LIGHT
        self._palette = ONE_CLASS
        self._set_table()
        self._ratio = 1.0
        self._rest = QTimer(self)
        self._rest.setObjectName("viewRest")
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(self._ask)
        self._sort_timer = QTimer(self)
        self._sort_timer.setSingleShot(True)
        self._sort_timer.setInterval(0)  # after a change of model, once every panel has the model
        self._sort_timer.timeout.connect(self._ask_for_order)

    def set_codes(
        self, mean: NDArray[np.float32], label: Labels, palette: ClassPalette, near: NDArray[np.bool_] | None = None
    ) -> None:
        """Show codes (n, 2) of classes (n,). Codes that are not `near` (n,) are drawn faintly."""
        self._mean, self._label, self._place, self._step, self._near = mean, label, None, None, near
        self._palette = palette
        # Sorted points have 8 bits for a class. Labels of 16 bits are replaced by the place of their colour.
        self._colour = None if label.dtype == np.uint8 else palette.places(label)
        delayed = bool(len(self._points))
        self._sort(AT_ONCE if delayed else _AT_FIRST, delayed)

    def set_plane(self, plane: Plane) -> None:
        self._plane, self._picture = plane, None
        self._shown = Cloud(self._mean[:0], self._label[:0], plane)
        self._points = self._shown.tiled()
        self._sort(AT_ONCE)
        self.update()

    def set_places(self, place: NDArray[np.uint8] | None) -> None:
        """Colour the codes by numbers of squares (n,), see `latent.places`. None: by step or class."""
        if place is not self._place:
            self._place = place
            self._sort(AT_ONCE)

    def set_steps(self, step: NDArray[np.uint8] | None, circular: bool = False) -> None:
        """Colour the codes by steps (n,) of a scale, or of a `Circle`, see `latent.scale`. None: by class."""
        if step is not self._step:
            self._step, self._circular = step, circular
            self._sort(AT_ONCE)

    @property
    def _number(self) -> NDArray[np.uint8] | None:
        """Numbers (n,) that choose the colours, or None for classes of 8 bits."""
        chosen = self._place if self._place is not None else self._step
        return self._colour if chosen is None else chosen

    @property
    def _coloured_by(self) -> str:
        if self._place is not None:
            return PLACE
        if self._step is None:
            return CLASS
        return CIRCLE if self._circular else METRIC

    def _sort(self, at_once: int, delayed: bool = False) -> None:
        """Sort up to `at_once` codes here, and more on the raster thread."""
        z, label, order, near = self._mean, self._label, None, self._near
        if self._number is not None:  # without classes, so hidden classes are left out here
            shown = ~np.isin(label, list(self._hidden))
            z, label, order = (
                self._mean[shown],
                self._number[shown],
                draw_order() if self._coloured_by in (METRIC, CIRCLE) else None,
            )
            near = None if near is None else near[shown]
        self._wanted = Cloud(z, label, self._plane, order, near)
        self._sort_timer.stop()
        if len(label) <= at_once:
            self.set_sorted(self._wanted, self._wanted.tiled())
        elif delayed:
            self._sort_timer.start()
        else:
            self._ask_for_order()

    @Slot()
    def _ask_for_order(self) -> None:
        self.sorting_wanted.emit(self._wanted)

    @Slot(object, object)
    def set_sorted(self, cloud: Cloud, points: TiledPoints) -> None:
        """Show sorted codes, unless `cloud` is outdated."""
        if cloud is not self._wanted:
            return
        if not len(self._points):
            self._picture = None  # an empty picture
        self._shown, self._points, self._waiting, self._drawn_by = cloud, points, False, self._coloured_by
        self._knows_classes = self._number is None
        self._set_table()
        self.codes_shown.emit()  # the view that follows the codes moves before their picture is asked for
        self._redraw()

    def set_hidden(self, labels: frozenset[int]) -> None:
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
        self._table = code_colours(self._theme, len(self._points), LEVELS + 1, DENSITIES, self._colours())

    def _colours(self) -> NDArray[np.float64]:
        """Return the colours (n, 3) of the numbers of the sorted points."""
        if self._drawn_by == CLASS:
            return self._class_colours()
        if self._drawn_by == PLACE:
            return place_colours(SIDE)
        return circle_colours(self._theme) if self._drawn_by == CIRCLE else scale_colours(self._theme)

    def _class_colours(self) -> NDArray[np.float64]:
        if self._colour is None:
            return self._palette.colours(max(len(self._palette.place), 1))  # a model may have no codes
        return self._palette.table_colours

    def _hidden_labels(self) -> frozenset[int]:
        return self._hidden if self._knows_classes else frozenset()

    @Slot(object, object)
    def set_picture(self, request: RasterRequest, pixels: NDArray[np.uint32]) -> None:
        self._waiting = False
        if request.points is self._points and request.hidden == self._hidden_labels() and request.table is self._table:
            self._picture = MapPicture.of(request.frame, pixels)
            self.update()

    @property
    def by_class(self) -> bool:
        return self._coloured_by == CLASS

    @property
    def by_place(self) -> bool:
        """Whether places colour the codes. Places come before metrics."""
        return self._coloured_by == PLACE

    @property
    def points(self) -> TiledPoints:
        return self._points

    @property
    def count(self) -> int:
        return len(self._points)

    @property
    def shows_latest(self) -> bool:
        return self._shown is self._wanted

    def is_sharp(self) -> bool:
        """Return whether the picture is of the current view and of the codes set last."""
        box, picture = self.getViewBox(), self._picture
        if box is None or picture is None or not self.shows_latest or self._waiting or self._rest.isActive():
            return False
        return picture.is_sharp(self.sceneTransform().m11() * self._ratio)

    @property
    def dropped(self) -> int:
        return self._points.dropped

    def extent(self) -> QRectF:
        points = self._points
        if not len(points):
            return QRectF()
        low, high = QPointF(points.x.min(), points.y.min()), QPointF(points.x.max(), points.y.max())
        return QRectF(low, high)

    def core(self) -> QRectF:
        """Return the rectangle that holds the codes without far outliers."""
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
            if not self._waiting and not self._covers_gesture:
                self._ask()

    @property
    def _covers_gesture(self) -> bool:
        """Whether the gesture can go on with this picture, without the raster thread."""
        view, picture = self.boundingRect(), self._picture
        if picture is None:
            return False
        across, along = _LEAST_BEYOND * view.width(), _LEAST_BEYOND * view.height()
        stretch = picture.stretch(abs(self.sceneTransform().m11()) * self._ratio)
        return picture.rect.contains(view.adjusted(-across, -along, across, along)) and 1 / _STRETCH < stretch < _STRETCH

    @property
    def _is_drawn_at_once(self) -> bool:
        """Whether `paint` draws the codes, and not the raster thread."""
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
        """Return the view and `beyond` times its size at each edge, in whole device pixels."""
        scale_x, scale_y = abs(transform.m11()) * self._ratio, abs(transform.m22()) * self._ratio
        width = max(1, round(rect.width() * (1 + 2 * beyond) * scale_x))
        height = max(1, round(rect.height() * (1 + 2 * beyond) * scale_y))
        left, top = rect.left() - beyond * rect.width(), rect.bottom() + beyond * rect.height()
        return Frame((left, left + width / scale_x), (top - height / scale_y, top), width, height)

    def request(self, frame: Frame) -> RasterRequest:
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
        if len(self._points) <= AT_ONCE:
            self._picture = None
        else:
            self._ask()
        self.update()

    def _ask(self) -> None:
        box = self.getViewBox()
        if box is not None and not self._is_drawn_at_once:
            was_waiting, self._waiting = self._waiting, True
            box.updateMatrix()  # else pyqtgraph moves the items with the next frame, and a second picture is needed
            request = self.request(self._frame(self.sceneTransform(), self.boundingRect(), _BEYOND))
            comes = was_waiting or (self._picture is not None and self._picture.frame == request.frame)
            if comes and self._asked is not None and request.asks_for_same(self._asked):
                self._waiting = was_waiting
                return
            self._asked = request
            self.picture_wanted.emit(request)
