"""Real mouse events for a map. Offscreen, QTest.mouseMove does not reach a pyqtgraph scene, so events go to the viewport itself.

Never send two moves to the same pixel: the scene takes the second one for no move at all.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from vae_explorer.gui.map.latent_view import LatentView

Z = tuple[float, float]
LEFT, NO_BUTTON = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
NO_KEYS = Qt.KeyboardModifier.NoModifier
_Kind = QEvent.Type


def move_to(view: LatentView, z: Z, held: Qt.MouseButton = NO_BUTTON, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    """Move over z, with button `held` down. Returns the latent point of the pixel that was hit."""
    return _send(view, _Kind.MouseMove, view.pixel_of(z), NO_BUTTON, held, keys)


def press(view: LatentView, z: Z, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    return _send(view, _Kind.MouseButtonPress, view.pixel_of(z), LEFT, LEFT, keys)


def release(view: LatentView, z: Z, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    return _send(view, _Kind.MouseButtonRelease, view.pixel_of(z), LEFT, NO_BUTTON, keys)


def click(view: LatentView, z: Z, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    move_to(view, z, keys=keys)
    press(view, z, keys)
    return release(view, z, keys)


def double_click(view: LatentView, z: Z, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    """What a system sends: press, release, double click, release."""
    hit = click(view, z, keys)
    pixel = view.pixel_of(z)
    _send(view, _Kind.MouseButtonDblClick, pixel, LEFT, LEFT, keys)
    _send(view, _Kind.MouseButtonRelease, pixel, LEFT, NO_BUTTON, keys)
    return hit


def drag(view: LatentView, start: Z, end: Z, steps: int = 5, keys: Qt.KeyboardModifier = NO_KEYS) -> Z:
    """Press at `start`, move in `steps` pixels-wise even steps to `end`, release there."""
    first, last = view.pixel_of(start), view.pixel_of(end)
    _send(view, _Kind.MouseMove, first, NO_BUTTON, NO_BUTTON, keys)
    _send(view, _Kind.MouseButtonPress, first, LEFT, LEFT, keys)
    for share in np.linspace(0, 1, steps + 1)[1:]:
        pixel = first + (last - first) * float(share)
        _send(view, _Kind.MouseMove, pixel, NO_BUTTON, LEFT, keys)
    return _send(view, _Kind.MouseButtonRelease, last, LEFT, NO_BUTTON, keys)


def leave(view: LatentView) -> None:
    """The mouse leaves the map: Qt tells the viewport and the view."""
    for widget in (view.viewport(), view):
        QApplication.sendEvent(widget, QEvent(_Kind.Leave))


def wheel(view: LatentView, z: Z, notches: int) -> None:
    """Turn the wheel over z; positive zooms in."""
    pixel = view.pixel_of(z)
    move_to(view, z)
    event = QWheelEvent(
        QPointF(pixel),
        QPointF(view.viewport().mapToGlobal(pixel)),
        QPoint(),
        QPoint(0, 120 * notches),
        NO_BUTTON,
        NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def _send(
    view: LatentView, kind: QEvent.Type, pixel: QPoint, button: Qt.MouseButton, held: Qt.MouseButton, keys: Qt.KeyboardModifier
) -> Z:
    hit = view.z_at(pixel)
    viewport = view.viewport()
    event = QMouseEvent(kind, QPointF(pixel), QPointF(viewport.mapToGlobal(pixel)), button, held, keys)
    QApplication.sendEvent(viewport, event)
    return hit
