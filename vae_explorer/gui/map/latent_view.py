"""The map with class names, cursor, mouse and keys. GUI thread only."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from vae_explorer.codes import Labels
from vae_explorer.gui.kit.class_palette import ClassPalette, palette_of
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import remove_controls
from vae_explorer.gui.map.class_labels import ClassLabels
from vae_explorer.gui.map.plane_view import PlaneView
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import Plane

Z_MOSAIC, Z_LABELS, Z_CURSOR, Z_PATH = -20, 10, 20, 30
_REACH = 9  # pixels within which the cursor hovers a code
_STEP = 8  # pixels that an arrow key moves the cursor

# pyqtgraph drops mouse moves above a rate, perhaps the last. The mailbox keeps the newest request anyway.
pg.setConfigOption("mouseRateLimit", -1)


class LatentView(PlaneView):
    cursor_moved = Signal(object, float)  # (x, y), `hover_reach`; also when the map moves under the mouse
    mouse_moved = Signal()
    cursor_left = Signal()
    clicked = Signal(object, object)  # (x, y), Qt.KeyboardModifiers
    click_missed = Signal()  # a click on an item, or with another button
    double_clicked = Signal(object)  # (x, y)
    codes_set = Signal(object, object)  # mean (n, 2), label (n,)
    recoloured = Signal()  # class, metric or place: `codes_item` says which
    codes_dropped = Signal(int)  # number of codes that no map can show

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("latentMap")
        self.setAccessibleName(self.tr("Map of the latent plane"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        remove_controls(self)
        self.class_labels = ClassLabels()
        self._cursor = pg.TargetItem(movable=False, size=18, symbol="crosshair")
        self._cursor.setZValue(Z_CURSOR)
        self._cursor.hide()
        self._cursor_point: Point = (0.0, 0.0)
        self._mouse_at: QPointF | None = None  # in the scene, or None off the map
        self._has_told_dropped = False  # once for each `set_codes`
        self._coloured_by = (True, False)  # class, place
        self.add_layer(self.class_labels, Z_LABELS)
        self.addItem(self._cursor, ignoreBounds=True)
        self.scene().sigMouseClicked.connect(self._on_mouse_clicked)

    # Setters

    def set_codes(
        self,
        mean: NDArray[np.float32],
        label: Labels,
        names: tuple[str, ...] = (),
        near: NDArray[np.bool_] | None = None,
        palette: ClassPalette | None = None,
    ) -> None:
        """Show codes (n, 2) of classes (n,) with these names, in the colours of `palette`, or in those of `palette_of`.

        Codes that are not `near` (n,) are drawn faintly.
        """
        self._has_told_dropped = False
        palette = palette or palette_of(label, names)
        self.class_labels.set_codes(mean, label, names, palette)
        self.codes_item.set_codes(mean, label, palette, near)
        self._note_colours()
        self.codes_set.emit(mean, label)

    @Slot()
    def _on_codes_shown(self) -> None:
        super()._on_codes_shown()
        if self.codes_item.dropped and not self._has_told_dropped:  # colours change more often
            self._has_told_dropped = True
            self.codes_dropped.emit(self.codes_item.dropped)

    def set_plane(self, plane: Plane) -> None:
        """Show another plane. The cursor keeps its latent point until the mouse moves."""
        self._mouse_at = None
        self.class_labels.set_plane(plane)
        super().set_plane(plane)
        self._cursor.setPos(self.place_of(self._cursor_point))

    def set_places(self, place: NDArray[np.uint8] | None) -> None:
        """Colour the codes by place, see `CodesItem`. Other codes reset this."""
        self.codes_item.set_places(place)
        self._note_colours()

    def set_steps(self, step: NDArray[np.uint8] | None, circular: bool = False) -> None:
        """Colour the codes by steps of a scale, see `CodesItem`. Other codes reset this."""
        self.codes_item.set_steps(step, circular)
        self._note_colours()

    def _note_colours(self) -> None:
        before, self._coloured_by = self._coloured_by, (self.codes_item.by_class, self.codes_item.by_place)
        if self._coloured_by != before:
            self.class_labels.set_coloured(self.codes_item.by_class)
            self.recoloured.emit()

    def set_hidden_classes(self, hidden: frozenset[int]) -> None:
        self.codes_item.set_hidden(hidden)
        self.class_labels.set_hidden(hidden)

    def set_codes_visible(self, visible: bool) -> None:
        self.codes_item.setVisible(visible)

    def set_labels_visible(self, visible: bool) -> None:
        self.class_labels.setVisible(visible)

    def set_theme(self, theme: Theme) -> None:
        super().set_theme(theme)
        self._cursor.setPen(theme.pen("text", 1.2))
        self._cursor.setHoverPen(theme.pen("text", 1.5))
        self.class_labels.set_theme(theme)

    def set_cursor_point(self, z: Point) -> None:
        self._cursor_point = z
        self._cursor.setPos(self.place_of(z))
        self._cursor.show()

    def hover_reach(self) -> float:
        return _REACH * self.units_per_pixel()

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
            self.clicked.emit(self._cursor_point, event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
            return
        direction = directions.get(Qt.Key(event.key()))
        if direction is None:
            super().keyPressEvent(event)
            return
        step = _STEP * self.units_per_pixel() * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        self._move_cursor(self.z_of(self.place_of(self._cursor_point) + QPointF(*direction) * step))
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the cursor first: the scene takes a millisecond, and the decoder waits."""
        self._on_mouse_moved(self.mapToScene(event.position().toPoint()))
        self.mouse_moved.emit()
        super().mouseMoveEvent(event)

    def _on_mouse_moved(self, scene_point: QPointF) -> None:
        box = self.getViewBox()
        if box.sceneBoundingRect().contains(scene_point):
            self._mouse_at = QPointF(scene_point)
            self._move_cursor(self.z_of(box.mapSceneToView(scene_point)))
        elif self._mouse_at is not None:
            self._mouse_at = None
            self.cursor_left.emit()

    def _move_cursor(self, z: Point) -> None:
        self.cursor_moved.emit(z, self.hover_reach())

    def _on_mouse_clicked(self, event: Any) -> None:
        box = self.getViewBox()
        outside = not box.sceneBoundingRect().contains(event.scenePos())
        if event.isAccepted() or event.button() != Qt.MouseButton.LeftButton or outside:
            self.click_missed.emit()
            return
        z = self.z_of(box.mapSceneToView(event.scenePos()))
        if event.double():
            self.double_clicked.emit(z)
        else:
            self.clicked.emit(z, event.modifiers())

    def _on_range_changed(self, *_: object) -> None:
        super()._on_range_changed()
        if self._mouse_at is not None:
            self._move_cursor(self.z_of(self.getViewBox().mapSceneToView(self._mouse_at)))
