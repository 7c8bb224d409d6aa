"""The samples panel below the window: its controls, its words and its states."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QSpinBox, QToolTip
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeDecoder
from tests.gui.looking import find, text_of
from tests.gui.made import SAVED, of_family, without_codes
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.samples.panel import SamplesPanel
from vae_explorer.gui.features.samples.presenter import SamplesPresenter
from vae_explorer.gui.features.samples.state import PosteriorDraws, Samples
from vae_explorer.gui.kit.panel_state import NotAtHand, Nothing, Ready
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def samples(session: Session) -> Samples:
    samples = session.part(Samples)
    samples.set_open(True)
    return samples


@pytest.fixture
def panel(session: Session, samples: Samples, qtbot: QtBot) -> SamplesPanel:
    panel = SamplesPanel()
    qtbot.addWidget(panel)
    panel.resize(900, 200)
    SamplesPresenter(panel, session)
    return panel


def posterior(samples: Samples) -> PosteriorDraws:
    assert samples.posterior is not None
    return samples.posterior


def press(panel: SamplesPanel, button: str) -> None:
    find(panel, QPushButton, button).click()


def test_that_count_and_seed_draw_points_that_come_back(panel: SamplesPanel, samples: Samples) -> None:
    seed, count = find(panel, QSpinBox, "sampleSeed"), find(panel, QSpinBox, "sampleCount")
    press(panel, "drawSamples")
    first = panel.tray.grid.images()
    assert len(first) == count.value() == 16
    press(panel, "drawSamples")
    assert seed.value() == 1
    assert not np.array_equal(panel.tray.grid.images(), first)
    seed.setValue(0)
    np.testing.assert_array_equal(panel.tray.grid.images(), first)
    count.setValue(64)
    assert len(panel.tray.grid.images()) == 64
    np.testing.assert_array_equal(panel.tray.grid.images()[:16], first)
    press(panel, "clearSamples")
    assert not len(panel.tray.grid.images())
    assert not find(panel, QPushButton, "clearSamples").isEnabled()


def test_that_points_have_places_before_they_have_images(panel: SamplesPanel, samples: Samples, decoder: FakeDecoder) -> None:
    decoder.hold()
    press(panel, "drawSamples")
    assert not len(panel.tray.grid.images())
    panel.tray.chosen.emit(5)
    x, y = samples.prior.z[5]
    assert panel.tray.grid.accessibleDescription() == f"z = ({x:+.3f}, {y:+.3f})".replace("-", "−")


def test_that_a_samples_tip_is_its_z(panel: SamplesPanel, samples: Samples, monkeypatch: pytest.MonkeyPatch) -> None:
    press(panel, "drawSamples")
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, *_: tips.append(text))
    grid = panel.tray.grid
    at = grid.cell(2).center()
    QApplication.sendEvent(grid, QHelpEvent(QEvent.Type.ToolTip, at, grid.mapToGlobal(at)))
    x, y = samples.prior.z[2]
    assert tips == [f"z = ({x:+.3f}, {y:+.3f})".replace("-", "−")]


def test_that_a_chosen_sample_is_the_picked_point(session: Session, panel: SamplesPanel, samples: Samples) -> None:
    press(panel, "drawSamples")
    panel.tray.chosen.emit(5)
    assert session.cursor.picked == session.cursor.state.z == tuple(samples.prior.z[5].tolist())


def test_that_the_equation_is_that_of_the_selected_draw(
    session: Session, panel: SamplesPanel, samples: Samples, codes: Codes
) -> None:
    session.inspection.hold(3)
    panel.draw_selected.emit(2)
    panel.noise_moved.emit(2, (-2.0, 1.5))
    mean, std = codes.mean[3].astype(float), codes.std[3].astype(float)
    for axis, noise in enumerate((-2.0, 1.5)):
        said = text_of(panel, f"drawEquation.{axis + 1}").replace("−", "-")
        z = mean[axis] + std[axis] * noise
        assert said == f"z{'₁₂'[axis]} = {mean[axis]:+.4f} + {std[axis]:.4f} · {noise:+.2f} = {z:+.4f}"
    assert text_of(panel, "drawsOf") == posterior(samples).code.name
    noise_before = posterior(samples).noise
    press(panel, "redrawNoise")
    assert not np.isin(posterior(samples).noise, noise_before).any()


def test_that_numbers_choose_a_dot_and_arrow_keys_move_it(session: Session, panel: SamplesPanel, samples: Samples) -> None:
    session.inspection.hold(3)
    before = posterior(samples).noise
    QTest.keyClick(panel.plane, Qt.Key.Key_5)
    QTest.keyClick(panel.plane, Qt.Key.Key_Right)
    QTest.keyClick(panel.plane, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert posterior(samples).selected == 4
    np.testing.assert_allclose(posterior(samples).noise[4] - before[4], (0.05, -0.5), rtol=1e-9)


def test_that_draws_wait_for_a_code(session: Session, panel: SamplesPanel) -> None:
    assert isinstance(panel.state_line.state, NotAtHand)
    session.inspection.hold(3)
    assert panel.state_line.state == Ready()


@pytest.mark.parametrize(("family", "words"), [("ae", "points"), ("gan", "no encoder")])
def test_that_families_without_a_posterior_say_why(
    session: Session, panel: SamplesPanel, file: ModelFile, family: str, words: str
) -> None:
    session.inspection.hold(3)
    session.show_model(of_family(file, family), SAVED)
    assert isinstance(panel.state_line.state, Nothing)
    assert words in text_of(panel, "noDrawsReason")


def test_that_a_model_without_codes_says_why(session: Session, panel: SamplesPanel, file: ModelFile) -> None:
    session.show_model(without_codes(file), SAVED)
    assert isinstance(panel.state_line.state, Nothing)
    assert "no codes" in text_of(panel, "noDrawsReason")


def test_that_a_flow_is_said_to_bend_what_is_drawn(
    session: Session, panel: SamplesPanel, samples: Samples, file: ModelFile
) -> None:
    session.show_model(of_family(file, "iaf-vae"), SAVED)
    session.inspection.hold(3)
    assert "≈" in text_of(panel, "trick")
    assert "flow" in text_of(panel, "drawsOf")
    assert posterior(samples).code.index == 3
