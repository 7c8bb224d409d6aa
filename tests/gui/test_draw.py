"""Draw and erase: what is drawn goes under the lens, and hidden pixels let the true posterior bloom."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui.looking import PATIENCE, find, settle
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.views.draw_pad import DrawPad
from vae_explorer.gui.workers.lens_thread import LensPosterior

Found = list[LensPosterior]


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    """With the pad in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("drawDock", True)
    qtbot.waitUntil(find(made, DrawPad, "drawPad").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


@pytest.fixture
def found(window: MainWindow) -> Found:
    """What the lens has answered."""
    answers: Found = []
    window.session.lens.posterior_found.connect(lambda answer: answers.append(answer) if answer is not None else None)
    return answers


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(find(window, QAbstractButton, f"draw.{name}"), Qt.MouseButton.LeftButton)


def stroke(pad: DrawPad, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the pad to another, as shares of its sides."""
    side = min(pad.width(), pad.height())
    left = (pad.width() - side) // 2
    first, last = (QPoint(left + round(x * side), round(y * side)) for x, y in (start, end))
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=first)
    for share in np.linspace(0, 1, 9):
        QTest.mouseMove(
            pad, QPoint(round(first.x() + share * (last.x() - first.x())), round(first.y() + share * (last.y() - first.y())))
        )
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=last)


def answered(qtbot: QtBot, window: MainWindow, found: Found, act: Callable[[], None]) -> LensPosterior:
    before = len(found)
    act()
    qtbot.waitUntil(lambda: len(found) > before, timeout=PATIENCE)
    settle(qtbot, window)
    return found[-1]


def test_that_a_stroke_is_white_where_the_pen_went_and_can_be_taken_back(window: MainWindow) -> None:
    pad = find(window, DrawPad, "drawPad")
    assert not pad.image().any()
    stroke(pad, (0.5, 0.1), (0.5, 0.9))
    image = pad.image()
    assert image[1:7, 3:5].min() > 100
    assert not image[:, [0, 1, 6, 7]].any()
    press(window, "undo")
    assert not pad.image().any()


def test_that_the_eraser_clear_and_invert_do_what_they_say(window: MainWindow) -> None:
    pad = find(window, DrawPad, "drawPad")
    press(window, "invert")
    assert (pad.image() == 255).all()
    press(window, "eraser")
    stroke(pad, (0.0, 0.5), (1.0, 0.5))
    assert pad.image()[3:5].min() == 0
    press(window, "clear")
    assert pad.is_empty()


def test_that_a_drawn_image_has_the_evidence_of_the_python_api(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    pad = find(window, DrawPad, "drawPad")
    answer = answered(qtbot, window, found, lambda: stroke(pad, (0.5, 0.1), (0.5, 0.9)))
    model = vx.load("digits-vae")
    grey = pad.image() / np.float32(255)
    wanted = vx.evidence(model, (grey.round() if model.card.binarised == "dynamic" else grey)[None])
    assert answer.true.log_evidence == pytest.approx(wanted.log_evidence[0], abs=1e-6)
    assert f"{wanted.log_evidence[0]:.1f}".replace("-", "−") in find(window, QLabel, "drawNote").text()


def test_that_hiding_pixels_lets_the_true_posterior_bloom(window: MainWindow, qtbot: QtBot, found: Found) -> None:
    pad = find(window, DrawPad, "drawPad")
    whole = answered(qtbot, window, found, lambda: press(window, "take"))
    code = window.session.inspection.current
    assert code is not None
    assert code.original is not None
    assert np.array_equal(pad.image(), code.original)
    press(window, "hide")

    def hide_the_lower_half() -> None:
        for y in (0.6, 0.75, 0.9):
            stroke(pad, (0.02, y), (0.98, y))

    partly = answered(qtbot, window, found, hide_the_lower_half)
    qtbot.waitUntil(lambda: found[-1].true.area > 1.5 * whole.true.area, timeout=PATIENCE)
    partly = found[-1]
    assert pad.hidden()[5:].all()
    assert not pad.hidden()[:3].any()
    assert partly.true.log_evidence > whole.true.log_evidence
    press(window, "reveal")
    qtbot.waitUntil(lambda: found[-1].true.area == pytest.approx(whole.true.area, rel=1e-6), timeout=PATIENCE)
