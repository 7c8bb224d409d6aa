"""The evidence panel: log p(x) and its terms for the inspected image."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui import mouse
from tests.gui.conftest import FileOf
from tests.gui.looking import PATIENCE, engines, find, items, point, run_action, settle
from vae_explorer.cli import main
from vae_explorer.codes import Codes, Split
from vae_explorer.gui.features.evidence.panel import EvidencePanel
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import Z_CURSOR
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


def ellipses(window: MainWindow) -> tuple[int, int]:
    """How many on the map are filled, and how many have the line of the encoder's q(z|x)."""
    shown, line = [item for item in items(window, EllipseItem) if item.isVisible()], window.theme.line("encoder")
    filled = [item for item in shown if item.brush().style() != Qt.BrushStyle.NoBrush]
    return len(filled), len(
        [item for item in shown if (item.pen().style(), item.pen().color()) == (line.style(), line.color())]
    )


def test_that_a_code_has_one_posterior_of_its_encoder_on_the_map(window: MainWindow, qtbot: QtBot) -> None:
    """That of the image as it is measured; the grey image's is another one."""
    qtbot.waitUntil(lambda: window.session.part(ImageAnalysis).posterior is not None, timeout=PATIENCE)
    assert ellipses(window) == (0, 2)
    tick = find(window, QCheckBox, "overlay.true_posterior")
    tick.click()
    assert ellipses(window) == (2, 0)
    tick.click()
    assert ellipses(window) == (0, 2)
    pixels = np.full((8, 8, 1), 200, np.uint8)
    window.session.part(ImageAnalysis).set_drawing(
        pixels, np.zeros((8, 8), bool)
    )  # which has no code: that of the inspected one stays
    settle(qtbot, window)
    assert ellipses(window) == (2, 2)
    run_action(window, "view.evidenceDock")
    assert ellipses(window) == (2, 0)


def test_that_a_density_that_bends_gives_way_to_the_lines_too(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    window = open_window(file_of("iaf-vae"))

    def densities() -> int:
        """Pictures of q(z|x), which are of bytes."""
        above = [item for item in items(window, SmoothImageItem) if item.isVisible() and item.zValue() == Z_CURSOR - 1]
        return len(above)

    qtbot.waitUntil(lambda: densities() == 1, timeout=PATIENCE)
    window.explorer.docks.show("evidenceDock", True)
    qtbot.waitUntil(lambda: window.session.part(ImageAnalysis).posterior is not None, timeout=PATIENCE)
    assert densities() == 0
    find(window, QCheckBox, "overlay.true_posterior").click()
    assert densities() == 1
    settle(qtbot, window)


def test_that_zoom_shows_both_posteriors_large(window: MainWindow, qtbot: QtBot) -> None:
    analysis = window.session.part(ImageAnalysis)
    qtbot.waitUntil(lambda: analysis.posterior is not None, timeout=PATIENCE)
    QTest.mouseClick(find(window, QPushButton, "evidenceSubject.zoom"), Qt.MouseButton.LeftButton)
    assert analysis.posterior is not None
    seen = window.latent_view.visible_rect()
    corners = np.concatenate(
        [*analysis.posterior.borders[-1], analysis.posterior.mean + np.outer((-2, 2), analysis.posterior.std)]
    )
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert seen.left() < low[0] < high[0] < seen.right()
    assert seen.top() < low[1] < high[1] < seen.bottom()
    assert max((high[0] - low[0]) / seen.width(), (high[1] - low[1]) / seen.height()) > 0.5


def test_that_a_posterior_as_wide_as_the_prior_lets_the_codes_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    analysis = window.session.part(ImageAnalysis)

    def opacity() -> int:
        (heat,) = (item for item in items(window, SmoothImageItem) if item.isVisible() and item.image.dtype == np.float32)
        return int(heat.lut[:, 3].max())

    qtbot.waitUntil(lambda: analysis.posterior is not None, timeout=PATIENCE)
    narrow = opacity()
    analysis.set_drawing(np.full((8, 8, 1), 255, np.uint8), np.ones((8, 8), bool))  # nothing is seen: the prior
    settle(qtbot, window)
    assert opacity() < narrow / 2


def test_that_the_bars_of_a_held_code_add_up_to_what_the_command_line_prints(
    window: MainWindow, qtbot: QtBot, codes: Codes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the first test image, which is all that the command line takes the mean of."""
    index = int(np.flatnonzero(codes.split == Split.TEST)[0])
    window.latent_view.show_around(point(codes, index), (0.05, 0.05))
    mouse.click(window.latent_view, point(codes, index), Qt.KeyboardModifier.ShiftModifier)
    assert window.session.inspection.pinned == index
    settle(qtbot, window)
    assert main(["evaluate", "digits-vae", "--evidence", "--limit", "1", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    first, second = find(window, EvidencePanel, "evidencePanel").bars()
    assert sum(part.value for part in first) == pytest.approx(-printed["elbo"], abs=1e-4)
    assert [part.value for part in second] == pytest.approx(
        [-printed["log_evidence"], printed["approximation_gap"], printed["amortisation_gap"]], abs=1e-4
    )
    assert sum(part.value for part in second) == pytest.approx(-printed["elbo"], abs=2e-3)
    assert number(window, "log_evidence") == pytest.approx(printed["log_evidence"], abs=1e-4)


def test_that_the_decoded_plane_goes_with_the_last_one_that_looks_and_with_the_model(
    open_window: Callable[..., MainWindow], qtbot: QtBot
) -> None:
    gc.unfreeze()  # imports exempt objects from collection
    gc.collect()  # what tests before this one left
    before, window = engines(), open_window("digits-vae")
    window.explorer.docks.show("drawDock", False)  # which would look in its turn
    for name in ("evidenceDock", "equationDock"):
        window.explorer.docks.show(name, True)
    settle(qtbot, window)
    assert engines() == before + 1
    window.explorer.docks.show("evidenceDock", False)
    settle(qtbot, window)
    assert engines() == before + 1
    window.explorer.docks.show("equationDock", False)
    qtbot.waitUntil(lambda: engines() == before, timeout=PATIENCE)
    window.explorer.docks.show("evidenceDock", True)
    settle(qtbot, window)
    assert number(window, "log_evidence") < 0
    assert engines() == before + 1
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model("mnist-gan")
    qtbot.waitUntil(lambda: engines() == before, timeout=PATIENCE)
    settle(qtbot, window)
