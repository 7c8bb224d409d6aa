"""The mouse and the arrow keys over the map, and what the decoder panel says of it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel

from . import mouse
from .looking import decoded, image_view, settle, text_of, type_key


def test_that_hovering_shows_exactly_what_the_model_decodes_there(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    pictures = []
    for z in ((-1.0, 0.5), (0.8, -0.9), (2.0, 1.0)):
        hit = mouse.move_to(window.latent_view, z)
        settle(qtbot, window)
        assert window.session.cursor.state.z == hit
        np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, hit)[0])
        pictures.append(image_view(window.explorer).image())
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


def test_that_after_a_flood_of_moves_the_picture_is_that_of_the_last_one(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    for angle in np.linspace(0, 40, 400):
        hit = mouse.move_to(window.latent_view, (2 * np.cos(angle), 1.5 * np.sin(angle)))
        if round(angle * 10) % 7 == 0:
            QApplication.processEvents()
    settle(qtbot, window)
    assert window.session.cursor.state.z == hit
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, hit)[0])


def test_that_the_last_picked_point_comes_back_when_the_mouse_leaves(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    picked = mouse.click(window.latent_view, (0.6, 0.4))
    mouse.move_to(window.latent_view, (-1.5, -1.0))
    settle(qtbot, window)
    mouse.leave(window.latent_view)
    settle(qtbot, window)
    assert window.session.cursor.state.z == picked
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, picked)[0])
    assert text_of(window, "decodedSource") == "last picked point"


def test_that_moving_off_the_plane_onto_an_axis_counts_as_leaving(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    mouse.move_to(window.latent_view, (-1.5, -1.0))
    mouse.move_to(window.latent_view, window.latent_view.z_at(QPoint(3, 300)))
    settle(qtbot, window)
    assert window.session.cursor.state.z == (0.0, 0.0)
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, (0.0, 0.0))[0])


def test_that_an_arrow_key_moves_the_cursor_its_way_and_shift_ten_times_as_far(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    keys = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
    window.latent_view.setFocus()
    for key, direction in keys.items():
        before = np.array(window.session.cursor.state.z)
        type_key(qtbot, window, key)
        first = np.array(window.session.cursor.state.z)
        type_key(qtbot, window, key, Qt.KeyboardModifier.ShiftModifier)
        second = np.array(window.session.cursor.state.z)
        assert np.sign(np.round(first - before, 9)).tolist() == list(direction)
        np.testing.assert_allclose(second - first, 10 * (first - before), atol=1e-9)
    settle(qtbot, window)
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, second)[0])


def test_that_a_key_that_qt_has_no_name_for_is_let_through(window: MainWindow) -> None:
    for key in (0x0424, 0, 0x01FFFFFF):  # a Cyrillic letter, none, unknown
        event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, "ф")
        QApplication.sendEvent(window.latent_view, event)
    assert window.session.cursor.state.z == (0.0, 0.0)


def test_that_only_a_picture_that_covers_its_place_leaves_out_what_is_below(qtbot: QtBot) -> None:
    view = ImageView("picture", "a picture")
    qtbot.addWidget(view)
    view.resize(60, 60)
    view.show()

    def covers() -> bool:
        return view.testAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    assert not covers()
    view.set_image(np.zeros((8, 8, 1), np.uint8))
    assert covers()
    view.set_image(np.zeros((20, 28, 1), np.uint8))
    assert not covers()
    view.set_image(np.zeros((8, 8, 1), np.uint8))
    view.resize(90, 60)
    assert not covers()
    view.resize(40, 40)
    assert covers()
    view.set_image(None)
    assert not covers()
