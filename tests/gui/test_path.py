"""Paths made, moved and cleared with the mouse, and taken back with the keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from vae_explorer.codes import Codes
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel

from . import mouse
from .looking import (
    PATIENCE,
    decoded,
    film_strip,
    items,
    lonely_code,
    nearest,
    point,
    settle,
    type_key,
)

A, B, C = (-1.2, -0.8), (1.1, 0.9), (0.2, -1.4)
CONTROL = Qt.KeyboardModifier.ControlModifier


def lay_path(qtbot: QtBot, window: MainWindow, start: mouse.Z = A, end: mouse.Z = B) -> tuple[mouse.Z, mouse.Z]:
    """Click, click; the endpoints that were hit."""
    ends = mouse.click(window.latent_view, start), mouse.click(window.latent_view, end)
    settle(qtbot, window)
    return ends


def straight(start: mouse.Z, end: mouse.Z, frames: int) -> np.ndarray:
    """z(t) = (1 − t)·z0 + t·z1, worked out frame by frame."""
    return np.array([[(1 - t) * a + t * b for a, b in zip(start, end, strict=True)] for t in np.linspace(0, 1, frames)])


def test_that_two_clicks_make_a_film_strip_of_the_straight_line(window: MainWindow, model: TrainedModel, qtbot: QtBot) -> None:
    ends = lay_path(qtbot, window)
    assert window.session.workspace.path.path.points == ends
    assert window.session.workspace.path.path.is_complete
    np.testing.assert_array_equal(film_strip(window.explorer).frames(), decoded(model, straight(*ends, 16)))
    letters = [item for item in items(window, EndpointItem) if item.isVisible()]
    np.testing.assert_allclose(sorted((item.pos().x(), item.pos().y()) for item in letters), sorted(ends))


def test_that_a_third_click_begins_a_new_path(window: MainWindow, model: TrainedModel, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    third = mouse.click(window.latent_view, C)
    settle(qtbot, window)
    assert window.session.workspace.path.path.points == (third,)
    assert len(film_strip(window.explorer).frames()) == 0
    assert len([item for item in items(window, EndpointItem) if item.isVisible()]) == 1
    fourth = mouse.click(window.latent_view, A)
    settle(qtbot, window)
    np.testing.assert_array_equal(film_strip(window.explorer).frames(), decoded(model, straight(third, fourth, 16)))


def test_that_a_click_on_the_film_strip_chooses_that_frame(window: MainWindow, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    strip = film_strip(window.explorer)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() - 6, strip.height() // 2))
    assert window.session.workspace.player.frame == 15
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(6, strip.height() // 2))
    assert window.session.workspace.player.frame == 0


def test_that_escape_clears_the_path(window: MainWindow, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    type_key(qtbot, window, Qt.Key.Key_Escape)
    settle(qtbot, window)
    assert window.session.workspace.path.path.points == ()
    assert len(film_strip(window.explorer).frames()) == 0
    assert not [item for item in items(window, EndpointItem) if item.isVisible()]


def test_that_dragging_an_endpoint_moves_it_and_is_one_step_to_undo(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    start, end = lay_path(qtbot, window)
    steps = window.session.workspace.undo_stack.count()
    mouse.drag(window.latent_view, end, C, steps=20)
    settle(qtbot, window)
    moved = window.session.workspace.path.path.points
    assert moved[0] == start
    assert moved[1] == pytest.approx(C, abs=2 * window.latent_view.units_per_pixel())
    assert window.session.workspace.undo_stack.count() == steps + 1
    np.testing.assert_array_equal(film_strip(window.explorer).frames(), decoded(model, straight(*moved, 16)))
    type_key(qtbot, window, Qt.Key.Key_Z, CONTROL)
    settle(qtbot, window)
    assert window.session.workspace.path.path.points == (start, end)
    np.testing.assert_array_equal(film_strip(window.explorer).frames(), decoded(model, straight(start, end, 16)))


def test_that_dragging_while_it_plays_moves_the_path_and_it_goes_on_playing(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    view, player = window.latent_view, window.session.workspace.player
    start, end = lay_path(qtbot, window)
    type_key(qtbot, window, Qt.Key.Key_Space)
    assert player.playing
    mouse.move_to(view, end)
    mouse.press(view, end)
    for z in straight(end, C, 8)[1:]:
        with qtbot.waitSignal(player.frame_changed, timeout=PATIENCE):
            mouse.move_to(view, (z[0], z[1]), held=mouse.LEFT)
    mouse.release(view, C)
    settle(qtbot, window)
    assert player.playing
    points = window.session.workspace.path.path.points
    assert points[0] == start
    assert points[1] == pytest.approx(C, abs=2 * view.units_per_pixel())
    np.testing.assert_array_equal(film_strip(window.explorer).frames()[[0, -1]], decoded(model, points))
    seen = player.frame
    qtbot.waitUntil(lambda: player.frame != seen, timeout=PATIENCE)


def test_that_an_endpoint_dragged_or_clicked_with_control_snaps_to_a_code(
    window: MainWindow, codes: Codes, qtbot: QtBot
) -> None:
    view = window.latent_view
    start, end = lay_path(qtbot, window)
    index = lonely_code(window, codes)
    mouse.drag(view, end, point(codes, index), keys=CONTROL)
    assert window.session.workspace.path.path.points == (start, point(codes, index))
    mouse.click(view, C, CONTROL)
    assert window.session.workspace.path.path.points == (point(codes, nearest(codes, view.z_at(view.pixel_of(C)))),)


def test_that_a_double_click_centres_the_map_and_leaves_no_endpoint_and_no_step(window: MainWindow, qtbot: QtBot) -> None:
    view = window.latent_view
    before = view.visible_rect()
    hit = mouse.double_click(view, B)
    settle(qtbot, window)
    after = view.visible_rect()
    assert (after.center().x(), after.center().y()) == pytest.approx(hit, abs=view.units_per_pixel())
    assert (after.width(), after.height()) == pytest.approx((before.width(), before.height()))
    assert window.session.workspace.path.path.points == ()
    assert not window.session.workspace.undo_stack.canUndo()
    assert not window.session.workspace.undo_stack.canRedo()


def test_that_a_double_click_brings_a_complete_path_back(window: MainWindow, model: TrainedModel, qtbot: QtBot) -> None:
    ends = lay_path(qtbot, window)
    mouse.double_click(window.latent_view, C)
    settle(qtbot, window)
    assert window.session.workspace.path.path.points == ends
    np.testing.assert_array_equal(film_strip(window.explorer).frames(), decoded(model, straight(*ends, 16)))


@pytest.mark.parametrize("keys", [Qt.KeyboardModifier.ShiftModifier, CONTROL])
def test_that_a_double_click_with_a_key_held_leaves_the_endpoint_placed_before(
    window: MainWindow, keys: Qt.KeyboardModifier
) -> None:
    first = mouse.click(window.latent_view, A)
    mouse.double_click(window.latent_view, C, keys)
    assert window.session.workspace.path.path.points == (first,)


def test_that_a_double_click_on_an_endpoint_centres_the_map_and_leaves_the_path(window: MainWindow, qtbot: QtBot) -> None:
    ends = lay_path(qtbot, window)
    steps = window.session.workspace.undo_stack.count()
    mouse.double_click(window.latent_view, ends[1])
    centre = window.latent_view.visible_rect().center()
    assert (centre.x(), centre.y()) == pytest.approx(ends[1], abs=window.latent_view.units_per_pixel())
    assert window.session.workspace.path.path.points == ends
    assert window.session.workspace.undo_stack.count() == steps


def test_that_a_third_click_right_on_the_path_begins_a_new_one(window: MainWindow, qtbot: QtBot) -> None:
    ends = lay_path(qtbot, window)
    dot = straight(*ends, 16)[6]
    third = mouse.click(window.latent_view, (dot[0], dot[1]))
    assert window.session.workspace.path.path.points == (third,)


def test_that_a_click_on_an_endpoint_places_nothing(window: MainWindow, qtbot: QtBot) -> None:
    ends = lay_path(qtbot, window)
    mouse.click(window.latent_view, ends[0])
    assert window.session.workspace.path.path.points == ends
