"""The pad on a model of coloured images, driven by mouse and keyboard."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QMenu
from pytestqt.qtbot import QtBot

from tests.gui.drawing import hide, press, stroke
from tests.gui.looking import PATIENCE, find, settle
from tests.gui.test_colour import pixels_of
from tests.tints import write_tints
from vae_explorer.gui.features.draw.pad import SCALE, DrawPad
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.kit.colour_button import ColourButton
from vae_explorer.gui.main_window import MainWindow

from .conftest import OpenWindow

pytestmark = pytest.mark.qt_log_ignore(  # the offscreen platform, of a menu that opens
    "does not support (propagateSizeHints|raise|grabbing the keyboard)", extend=True
)
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def coloured(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    window = open_window(write_tints(tmp_path))
    window.explorer.docks.show("drawDock", True)
    qtbot.waitUntil(find(window, DrawPad, "drawPad").isVisible, timeout=PATIENCE)
    settle(qtbot, window)
    return window


def choose(window: MainWindow, qtbot: QtBot, downs: int) -> None:
    """Open the menu of colours with Space, and take the entry so many arrow keys below the first."""
    button = find(window, ColourButton, "draw.colour")
    menu = button.findChild(QMenu)
    assert menu is not None
    button.setFocus()

    def take() -> None:
        """Runs inside the menu's own loop."""
        for _ in range(downs + 1):
            QTest.keyClick(menu, Qt.Key.Key_Down)
        QTest.keyClick(menu, Qt.Key.Key_Return)

    menu.aboutToShow.connect(lambda: QTimer.singleShot(0, take), Qt.ConnectionType.SingleShotConnection)
    QTest.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: not menu.isVisible(), timeout=PATIENCE)


def test_that_the_pen_draws_in_the_colour_that_the_keyboard_chose(coloured: MainWindow, qtbot: QtBot) -> None:
    pad = find(coloured, DrawPad, "drawPad")
    choose(coloured, qtbot, 1)
    stroke(pad, (0.6, 0.1), (0.6, 0.9))
    column = int(0.6 * 8 * SCALE)
    assert pad.canvas()[4 * SCALE, column].tolist() == list(RED)
    shown = pixels_of(pad)
    assert shown[shown.shape[0] // 2, round(0.6 * shown.shape[1])].tolist() == list(RED)
    assert pad.image()[..., 1:].max() == 0


def test_that_edges_of_a_colour_are_as_soft_as_those_of_white(coloured: MainWindow) -> None:
    pad = find(coloured, DrawPad, "drawPad")
    stroke(pad, (0.3, 0.2), (0.8, 0.7))
    white = pad.canvas()
    press(coloured, "clear")
    coloured.explorer.panel(DrawPanel).brush.choose(QColor(*RED))
    stroke(pad, (0.3, 0.2), (0.8, 0.7))
    assert np.array_equal(pad.canvas()[..., 0], white[..., 0])
    assert (white == white[..., :1]).all()
    assert not pad.canvas()[..., 1:].any()


def test_that_a_colour_covers_another_and_the_eraser_both(coloured: MainWindow) -> None:
    pad, panel = find(coloured, DrawPad, "drawPad"), coloured.explorer.panel(DrawPanel)
    for colour in (RED, BLUE):
        panel.brush.choose(QColor(*colour))
        stroke(pad, (0.1, 0.5), (0.9, 0.5))
    middle = 4 * SCALE
    assert pad.canvas()[middle, middle].tolist() == list(BLUE)
    press(coloured, "eraser")
    stroke(pad, (0.1, 0.5), (0.9, 0.5))
    assert pad.canvas()[middle, middle].tolist() == [0, 0, 0]
    panel.brush.choose(QColor(*RED))  # takes the pen up again
    stroke(pad, (0.1, 0.5), (0.9, 0.5))
    assert pad.canvas()[middle, middle].tolist() == list(RED)


def test_that_any_colour_can_be_asked_for(coloured: MainWindow, qtbot: QtBot) -> None:
    choose(coloured, qtbot, 10)
    dialog = find(coloured, QColorDialog, "colourDialog")
    dialog.setCurrentColor(QColor(10, 120, 230))
    dialog.accept()
    pad = find(coloured, DrawPad, "drawPad")
    stroke(pad, (0.1, 0.5), (0.9, 0.5))
    assert pad.canvas()[4 * SCALE, 4 * SCALE].tolist() == [10, 120, 230]


def test_that_hidden_pixels_hold_for_all_channels_and_are_filled_in_colour(coloured: MainWindow, qtbot: QtBot) -> None:
    """All that is seen is red, so the pixels that are hidden are filled with red, under a veil."""
    pad = find(coloured, DrawPad, "drawPad")
    coloured.explorer.panel(DrawPanel).brush.choose(QColor(*RED))
    for place in np.linspace(0.05, 0.95, 8):
        stroke(pad, (0.45, place), (0.95, place))
    with qtbot.waitSignal(
        coloured.session.part(ImageAnalysis).posterior_found,
        timeout=PATIENCE,
        check_params_cb=lambda found: found is not None and found.fillings is not None,
    ) as answer:
        hide(coloured, (0.75,))
    fillings = answer.args[0].fillings
    hidden = pad.hidden()
    assert hidden.any()
    assert fillings.hidden.shape == (8, 8)
    right = hidden.copy()
    right[:, :3] = False
    assert fillings.expected[right][:, 0].min() > 200
    assert fillings.expected[right][:, 1].max() < 55


def test_that_a_grey_model_is_offered_no_colours(window: MainWindow, qtbot: QtBot) -> None:
    window.explorer.docks.show("drawDock", True)
    pad = find(window, DrawPad, "drawPad")
    qtbot.waitUntil(pad.isVisible, timeout=PATIENCE)
    assert find(window, ColourButton, "draw.colour").isHidden()
    pad.colour = RED  # of another map's model
    stroke(pad, (0.1, 0.5), (0.9, 0.5))
    assert pad.canvas().max() == 255


def test_that_the_button_says_what_it_is_for(coloured: MainWindow) -> None:
    button = find(coloured, ColourButton, "draw.colour")
    assert button.isVisible()
    assert button.toolTip() == "Choose the colour of the pen"
    assert button.accessibleName() == button.toolTip()
    coloured.explorer.panel(DrawPanel).brush.choose(QColor(*BLUE))
    assert button.accessibleDescription() == "#0000ff"
