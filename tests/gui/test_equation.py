"""The equation panel: the model's own objective with the numbers of the inspected image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui.looking import PATIENCE, find, settle
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.views.ellipse_item import EllipseItem
from vae_explorer.gui.views.equation_panel import EquationPanel
from vae_explorer.inference.objective import objective_terms


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    """With the panel in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("equationDock", True)
    qtbot.waitUntil(find(made, EquationPanel, "equationPanel").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("nats", "").replace("=", ""))


def shown(window: MainWindow, name: str) -> float:
    return number(find(window, QLabel, name).text())


def has_numbers(window: MainWindow) -> bool:
    return window.findChild(QLabel, "value.kl") is not None


def lit(window: MainWindow) -> list[EllipseItem]:
    """The prior's circles that are on the map."""
    items = window.latent_view.scene().items()
    return [
        item
        for item in items
        if isinstance(item, EllipseItem) and item.isVisible() and item.boundingRect().center().manhattanLength() < 1e-9
    ]


def test_that_the_numbers_are_those_of_the_inspected_image(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: has_numbers(window), timeout=PATIENCE)
    code = window.session.inspection.current
    assert code is not None
    assert code.original is not None
    image = code.original.astype(np.float32) / 255
    model = vx.load("digits-vae")
    if model.card.binarised == "dynamic":
        from vae_explorer.models.measure import measured_images

        assert code.split_images is not None
        image = measured_images(code.split_images, "dynamic").numpy()[code.place].reshape(image.shape)
    wanted = {each.name: each.value for each in objective_terms(model, image)}
    assert shown(window, "value.kl") == pytest.approx(wanted["kl"], abs=0.006)
    assert shown(window, "value.reconstruction") == pytest.approx(wanted["reconstruction"], abs=0.006)
    assert shown(window, "equationSum") == pytest.approx(wanted["kl"] - wanted["reconstruction"], abs=0.006)


def test_that_the_slider_weighs_the_kl_term_in_the_sum(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: has_numbers(window), timeout=PATIENCE)
    slider = find(window, QSlider, "betaSlider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_End)
    beta = number(find(window, QLabel, "equationBeta").text().replace("β = ", ""))
    assert beta == pytest.approx(100.0)
    wanted = 100 * shown(window, "value.kl") - shown(window, "value.reconstruction")
    assert shown(window, "equationSum") == pytest.approx(wanted, abs=0.6)


def test_that_pointing_at_the_kl_term_lights_up_the_prior(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: has_numbers(window), timeout=PATIENCE)
    box = find(window, QWidget, "term.kl")
    before = find(window, QLabel, "equationExplanation").text()
    QApplication.sendEvent(box, QEnterEvent(QPointF(4, 4), QPointF(4, 4), QPointF(4, 4)))
    assert len(lit(window)) == 3
    assert find(window, QLabel, "equationExplanation").text() != before
    QApplication.sendEvent(box, QEvent(QEvent.Type.Leave))
    assert lit(window) == []
    assert find(window, QLabel, "equationExplanation").text() == before


def test_that_another_model_brings_its_own_objective(window: MainWindow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model("mnist-gan")
    settle(qtbot, window)
    assert "discriminator" in find(window, QLabel, "equationExplanation").text()
    assert not find(window, QSlider, "betaSlider").isVisible()
