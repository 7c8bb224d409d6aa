"""Codes far out, in one place, in a hair's breadth, or none: the map shows what it can, and says what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent.plane import EQUAL_PROBABILITY, FAR, IDENTITY

from .looking import PATIENCE

NUMBER = 300
CLOUDS = {
    "one far": lambda mean: np.concatenate([mean[:-1], [[1e18, 0.0]]]),
    "one at the end of float32": lambda mean: np.concatenate([mean[:-1], [[-3e38, 3e38]]]),
    "one infinite": lambda mean: np.concatenate([mean[:-1], [[np.inf, 0.0]]]),
    "one no number": lambda mean: np.concatenate([mean[:-1], [[np.nan, 0.0]]]),
    "all far": lambda mean: mean * 1e30,
    "all near the end of the map": lambda mean: mean * FAR / 10,
    "all in one place": lambda mean: mean * 0 + 5.0,
    "all in one far place": lambda mean: mean * 0 + 1e5,
    "all on one line": lambda mean: mean * [0.0, 1.0] + [7.0, 0.0],
    "denormal": lambda mean: mean * 1e-44,
    "one": lambda mean: mean[:1],
    "none": lambda mean: mean[:0],
}


def cloud(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (n, 2) and their classes (n,)."""
    mean = CLOUDS[name](np.clip(np.random.default_rng(0).normal(size=(NUMBER, 2)), -3, 3)).astype(np.float32)
    return mean, (np.arange(len(mean)) % 10).astype(np.uint8)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LatentView]:
    """An empty map, on screen."""
    view = LatentView()
    view.resize(400, 300)
    with qtbot.waitExposed(view):
        view.show()
    yield view
    qtbot.waitUntil(lambda: view.rests, timeout=PATIENCE)
    view.close()
    view.deleteLater()


def turn_wheel(view: LatentView, notches: int, at: QPoint) -> None:
    scene, angle = view.viewport().mapToGlobal(at), QPoint(0, 120 * notches)
    event = QWheelEvent(
        QPointF(at),
        QPointF(scene),
        QPoint(),
        angle,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)


def is_sound(view: LatentView) -> bool:
    """Whether the view is a rectangle in which neighbouring pixels have places of their own."""
    rect, pixel = view.visible_rect(), view.units_per_pixel()
    sides = np.array([rect.left(), rect.right(), rect.top(), rect.bottom()])
    return bool(np.isfinite(sides).all() and pixel > 0 and (sides[::2] + pixel < sides[1::2]).all())


@pytest.mark.parametrize("name", CLOUDS)
def test_that_codes_are_drawn_or_counted_as_left_out(view: LatentView, name: str) -> None:
    mean, label = cloud(name)
    view.set_codes(mean, label, tuple("0123456789"))
    shown = (np.abs(mean.astype(np.float64)) <= FAR).all(axis=1)
    assert (view.codes_item.count, view.codes_item.dropped) == (shown.sum(), len(mean) - shown.sum())
    for plane in (EQUAL_PROBABILITY, IDENTITY):
        view.set_plane(plane)
        assert view.codes_item.dropped == len(mean) - shown.sum()
        view.grab()
        assert is_sound(view)
    view.show_all()
    assert is_sound(view)
    assert all(view.visible_rect().contains(*point) for point in mean[shown].tolist())


@pytest.mark.parametrize("name", ["one far", "all in one place", "denormal", "none"])
def test_that_the_wheel_can_be_turned_for_ever(view: LatentView, name: str) -> None:
    view.set_codes(*cloud(name))
    for notches in (15, -15):
        for corner in (QPoint(60, 10), QPoint(390, 250)):
            for _ in range(120):
                turn_wheel(view, notches, corner)
            view.grab()
            assert is_sound(view)


@pytest.mark.parametrize("z", [(1e18, 0.0), (1e300, -1e300), (np.inf, 0.0), (np.nan, 0.0), (5e-324, 0.0)])
def test_that_a_view_goes_as_far_as_the_map_does(view: LatentView, z: tuple[float, float]) -> None:
    view.set_codes(*cloud("one far"))
    for go in (
        view.centre_on,
        lambda point: view.show_around(point, (1e-40, 1e40)),
        lambda point: view.show_around(point, (0, 0)),
    ):
        go(z)
        view.set_cursor_point(z)
        view.grab()
        assert is_sound(view)


def test_that_the_window_says_how_many_codes_are_not_shown(window: MainWindow) -> None:
    window.latent_view.set_codes(*cloud("one far"))
    assert window.explorer.map_area.banner.text() == "1 of 300 codes are no numbers or lie beyond ±1e6, and are not shown."


def test_that_the_window_says_that_no_code_is_shown(window: MainWindow) -> None:
    window.latent_view.set_codes(*cloud("all far"))
    words = "All 300 codes are no numbers or lie beyond ±1e6: the map leaves them out, and Health cannot split the KL term."
    assert window.explorer.map_area.banner.text() == words
