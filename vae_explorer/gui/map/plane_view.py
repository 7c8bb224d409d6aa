"""The view of a plane: zoom limits, following codes, and coordinates. GUI thread only.

Latent points are called z. Rectangles, places and distances are in units of the plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPoint, QPointF, QRectF, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QWidget

from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.kit.theme import SMALL, Theme, font
from vae_explorer.gui.map.axis import MapAxis
from vae_explorer.gui.map.codes_item import CodesItem
from vae_explorer.gui.map.plane_edge import PlaneEdge
from vae_explorer.gui.runtime.guarded import Guarded
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import IDENTITY, PLANES, Plane

Z_EDGE, Z_CODES = -30, 0
_REST = 60  # milliseconds without a change after which the view rests
_MARGIN = 0.04
_WIDEST_LABEL = "-0.0000"
_DEFAULT_RECT = QRectF(-3, -3, 6, 6)  # in view without codes


@dataclass(frozen=True)
class KeptView(Kept):
    plane: str
    rect: tuple[float, float, float, float]  # left, top, width, height
    follows: bool


class PlaneView(Guarded, pg.PlotWidget):
    """A map of codes. Its plane places latent points; items store z."""

    kept_as = "view"
    plane_changed = Signal(object)  # Plane
    view_chosen = Signal()  # the person has zoomed, panned or centred
    view_rested = Signal()  # the view has changed and stands still

    def __init__(self, parent: QWidget | None = None) -> None:
        self._axes = {side: MapAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=self._axes)
        self._plane = IDENTITY
        self._previous: KeptView | None = None  # view of the previous plane, until the person chooses a view
        self._follows = True  # keep the codes in view until the person zooms or pans
        self._extra_rect = QRectF()  # codes of another map, to be in view too
        self._rest_timer = QTimer(self)
        self._rest_timer.setSingleShot(True)
        self._rest_timer.setInterval(_REST)
        self._rest_timer.timeout.connect(self.view_rested)
        box = self.getViewBox()
        for hidden in ("top", "right"):  # pyqtgraph 0.14 lays out hidden axes in each frame
            self.getAxis(hidden).unlinkFromView()
        box.setAspectLocked(True)
        box.setDefaultPadding(0.0)
        self._limit_zoom()
        self._edge = PlaneEdge()
        self.codes_item = CodesItem()
        self.codes_item.codes_shown.connect(self._on_codes_shown)
        self.add_layer(self._edge, Z_EDGE)
        self.add_layer(self.codes_item, Z_CODES)
        box.sigRangeChanged.connect(self._on_range_changed)
        box.sigRangeChangedManually.connect(self._on_manual_range)

    def add_layer(self, item: Any, z_value: float) -> None:
        item.setZValue(z_value)
        self.addItem(item, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(theme.color("map"))
        for axis in self._axes.values():
            axis.setPen(theme.pen("border"))
            axis.setTextPen(theme.pen("muted"))
            axis.setStyle(tickFont=font(SMALL), tickLength=-4)  # negative: ticks reach into the map
        self._edge.set_theme(theme)
        self.codes_item.set_theme(theme)
        self._fix_axes()

    def _fix_axes(self) -> None:
        """Fix the size of both axes.

        An axis that grows with its labels would change the view and so the labels, without end.
        """
        metrics = QFontMetrics(font(SMALL))
        self.getAxis("left").setWidth(metrics.horizontalAdvance(_WIDEST_LABEL) + 8)
        self.getAxis("bottom").setHeight(metrics.height() + 8)

    # The plane

    @property
    def plane(self) -> Plane:
        return self._plane

    def set_plane(self, plane: Plane) -> None:
        """Show another plane. The region in view stays, or all codes if followed."""
        if plane is self._plane:
            return
        before = self.kept()
        was_here = self._previous is not None and PLANES[self._previous.plane] is plane
        rect = QRectF(*self._previous.rect) if self._previous is not None and was_here else self._same_region(plane)
        self._plane, self._extra_rect = plane, QRectF()
        for axis in self._axes.values():
            axis.set_plane(plane)
        self._edge.set_plane(plane)
        self._limit_zoom()
        self._set_view(rect)
        self.codes_item.set_plane(plane)
        self._previous = before
        self.plane_changed.emit(plane)
        self._rest_timer.start()

    def _same_region(self, plane: Plane) -> QRectF:
        seen = self.visible_rect()
        corners = plane.to_view(self._plane.to_latent([[seen.left(), seen.top()], [seen.right(), seen.bottom()]]))
        rect = QRectF(QPointF(*corners[0].tolist()), QPointF(*corners[1].tolist()))
        return self._padded(self._everything(plane)) if self._follows or rect.isEmpty() else rect

    @staticmethod
    def _everything(plane: Plane) -> QRectF:
        if plane.whole is None:
            return QRectF(_DEFAULT_RECT)
        low, high = plane.whole
        return QRectF(low, low, high - low, high - low)

    def _limit_zoom(self) -> None:
        (least, most), reach = self._plane.span_limits, self._plane.reach
        ends = {"xMin": -reach, "xMax": reach, "yMin": -reach, "yMax": reach}
        self.getViewBox().setLimits(minXRange=least, minYRange=least, maxXRange=most, maxYRange=most, **ends)

    def _set_view(self, rect: QRectF) -> None:
        """Show `rect` within the limits. pyqtgraph's own limits lose small views far out."""
        sides = (rect.left(), rect.top(), rect.right(), rect.bottom())
        if all(math.isfinite(side) for side in sides):
            left, top, right, bottom = (min(max(side, -self._plane.reach), self._plane.reach) for side in sides)
            self.getViewBox().setRange(QRectF(left, top, right - left, bottom - top), padding=0)

    # The view

    def follow(self) -> None:
        self._follows = True

    @property
    def follows(self) -> bool:
        return self._follows

    def show_all(self) -> None:
        self._show(self.codes_item.extent())
        self._choose_view()

    def _show_core(self) -> None:
        self._show(self.codes_item.core())

    def _show(self, rect: QRectF) -> None:
        rect = rect if self._extra_rect.isNull() else rect.united(self._extra_rect)
        if self._plane.whole is not None or (rect.isNull() and not self.codes_item.count):
            rect = self._everything(self._plane)
        elif rect.width() <= 0 or rect.height() <= 0:  # codes at one place or on one line
            side = max(rect.width(), rect.height()) or _DEFAULT_RECT.width()
            middle, rect = rect.center(), QRectF(0, 0, side, side)
            rect.moveCenter(middle)
        self._set_view(self._padded(rect))

    @staticmethod
    def _padded(rect: QRectF) -> QRectF:
        x, y = _MARGIN * rect.width(), _MARGIN * rect.height()
        return rect.adjusted(-x, -y, x, y)

    def set_extra_rect(self, rect: QRectF) -> None:
        self._extra_rect = QRectF(rect)
        if self._follows:
            self._show_core()

    def centre_on(self, z: Point) -> None:
        rect = self.visible_rect()
        rect.moveCenter(self.place_of(z))
        self._set_view(rect)
        self._choose_view()

    def show_around(self, z: Point, reach: Point) -> None:
        corners = [[z[0] - reach[0], z[1] - reach[1]], [z[0] + reach[0], z[1] + reach[1]]]
        (left, low), (right, high) = self._plane.to_view(corners).tolist()
        self._set_view(self._padded(QRectF(left, low, right - left, high - low)))
        self._choose_view()

    def copy_view(self, other: PlaneView) -> None:
        self.set_plane(other.plane)
        box, scale = self.getViewBox(), other.units_per_pixel()
        rect = QRectF(0, 0, box.width() * scale, box.height() * scale)
        rect.moveCenter(other.visible_rect().center())
        self._set_view(rect)
        self._follows, self._previous = other.follows, None

    def kept(self) -> KeptView:
        rect = self.visible_rect()
        name = next(name for name, plane in PLANES.items() if plane is self._plane)
        return KeptView(name, (rect.left(), rect.top(), rect.width(), rect.height()), self._follows)

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptView)
        self.set_plane(PLANES[kept.plane])
        self._follows, self._previous = kept.follows, None
        self._set_view(QRectF(*kept.rect))

    def _choose_view(self) -> None:
        self._follows, self._previous = False, None
        self.view_chosen.emit()

    # Coordinates

    def place_of(self, z: Point) -> QPointF:
        return QPointF(*self._plane.to_view(z).tolist())

    def z_of(self, place: QPointF) -> Point:
        """Return the latent point at a place, at least half a pixel inside the plane."""
        x, y = self._plane.to_latent(self._plane.inside((place.x(), place.y()), 0.5 * self.units_per_pixel())).tolist()
        return (x, y)

    def pixel_of(self, z: Point) -> QPoint:
        """Return the pixel of `viewport()` at latent point z."""
        pixel: QPoint = self.mapFromScene(self.getViewBox().mapViewToScene(self.place_of(z)))
        return pixel

    def z_at(self, pixel: QPoint) -> Point:
        """Return the latent point at a pixel of `viewport()`."""
        return self.z_of(self.getViewBox().mapSceneToView(self.mapToScene(pixel)))

    @property
    def rests(self) -> bool:
        """Whether the view stands still, and `view_rested` has been emitted."""
        return not self._rest_timer.isActive()

    def visible_rect(self) -> QRectF:
        return QRectF(self.getViewBox().viewRect())

    def units_per_pixel(self) -> float:
        return float(self.getViewBox().viewPixelSize()[0])

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if getattr(self, "_follows", False) and not self.closed:
            self._show_core()

    @Slot()
    def _on_codes_shown(self) -> None:
        if self._follows:
            self._show_core()

    def _on_range_changed(self, *_: object) -> None:
        self._rest_timer.start()

    def _on_manual_range(self, *_: object) -> None:
        self._choose_view()
