"""The evidence panel: log p(x) and its terms for the inspected image."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui.looking import PATIENCE, find, settle
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.views.evidence_panel import EvidencePanel
from vae_explorer.models.measure import measured_images

NAMES = ("reconstruction", "kl", "elbo", "posterior_kl", "log_evidence")


@pytest.fixture
def window(open_window: Callable[..., MainWindow], qtbot: QtBot) -> MainWindow:
    """With the panel in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("evidenceDock", True)
    qtbot.waitUntil(find(made, EvidencePanel, "evidencePanel").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


def text(window: MainWindow, name: str) -> str:
    return find(window, QLabel, f"evidence.{name}").text()


def number(window: MainWindow, name: str) -> float:
    return float(text(window, name).replace("−", "-"))


def test_that_the_numbers_are_those_of_the_python_api_and_add_up(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: text(window, "log_evidence") != "–", timeout=PATIENCE)
    code = window.session.inspection.current
    assert code is not None
    assert code.split_images is not None
    model = vx.load("digits-vae")
    images = measured_images(code.split_images, model.card.binarised).numpy().reshape(code.split_images.shape)
    wanted = vx.evidence(model, images[code.place][None])
    shown = {name: number(window, name) for name in NAMES}
    for name in NAMES:
        assert shown[name] == pytest.approx(float(getattr(wanted, name)[0]), abs=1e-4)
    assert shown["elbo"] == pytest.approx(shown["reconstruction"] - shown["kl"], abs=3e-4)
    assert shown["log_evidence"] == pytest.approx(shown["elbo"] + shown["posterior_kl"], abs=1e-3)
    gaps = number(window, "approximation") + number(window, "amortisation")
    assert gaps == pytest.approx(shown["posterior_kl"], abs=2e-3)


def test_that_a_model_without_evidence_says_why(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: text(window, "log_evidence") != "–", timeout=PATIENCE)
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model("mnist-gan")
    settle(qtbot, window)
    assert text(window, "log_evidence") == "–"
    assert "no posterior density" in find(window, QLabel, "evidenceNote").text()
