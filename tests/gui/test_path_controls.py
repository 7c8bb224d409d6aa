"""Controls of one path in several places: what a person does in one place, all places show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.path.controls import PathControls
from vae_explorer.gui.features.path.presenter import PathControlsPresenter
from vae_explorer.gui.kit.play_mode import LOOP

from .leftovers import Watch
from .looking import find


@pytest.fixture
def workspace(application: QApplication, watch: Watch) -> Iterator[Workspace]:
    """A workspace with a path of 16 frames, which are decoded."""
    workspace = Workspace(())
    for z in ((0.0, 0.0), (1.0, 1.0)):
        workspace.path.click(z)
    workspace.player.set_count(16)
    yield workspace
    workspace.shut_down()
    workspace.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def controls_of(workspace: Workspace, qtbot: QtBot) -> PathControls:
    controls = PathControls()
    qtbot.addWidget(controls)
    PathControlsPresenter(controls, workspace)
    return controls


@pytest.fixture
def places(workspace: Workspace, qtbot: QtBot) -> list[PathControls]:
    return [controls_of(workspace, qtbot) for _ in range(2)]


def test_that_a_frame_chosen_in_one_place_is_shown_in_both(workspace: Workspace, places: list[PathControls]) -> None:
    sliders = [find(place, QSlider, "frameSlider") for place in places]
    QTest.keyClick(sliders[1], Qt.Key.Key_End)
    assert workspace.player.frame == 15
    assert [slider.value() for slider in sliders] == [15, 15]
    assert [find(place, QLabel, "frameT").text() for place in places] == ["t = 1.00"] * 2


def test_that_a_way_to_play_chosen_in_one_place_is_shown_in_both(workspace: Workspace, places: list[PathControls]) -> None:
    modes, speeds = ([find(place, QComboBox, name) for place in places] for name in ("playMode", "playSpeed"))
    QTest.keyClick(modes[0], Qt.Key.Key_Down)
    QTest.keyClick(speeds[1], Qt.Key.Key_Down)
    assert (workspace.player.mode, workspace.player.speed) == (LOOP, 2.0)
    assert [box.currentData() for box in modes] == [LOOP] * 2
    assert [box.currentData() for box in speeds] == [2.0] * 2


def test_that_frames_counted_in_one_place_are_shown_in_both(workspace: Workspace, places: list[PathControls]) -> None:
    counts = [find(place, QSpinBox, "frameCount") for place in places]
    QTest.keyClick(counts[0], Qt.Key.Key_Up)
    assert workspace.path.path.frames == 17
    assert [count.value() for count in counts] == [17, 17]


def test_that_a_slider_can_move_while_there_are_frames(workspace: Workspace, places: list[PathControls]) -> None:
    sliders = [find(place, QSlider, "frameSlider") for place in places]
    workspace.player.set_frame(3)
    workspace.path.clear()
    assert [(slider.isEnabled(), slider.value()) for slider in sliders] == [(False, 0)] * 2
    workspace.undo_stack.undo()
    workspace.player.set_count(5)
    assert [(slider.isEnabled(), slider.maximum()) for slider in sliders] == [(True, 4)] * 2


def test_that_new_controls_show_what_was_chosen_before(workspace: Workspace, qtbot: QtBot) -> None:
    workspace.player.set_frame(6)
    workspace.player.set_mode(LOOP)
    workspace.player.set_speed(0.5)
    workspace.path.set_frames(20)
    late = controls_of(workspace, qtbot)
    assert find(late, QSlider, "frameSlider").value() == 6
    assert find(late, QSpinBox, "frameCount").value() == 20
    assert find(late, QComboBox, "playMode").currentData() == LOOP
    assert find(late, QComboBox, "playSpeed").currentData() == 0.5
