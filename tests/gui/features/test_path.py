"""What the path panel says of the path and its player, below the window."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QSlider, QSpinBox
from pytestqt.qtbot import QtBot

from tests.gui.fakes import made_images
from tests.gui.looking import find, text_of
from tests.gui.made import of_five
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.path.film_strip import FilmStrip
from vae_explorer.gui.features.path.panel import PathPanel
from vae_explorer.gui.features.path.presenter import PathControlsPresenter, PathPresenter
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.play_mode import LOOP, ONCE, PING_PONG
from vae_explorer.latent.paths import Interpolation

A, B = (-1.0, 0.5), (1.0, 0.25)


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> PathPanel:
    panel = PathPanel()
    qtbot.addWidget(panel)
    PathPresenter(panel, session)
    PathControlsPresenter(panel.controls, session.workspace)
    return panel


def slider_of(panel: PathPanel) -> QSlider:
    return find(panel, QSlider, "frameSlider")


def lay_path(session: Session) -> None:
    for z in (A, B):
        session.frames.click(z)


def straight(frames: int) -> np.ndarray:
    """The images of the way from A to B."""
    z = [[(1 - t) * a + t * b for a, b in zip(A, B, strict=True)] for t in np.linspace(0, 1, frames)]
    return made_images(np.array(z, np.float32))


def test_that_the_strip_says_what_to_click(session: Session, panel: PathPanel) -> None:
    strip = find(panel, FilmStrip, "filmStrip")
    first = strip.accessibleDescription()
    assert first.startswith("Click two points")
    session.frames.click(A)
    assert strip.accessibleDescription().startswith("Click a second point")
    session.workspace.path.clear()
    assert strip.accessibleDescription() == first


def test_that_a_path_of_one_point_has_no_frames(session: Session, panel: PathPanel) -> None:
    session.frames.click(A)
    assert not len(panel.film_strip.frames())
    assert not slider_of(panel).isEnabled()
    session.frames.click(B)
    np.testing.assert_array_equal(panel.film_strip.frames(), straight(16))
    assert slider_of(panel).isEnabled()
    session.workspace.path.clear()
    assert not len(panel.film_strip.frames())
    assert not slider_of(panel).isEnabled()


@pytest.mark.parametrize("frames", [2, 120])
def test_that_a_path_may_have_from_2_to_120_frames(session: Session, panel: PathPanel, frames: int) -> None:
    lay_path(session)
    box = find(panel, QSpinBox, "frameCount")
    assert (box.minimum(), box.maximum()) == (2, 120)
    box.selectAll()
    QTest.keyClicks(box, str(frames))
    QTest.keyClick(box, Qt.Key.Key_Return)
    np.testing.assert_array_equal(panel.film_strip.frames(), straight(frames))
    assert slider_of(panel).maximum() == frames - 1
    session.workspace.undo_stack.undo()
    assert box.value() == len(panel.film_strip.frames()) == 16


def test_that_the_slider_is_t_and_shows_its_frame(session: Session, panel: PathPanel) -> None:
    lay_path(session)
    slider, frame = slider_of(panel), find(panel, ImageView, "pathFrame")
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_End, 15), (Qt.Key.Key_Left, 14)):
        QTest.keyClick(slider, key)
        assert slider.value() == session.workspace.player.frame == place
        assert text_of(panel, "frameT") == f"t = {place / 15:.2f}"
        np.testing.assert_array_equal(frame.image(), straight(16)[place])
    session.workspace.player.set_frame(3)  # as the clock does
    assert slider.value() == 3
    np.testing.assert_array_equal(frame.image(), straight(16)[3])


def test_that_mode_and_speed_are_those_of_the_player(session: Session, panel: PathPanel) -> None:
    mode, speed = find(panel, QComboBox, "playMode"), find(panel, QComboBox, "playSpeed")
    assert {mode.itemData(place) for place in range(mode.count())} == {LOOP, PING_PONG, ONCE}
    player = session.workspace.player
    for name in (ONCE, LOOP):
        mode.setCurrentIndex(mode.findData(name))
        mode.activated.emit(mode.currentIndex())
        assert player.mode == name
    before = player.speed
    speed.setCurrentIndex(speed.count() - 1)
    speed.activated.emit(speed.currentIndex())
    assert player.speed > before


def test_that_spherical_interpolation_is_offered_for_more_than_two_latents(session: Session, panel: PathPanel) -> None:
    box = find(panel, QComboBox, "interpolation")
    assert box.isHidden()
    assert session.model is not None
    session.show_model(of_five(session.model.file))
    assert not box.isHidden()
    lay_path(session)
    box.setCurrentIndex(box.findText("Spherical"))
    assert session.workspace.path.path.interpolation is Interpolation.SPHERICAL
    session.workspace.undo_stack.undo()
    assert box.currentText() == "Linear"


def test_that_the_strip_says_why_it_shows_no_path_of_another_space(session: Session, panel: PathPanel) -> None:
    assert session.model is not None
    lay_path(session)
    session.show_model(of_five(session.model.file))
    session.workspace.undo_stack.undo()
    strip = find(panel, FilmStrip, "filmStrip")
    assert strip.accessibleDescription().startswith("The path lies in a space of 2 latents")
    assert not len(strip.frames())
