"""What the decoder panel and the status bar say, below the window."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from scipy.stats import multivariate_normal

from tests.gui.fakes import FakeDecoder, FakeRuns, FakeWork, made_images
from tests.gui.looking import PATIENCE, find, nearest, text_of
from tests.gui.made import SAVED, of_family, of_five
from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import CURSOR
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.decoder import presenter as module
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.decoder.presenter import DecoderPresenter
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.panel_state import Failed, Ready, Working
from vae_explorer.gui.status import StatusPresenter
from vae_explorer.gui.status_bar import StatusBar
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Failed as RunFailed
from vae_explorer.training.events import Started

A, B = (-1.0, 0.5), (1.0, 0.25)


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> DecoderPanel:
    panel = DecoderPanel()
    qtbot.addWidget(panel)
    panel.resize(400, 500)
    DecoderPresenter(panel, session)
    return panel


def image_of(*z: float) -> np.ndarray:
    return made_images(np.array([z], np.float32))[0]


def play(session: Session) -> None:
    """Let a path play from its first frame; no step of the clock comes before the event loop turns."""
    for z in (A, B):
        session.frames.click(z)
    session.workspace.player.play()


def test_that_the_panel_waits_for_its_decoder(session: Session, panel: DecoderPanel) -> None:
    assert isinstance(panel.state_line.state, Working)
    session.cursor.move(A, 0.0)
    assert panel.state_line.state == Ready()


@pytest.mark.parametrize("z", [(-0.7, 1.1), (1.3, -0.4)])
def test_that_the_panel_names_z_the_prior_density_and_the_nearest_code(
    session: Session, panel: DecoderPanel, work: FakeWork, codes: Codes, z: tuple[float, float]
) -> None:
    work.run("codes index")
    session.cursor.move(z, 0.0)
    np.testing.assert_array_equal(panel.image_view.image(), image_of(*z))
    index = nearest(codes, z)
    distance = np.hypot(*(codes.mean[index].astype(float) - z))
    assert text_of(panel, "cursorZ") == f"z = ({z[0]:+.3f}, {z[1]:+.3f})".replace("-", "−")
    assert text_of(panel, "priorDensity") == f"prior density {multivariate_normal([0, 0]).pdf(z):.4g}"
    assert text_of(panel, "nearestCode") == f"nearest code: {codes.label[index]} at {distance:.3f}"


def test_that_the_source_of_an_image_is_said(session: Session, panel: DecoderPanel, decoder: FakeDecoder) -> None:
    session.cursor.move(A, 0.0)
    assert text_of(panel, "decodedSource") == "under the cursor"
    session.cursor.pick(B)
    assert text_of(panel, "decodedSource") == "last picked point"
    decoder.hold()
    session.cursor.move(A, 0.0)
    assert "1.000" in text_of(panel, "cursorZ")


def test_that_an_image_that_the_cursor_has_left_behind_is_that_of_its_own_point(
    session: Session, panel: DecoderPanel, decoder: FakeDecoder
) -> None:
    session.cursor.move(B, 0.0)
    answer = session.cursor.picture
    assert answer is not None
    session.cursor.move(A, 0.0)
    decoder.answered.emit(answer)  # the client of the real thread lets it through while a newer one is open
    np.testing.assert_array_equal(panel.image_view.image(), image_of(*B))
    assert text_of(panel, "decodedSource") == "under the cursor a moment ago"
    assert text_of(panel, "cursorZ") == "z = (+1.000, +0.250)"
    assert text_of(panel, "nearestCode") == ""


def test_that_a_decoder_that_fails_leaves_no_old_image(session: Session, panel: DecoderPanel, decoder: FakeDecoder) -> None:
    session.cursor.move(A, 0.0)
    decoder.hold()
    session.cursor.move(B, 0.0)
    decoder.fail("no room for the model")
    assert panel.state_line.state == Failed("no room for the model")
    assert panel.image_view.image().shape == (1, 1, 1)
    assert text_of(panel, "decodedSource") == ""
    session.cursor.move(A, 0.0)
    decoder.answer(decoder.newest(CURSOR))
    assert panel.state_line.state == Ready()


def test_that_a_playing_path_has_the_panel_until_the_cursor_moves(session: Session, panel: DecoderPanel) -> None:
    session.cursor.move((0.5, 0.5), 0.0)  # a moment ago
    play(session)
    session.workspace.player.set_frame(15)
    np.testing.assert_array_equal(panel.image_view.image(), image_of(*B))
    assert text_of(panel, "decodedSource") == "on the path, t = 1.00"
    assert text_of(panel, "cursorZ") == "z = (+1.000, +0.250)"
    session.cursor.move((0.25, -1.0), 0.0)
    np.testing.assert_array_equal(panel.image_view.image(), image_of(0.25, -1.0))
    session.workspace.player.set_frame(3)
    np.testing.assert_array_equal(panel.image_view.image(), image_of(0.25, -1.0))
    session.workspace.player.pause()


def test_that_a_path_comes_back_when_the_mouse_has_rested(
    session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(module, "CURSOR_FIRST_MS", 1)
    panel = DecoderPanel()
    qtbot.addWidget(panel)
    DecoderPresenter(panel, session)
    play(session)
    session.cursor.move((0.25, -1.0), 0.0)
    qtbot.waitUntil(lambda: text_of(panel, "decodedSource").startswith("on the path"), timeout=PATIENCE)
    session.workspace.player.pause()
    assert text_of(panel, "decodedSource") == "under the cursor"
    np.testing.assert_array_equal(panel.image_view.image(), image_of(0.25, -1.0))


def test_that_only_the_resting_image_of_a_recurrent_decoder_is_written_row_by_row(
    session: Session, panel: DecoderPanel, file: ModelFile
) -> None:
    pen = find(session, QTimer, "writeSoon")
    session.cursor.move(A, 0.0)
    assert not pen.isActive()
    session.show_model(of_family(file, "recurrent-vae"), SAVED)
    session.cursor.move(B, 0.0)
    assert pen.isActive()
    session.show_model(replace(file), SAVED)
    assert not pen.isActive()


def test_that_a_frame_of_a_playing_path_is_not_written_row_by_row(
    session: Session, panel: DecoderPanel, file: ModelFile
) -> None:
    pen = find(session, QTimer, "writeSoon")
    session.show_model(of_family(file, "recurrent-vae"), SAVED)
    session.cursor.pick(A)
    assert pen.isActive()
    play(session)
    session.workspace.player.set_frame(3)
    assert not pen.isActive()
    session.workspace.player.pause()


# The status bar


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> StatusBar:
    bar = StatusBar()
    qtbot.addWidget(bar)
    StatusPresenter(bar, session)
    return bar


def said(bar: StatusBar, name: str) -> str:
    """The whole text of a part, of which the bar shows as much as there is room for."""
    return find(bar, QLabel, name).accessibleName()


def test_that_the_status_bar_names_model_data_device_and_decode_time(
    session: Session, bar: StatusBar, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.show_model(file, SAVED)
    assert said(bar, "statusModel") == "model"
    assert said(bar, "statusData") == "1,797 codes of digits"
    assert "cpu" in said(bar, "statusDevice")
    assert said(bar, "statusDecode").endswith(" ms")
    decoder.hold()
    session.cursor.move(A, 0.0)
    decoder.fail("no memory", decoder.newest(CURSOR))
    assert said(bar, "statusDecode") == "decoder failed"


def test_that_the_status_bar_names_the_device_of_a_run(session: Session, bar: StatusBar, runs: FakeRuns, qtbot: QtBot) -> None:
    training = session.part(TrainingState)
    training.start(TrainConfig(epochs=9))
    with qtbot.waitSignal(training.changed, timeout=PATIENCE):
        runs.newest.say(Started(9, 90, "cuda"))
    assert said(bar, "statusDevice").endswith("training on cuda")
    runs.newest.end(RunFailed("stopped", cancelled=True))
    assert "training" not in said(bar, "statusDevice")


def test_that_the_first_click_of_a_path_is_explained_until_the_second(session: Session, bar: StatusBar) -> None:
    session.frames.click(A)
    assert "click a second point" in bar.currentMessage()
    session.workspace.path.clear()
    assert bar.currentMessage() == ""
    session.frames.click(A)
    session.frames.click(B)
    assert bar.currentMessage() == ""


def test_that_an_image_of_the_model_before_is_not_shown_when_the_path_stops(
    session: Session, panel: DecoderPanel, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.show_model(of_five(file))
    session.cursor.move(A, 0.0)
    play(session)
    decoder.hold()
    session.show_model(file, SAVED)  # two latents, so the path is cleared
    assert not session.workspace.player.playing
    assert "1.000" in text_of(panel, "cursorZ")
    decoder.answer(decoder.newest(CURSOR))
    np.testing.assert_array_equal(panel.image_view.image(), image_of(*A))
