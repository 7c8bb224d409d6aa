"""Opening and saving models; a bad file is said in the banner and leaves what is open."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from vae_explorer import UserError, locations
from vae_explorer.codes import Codes
from vae_explorer.gui.app import create_window
from vae_explorer.gui.core.job_thread import JobThread
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.features.health.state import CodesHealth
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.kinds import CodesKind

from . import mouse
from .bad_files import SPOILS
from .looking import PATIENCE, decoded, find, image_view, run_action, settle, text_of


def banner(window: MainWindow) -> Banner:
    return find(window, Banner, "banner")


def enter_name(window: MainWindow, dialog_name: str, path: Path) -> None:
    """Give an open file dialog a file name and press Return; set at once, for a completer would pop up under the keys."""
    dialog = find(window, QFileDialog, dialog_name)
    field = find(dialog, QLineEdit, "fileNameEdit")
    field.setText(str(path))
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_that_a_bad_file_is_named_in_the_banner_and_leaves_the_open_model(
    window: MainWindow, model: TrainedModel, digits_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    bad = tmp_path / "my bad model.safetensors"
    SPOILS["flipped byte"](digits_path, bad)
    before = window.session.model
    window.open_model(bad)
    qtbot.waitUntil(banner(window).isVisible, timeout=PATIENCE)
    settle(qtbot, window)
    assert bad.name in banner(window).text()
    assert "\n" not in banner(window).text()
    assert window.session.model is before
    hit = mouse.move_to(window.latent_view, (0.2, 0.9))
    settle(qtbot, window)
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, hit)[0])


def test_that_the_banner_can_be_copied_and_dismissed(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    window.open_model(tmp_path / "nowhere.safetensors")
    qtbot.waitUntil(banner(window).isVisible, timeout=PATIENCE)
    QTest.mouseClick(find(window, QPushButton, "bannerCopy"), Qt.MouseButton.LeftButton)
    assert "nowhere.safetensors" in QGuiApplication.clipboard().text()
    QTest.mouseClick(find(window, QPushButton, "bannerDismiss"), Qt.MouseButton.LeftButton)
    assert not banner(window).isVisible()


@pytest.mark.parametrize("kind", ["empty", "flipped byte", "missing"])
def test_that_no_window_is_made_for_a_bad_file(digits_path: Path, tmp_path: Path, kind: str) -> None:
    bad = tmp_path / "bad.safetensors"
    SPOILS[kind](digits_path, bad)
    with pytest.raises(UserError, match=r"bad\.safetensors"):
        create_window(bad)


def test_that_a_pretrained_model_is_opened_from_the_menu(window: MainWindow, qtbot: QtBot) -> None:
    menu = find(window, QMenu, "file.open_pretrained")
    names = [action.text() for action in menu.actions()]
    assert set(names) >= {"digits-vae", "mnist-vae", "fashion-mnist-vae"}
    find(menu, QAction, "file.open_pretrained.fashion-mnist-vae").trigger()
    qtbot.waitUntil(lambda: text_of(window, "statusModel") == "fashion-mnist-vae", timeout=PATIENCE)
    settle(qtbot, window)
    hit = mouse.move_to(window.latent_view, (0.2, 0.1))
    settle(qtbot, window)
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(vx.load("fashion-mnist-vae"), hit)[0])
    assert find(window, QCheckBox, "class1").text() == "Trouser"
    assert window.session.cursor.state.label in text_of(window, "nearestCode")


def test_that_save_model_as_writes_what_can_be_opened_again(
    window: MainWindow, model: TrainedModel, tmp_path: Path, qtbot: QtBot
) -> None:
    run_action(window, "file.save_model_as")
    enter_name(window, "saveModelDialog", tmp_path / "copy")
    saved = tmp_path / "copy.safetensors"
    qtbot.waitUntil(saved.exists, timeout=PATIENCE)
    settle(qtbot, window)
    assert window.session.model is not None
    assert window.session.model.path == saved
    run_action(window, "file.open_model")
    enter_name(window, "openModelDialog", saved)
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        pass
    settle(qtbot, window)
    assert replace(vx.load(saved).card, format=model.card.format) == model.card
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, window.session.cursor.state.z)[0])


def test_that_a_finished_run_is_offered_in_the_menu(window: MainWindow, digits_path: Path, qtbot: QtBot) -> None:
    locations.runs().mkdir(parents=True)
    shutil.copy(digits_path, locations.runs() / "my-run.safetensors")
    menu = find(window, QMenu, "file.open_run")
    menu.aboutToShow.emit()
    find(menu, QAction, "file.open_run.my-run").trigger()
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        pass
    settle(qtbot, window)
    assert window.session.model is not None
    assert window.session.model.path == locations.runs() / "my-run.safetensors"


def test_that_what_nobody_waits_for_is_put_off_until_the_decoder_has_started(
    codes: Codes, qtbot: QtBot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, started, start = Jobs(qapp), [], JobThread.start
    health = CodesHealth(jobs, qapp)
    monkeypatch.setattr(JobThread, "start", lambda thread: (started.append(thread), start(thread)))
    health.measure(codes, CodesKind.GAUSSIAN)
    assert jobs.busy
    assert started == []
    with qtbot.waitSignal(health.measured, timeout=PATIENCE) as found:
        jobs.start_postponed()
    assert found.args is not None
    assert found.args[0] is codes
    assert len(started) == 1
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE)
    jobs.deleteLater()
