"""The map of the latent plane: codes, class labels and cursor; signals in latent coordinates. GUI thread only, knows no torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from vae_explorer.gui.theme import SMALL, Theme, font
from vae_explorer.gui.views.class_labels import ClassLabels
from vae_explorer.gui.views.codes_item import CodesItem
from vae_explorer.gui.views.map_axis import MapAxis

Z_MOSAIC, Z_CODES, Z_LABELS, Z_CURSOR, Z_PATH = -20, 0, 10, 20, 30
_SETTLE = 60  # milliseconds without a change after which the view counts as at rest
_STEP = 8  # pixels an arrow key moves the cursor
_MARGIN = 0.04
_WIDEST_LABEL = "-0.0000"
_NEAREST, _FARTHEST = 1e-4, 1e4  # latent units across the view; no posterior is narrower, no code farther away

# A decode takes a millisecond and only the latest is answered, so no mouse move needs to be dropped; a dropped one could be the last.
pg.setConfigOption("mouseRateLimit", -1)


class LatentView(pg.PlotWidget):
    """Maps the mouse to latent points and says so. What lies on the map is added by the overlays."""

    cursor_moved = Signal(object)  # (x, y); also where the map moved under a resting mouse
    mouse_moved = Signal()
    cursor_left = Signal()
    clicked = Signal(object, object)  # (x, y), Qt.KeyboardModifiers
    click_missed = Signal()  # a click that was meant for something else
    double_clicked = Signal(object)  # (x, y)
    codes_set = Signal(object, object)  # mean (n, 2), label (n,): what `set_codes` was given
    codes_dropped = Signal(int)  # how many codes are not finite numbers and so not on the map
    view_chosen = Signal()  # the person has zoomed, panned, centred or asked for all
    view_rested = Signal()  # the visible part of the plane has changed and stands still

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={side: MapAxis(side) for side in ("left", "bottom")})
        self.setObjectName("latentMap")
        self.setAccessibleName(self.tr("Map of the latent plane"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMenuEnabled(False)
        self.hideButtons()
        box = self.getViewBox()
        box.setAspectLocked(True)
        box.setDefaultPadding(0.0)
        box.setLimits(minXRange=_NEAREST, minYRange=_NEAREST, maxXRange=_FARTHEST, maxYRange=_FARTHEST)
        self.codes_item = CodesItem()
        self.codes_item.codes_shown.connect(self._on_codes_shown)
        self.class_labels = ClassLabels()
        self._cursor = pg.TargetItem(movable=False, size=18, symbol="crosshair")
        self._cursor.setZValue(Z_CURSOR)
        self._cursor.hide()
        self._mouse_at: QPointF | None = None  # in the scene; None while the mouse is elsewhere
        self._follows = True  # keeps the codes in view until the person zooms or pans
        self._company = QRectF()  # what else is to be in view: the codes of another map
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_SETTLE)
        self.add_layer(self.codes_item, Z_CODES)
        self.add_layer(self.class_labels, Z_LABELS)
        self.addItem(self._cursor, ignoreBounds=True)
        self._rest.timeout.connect(self.view_rested)
        box.sigRangeChanged.connect(self._on_range_changed)
        box.sigRangeChangedManually.connect(self._on_manual_range)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    # Setters

    def set_codes(self, mean: NDArray[np.float32], label: NDArray[np.uint8], names: tuple[str, ...] = ()) -> None:
        """Show codes (n, 2) of classes (n,); `names` by class for the labels at the centroids."""
        self.class_labels.set_codes(mean, label, names)
        self.class_labels.set_coloured(True)
        self.codes_item.set_codes(mean, label)
        self.codes_set.emit(mean, label)

    @Slot()
    def _on_codes_shown(self) -> None:
        if self._follows:
            self._show_core()
        if self.codes_item.dropped:
            self.codes_dropped.emit(self.codes_item.dropped)

    def set_places(self, place: NDArray[np.uint8] | None) -> None:
        """Colour the codes by place (n,), as `latent.places` counts them; None or other codes: by class."""
        self.class_labels.set_coloured(place is None)
        self.codes_item.set_places(place)

    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        self.codes_item.set_hidden(hidden)
        self.class_labels.set_hidden(hidden)

    def set_codes_visible(self, visible: bool) -> None:
        self.codes_item.setVisible(visible)

    def set_labels_visible(self, visible: bool) -> None:
        self.class_labels.setVisible(visible)

    def set_theme(self, theme: Theme) -> None:
        self.setBackground(theme.color("map"))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(theme.pen("border"))
            axis.setTextPen(theme.pen("muted"))
            axis.setStyle(tickFont=font(SMALL), tickLength=-4)  # whose sign says that ticks reach into the map
        self.codes_item.set_theme(theme)
        self._fix_axes()
        self._cursor.setPen(theme.pen("text", 1.2))
        self._cursor.setHoverPen(theme.pen("text", 1.5))
        self.class_labels.set_theme(theme)

    def follow(self) -> None:
        """Keep the codes in view from now on, until the next zoom or pan."""
        self._follows = True

    @property
    def follows(self) -> bool:
        return self._follows

    def _fix_axes(self) -> None:
        """Axes of one size, whatever their labels.

        An axis that grows with its labels changes the view, whose aspect is locked; that changes the labels, and so on without end.
        """
        metrics = QFontMetrics(font(SMALL))
        self.getAxis("left").setWidth(metrics.horizontalAdvance(_WIDEST_LABEL) + 8)
        self.getAxis("bottom").setHeight(metrics.height() + 8)

    def show_all(self) -> None:
        """Bring every code into view."""
        self._show(self.codes_item.extent())
        self._choose_view()

    def _show_core(self) -> None:
        self._show(self.codes_item.core())

    def _show(self, rect: QRectF) -> None:
        rect = rect.united(self._company)
        if rect.width() <= 0 or rect.height() <= 0:
            rect = QRectF(-3, -3, 6, 6)
        self.getViewBox().setRange(rect, padding=_MARGIN)

    def set_company(self, rect: QRectF) -> None:
        """What is to be in view whenever all codes are, beside them; an empty rectangle for nothing."""
        self._company = QRectF(rect)
        if self._follows:
            self._show_core()

    def centre_on(self, z: tuple[float, float]) -> None:
        rect = self.visible_rect()
        rect.moveCenter(QPointF(*z))
        self.getViewBox().setRange(rect, padding=0)
        self._choose_view()

    def look_around(self, z: tuple[float, float], reach: tuple[float, float]) -> None:
        """Bring into view what lies within `reach` of z in each coordinate."""
        rect = QRectF(0, 0, 2 * reach[0], 2 * reach[1])
        rect.moveCenter(QPointF(*z))
        self.getViewBox().setRange(rect, padding=_MARGIN)
        self._choose_view()

    def look_like(self, other: LatentView) -> None:
        """Show what `other` shows around the same middle, in the same scale."""
        box, scale = self.getViewBox(), other.units_per_pixel()
        rect = QRectF(0, 0, box.width() * scale, box.height() * scale)
        rect.moveCenter(other.visible_rect().center())
        box.setRange(rect, padding=0)
        self._follows = other.follows

    def kept_view(self) -> tuple[QRectF, bool]:
        """What `restore_view` takes to show the same again."""
        return self.visible_rect(), self._follows

    def restore_view(self, kept: tuple[QRectF, bool]) -> None:
        rect, self._follows = kept
        self.getViewBox().setRange(rect, padding=0)

    def _choose_view(self) -> None:
        self._follows = False
        self.view_chosen.emit()

    def set_cursor_point(self, z: tuple[float, float]) -> None:
        """Put the cross at a latent point."""
        self._cursor.setPos(*z)
        self._cursor.show()

    def add_layer(self, item: Any, z_value: float) -> None:
        """Lay an item on the map; it does not count for 'show all'."""
        item.setZValue(z_value)
        self.addItem(item, ignoreBounds=True)

    # Coordinates

    def pixel_of(self, z: tuple[float, float]) -> QPoint:
        """The pixel of `viewport()` under which latent point z lies."""
        pixel: QPoint = self.mapFromScene(self.getViewBox().mapViewToScene(QPointF(float(z[0]), float(z[1]))))
        return pixel

    def z_at(self, pixel: QPoint) -> tuple[float, float]:
        """The latent point under a pixel of `viewport()`."""
        point = self.getViewBox().mapSceneToView(self.mapToScene(pixel))
        return (point.x(), point.y())

    def visible_rect(self) -> QRectF:
        return QRectF(self.getViewBox().viewRect())

    def units_per_pixel(self) -> float:
        return float(self.getViewBox().viewPixelSize()[0])

    # Events

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._mouse_at = None
        self.cursor_left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        directions = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            at = self._cursor.pos()
            self.clicked.emit((at.x(), at.y()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
            return
        direction = directions.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
            return
        step = _STEP * self.units_per_pixel() * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        at = self._cursor.pos()
        self._move_cursor((at.x() + step * direction[0], at.y() + step * direction[1]))
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if getattr(self, "_follows", False):
            self._show_core()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The cursor first: what the scene does of a move takes a millisecond, and the decoder waits for this."""
        self._on_mouse_moved(self.mapToScene(event.position().toPoint()))
        self.mouse_moved.emit()
        super().mouseMoveEvent(event)

    def _on_mouse_moved(self, scene_point: QPointF) -> None:
        box = self.getViewBox()
        if box.sceneBoundingRect().contains(scene_point):
            self._mouse_at = QPointF(scene_point)
            point = box.mapSceneToView(scene_point)
            self._move_cursor((point.x(), point.y()))
        elif self._mouse_at is not None:
            self._mouse_at = None
            self.cursor_left.emit()

    def _move_cursor(self, z: tuple[float, float]) -> None:
        self.set_cursor_point(z)
        self.cursor_moved.emit(z)

    def _on_mouse_clicked(self, event: Any) -> None:
        box = self.getViewBox()
        outside = not box.sceneBoundingRect().contains(event.scenePos())
        if event.isAccepted() or event.button() != Qt.MouseButton.LeftButton or outside:
            self.click_missed.emit()
            return
        point = box.mapSceneToView(event.scenePos())
        z = (point.x(), point.y())
        if event.double():
            self.double_clicked.emit(z)
        else:
            self.clicked.emit(z, event.modifiers())

    def _on_range_changed(self, *_: object) -> None:
        self._rest.start()
        if self._mouse_at is not None:  # another latent point lies under the mouse now
            point = self.getViewBox().mapSceneToView(self._mouse_at)
            self._move_cursor((point.x(), point.y()))

    def _on_manual_range(self, *_: object) -> None:
        self._choose_view()
