"""The equation panel: the model's own objective with the numbers of the inspected image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QLabel, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui.looking import PATIENCE, find, number, settle, text_of
from vae_explorer.codes import Codes, Split
from vae_explorer.gui.features.equation.panel import EquationPanel
from vae_explorer.gui.features.evidence.panel import EvidencePanel
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.objective import objective_terms
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import Binarised
from vae_explorer.models.measure import measured_images


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    """With the panel in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("equationDock", True)
    qtbot.waitUntil(find(made, EquationPanel, "equationPanel").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


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


def test_that_the_numbers_are_the_exact_ones_of_the_evidence(window: MainWindow, qtbot: QtBot) -> None:
    """Those that the Evidence panel and the command line print; means over many draws are near them."""
    qtbot.waitUntil(lambda: has_numbers(window), timeout=PATIENCE)
    code = window.session.inspection.current
    assert code is not None
    assert code.split_images is not None
    model = vx.load("digits-vae")
    assert model.card.binarised is Binarised.DYNAMIC
    image = measured_images(code.split_images, Binarised.DYNAMIC).numpy()[code.place].reshape(8, 8, 1)
    wanted = vx.evidence(model, image)
    assert shown(window, "value.kl") == pytest.approx(wanted.kl[0], abs=0.006)
    assert shown(window, "value.reconstruction") == pytest.approx(wanted.reconstruction[0], abs=0.006)
    assert shown(window, "equationSum") == pytest.approx(-wanted.elbo[0], abs=0.006)
    sampled = {each.name: each.value for each in objective_terms(model, image, draws=4096)}
    assert shown(window, "equationSum") == pytest.approx(sampled["kl"] - sampled["reconstruction"], abs=0.2)
    assert [find(window, QLabel, f"how.{name}").text() for name in ("kl", "reconstruction")] == ["exact", "exact"]
    assert "(exact)" in find(window, QLabel, "equationSum").text()
    assert code.name in text_of(window, "equationSubject.subject")


def test_that_the_numbers_follow_the_image_while_the_evidence_is_worked_out_too(
    window: MainWindow, qtbot: QtBot, codes: Codes, model: TrainedModel
) -> None:
    """Both are asked at once, and the evidence of the image before may be at work still."""
    window.explorer.docks.show("evidenceDock", True)
    qtbot.waitUntil(find(window, EvidencePanel, "evidencePanel").isVisible, timeout=PATIENCE)
    settle(qtbot, window)
    index = int(np.flatnonzero(codes.split == Split.TEST)[-1])
    window.session.inspection.hold(index)
    assert {find(window, QLabel, f"value.{name}").text() for name in ("kl", "reconstruction")} == {"…"}
    assert text_of(window, "equationSum") == "= …"
    settle(qtbot, window)
    code = window.session.inspection.current
    assert code is not None
    assert code.split_images is not None
    image = measured_images(code.split_images, Binarised.DYNAMIC).numpy()[code.place].reshape(8, 8, 1)
    assert shown(window, "equationSum") == pytest.approx(-vx.evidence(model, image).elbo[0], abs=0.006)


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


def test_that_an_equation_is_written_smaller_where_it_would_not_fit(
    window: MainWindow, file_of: Callable[[str], Path], qtbot: QtBot
) -> None:
    window.resize(1100, 800)
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model(file_of("info-vae"))
    settle(qtbot, window)
    line = find(window, QScrollArea, "equationLine")
    qtbot.waitUntil(lambda: has_numbers(window) and line.widget().width() > 0, timeout=PATIENCE)
    number, below = find(window, QLabel, "value.kl"), find(window, QLabel, "equationExplanation")
    how = find(window, QLabel, "how.kl")
    qtbot.waitUntil(lambda: not how.isVisible(), timeout=PATIENCE)
    small, place, panel = number.fontInfo().pointSizeF(), below.y(), find(window, EquationPanel, "equationPanel")
    assert panel.width() == panel.parentWidget().width()  # what is below the line is all in view
    window.resize(2200, 800)
    qtbot.waitUntil(lambda: number.fontInfo().pointSizeF() > small and how.isVisible(), timeout=PATIENCE)
    assert line.horizontalScrollBar().maximum() == 0
    assert below.y() == place


def test_that_the_panel_takes_no_more_height_than_that_of_the_path(window: MainWindow) -> None:
    equation, path = (find(window, QDockWidget, name).minimumSizeHint().height() for name in ("equationDock", "pathDock"))
    assert equation <= path
