"""The animation clock, alone and in the window."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core.player import Player
from vae_explorer.gui.kit.play_mode import LOOP, ONCE, PING_PONG
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .looking import PATIENCE, film_strip, find, image_view, run_action, settle, type_key


@pytest.fixture
def player(qapp: QObject) -> Iterator[Player]:
    """Four frames, four times as fast as usual."""
    owner = QObject()
    player = Player(owner)
    player.set_count(4)
    player.set_speed(4.0)
    yield player
    player.pause()


def played(qtbot: QtBot, player: Player, frames: int) -> list[int]:
    """The next `frames` frames."""
    seen: list[int] = []
    player.frame_changed.connect(seen.append)
    player.play()
    qtbot.waitUntil(lambda: len(seen) >= frames or not player.playing, timeout=PATIENCE)
    player.frame_changed.disconnect(seen.append)
    return seen[:frames]


@pytest.mark.parametrize(
    ("mode", "frames"),
    [(LOOP, [1, 2, 3, 0, 1, 2, 3, 0]), (PING_PONG, [1, 2, 3, 2, 1, 0, 1, 2]), (ONCE, [1, 2, 3])],
)
def test_that_each_way_to_play_steps_in_its_own_order(qtbot: QtBot, player: Player, mode: str, frames: list[int]) -> None:
    player.set_mode(mode)
    assert played(qtbot, player, 8) == frames
    assert player.playing == (mode != ONCE)


def test_that_playing_once_again_begins_at_the_start(qtbot: QtBot, player: Player) -> None:
    player.set_mode(ONCE)
    player.set_frame(3)
    assert played(qtbot, player, 8) == [0, 1, 2, 3]


def test_that_two_frames_ping_pong(qtbot: QtBot, player: Player) -> None:
    player.set_count(2)
    assert played(qtbot, player, 4) == [1, 0, 1, 0]


def test_that_nothing_plays_without_frames(player: Player) -> None:
    player.set_count(0)
    player.play()
    assert not player.playing
    player.set_frame(3)
    assert player.frame == 0


def test_that_the_frame_stays_where_it_was_on_the_way_when_their_number_changes(player: Player) -> None:
    player.set_count(11)
    player.set_frame(5)
    player.set_count(21)
    assert player.frame == 10
    player.set_count(2)
    assert player.frame in (0, 1)


def test_that_losing_the_frames_stops_the_clock(qtbot: QtBot, player: Player) -> None:
    player.play()
    with qtbot.waitSignal(player.playing_changed, timeout=PATIENCE) as told:
        player.set_count(0)
    assert told.args == [False]


def test_that_a_frame_out_of_range_is_the_nearest_one(player: Player) -> None:
    player.set_frame(99)
    assert player.frame == 3
    player.set_frame(-1)
    assert player.frame == 0


def lay_path(qtbot: QtBot, window: MainWindow) -> None:
    mouse.click(window.latent_view, (-1.2, -0.8))
    mouse.click(window.latent_view, (1.1, 0.9))
    settle(qtbot, window)


def test_that_space_plays_and_pauses_and_the_button_says_which(window: MainWindow, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    window.latent_view.setFocus()
    button = find(window, QToolButton, "path.play.button")
    for playing, word in ((True, "Pause"), (False, "Play")):
        type_key(qtbot, window, Qt.Key.Key_Space)
        assert window.session.workspace.player.playing == playing
        assert button.defaultAction().text().replace("&", "") == word


def test_that_the_play_button_is_pressed_by_mouse_and_by_space(window: MainWindow, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    button = find(window, QToolButton, "path.play.button")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.workspace.player.playing
    button.setFocus()
    type_key(qtbot, window, Qt.Key.Key_Space)
    assert not window.session.workspace.player.playing


def test_that_the_large_picture_shows_the_path_while_it_plays_and_the_cursor_when_the_mouse_moves(
    window: MainWindow, qtbot: QtBot
) -> None:
    lay_path(qtbot, window)
    run_action(window, "path.play")
    frames = film_strip(window.explorer).frames()
    qtbot.waitUntil(
        lambda: any(np.array_equal(image_view(window.explorer).image(), frame) for frame in frames[2:]), timeout=PATIENCE
    )
    with qtbot.waitSignal(window.session.cursor.decoded, timeout=PATIENCE) as answered:
        mouse.move_to(window.latent_view, (0.5, -1.0))
    np.testing.assert_array_equal(image_view(window.explorer).image(), answered.args[0].images[0])


def test_that_closing_a_window_that_plays_stops_its_clock(window: MainWindow, qtbot: QtBot) -> None:
    lay_path(qtbot, window)
    run_action(window, "path.play")
    window.close()
    assert not window.session.workspace.player.playing
