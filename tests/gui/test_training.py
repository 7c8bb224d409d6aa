"""Training from the menu to the end, and every way to end it early."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMessageBox, QProgressBar, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.processes import child_processes
from vae_explorer import locations
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel

from . import mouse
from .conftest import OpenWindow
from .looking import PATIENCE, decoded, find, image_view, point, run_action, settle, text_of
from .training import choose, open_dialog, press_start, start_training, wait_for_snapshot, wait_for_the_end


def runs() -> list[Path]:
    return sorted(locations.runs().glob("*"))


def curves(window: MainWindow) -> list[tuple[list[float], list[float]]]:
    """(epochs, values) of every curve on show."""
    panel = find(window, QWidget, "trainingPanel")
    lines = [line for plot in panel.findChildren(pg.PlotWidget) for line in plot.listDataItems()]
    return [tuple(np.asarray(axis).tolist() for axis in line.getData()) for line in lines]


def close_dialog_button(window: MainWindow, name: str) -> QPushButton:
    window.close()
    return find(find(window, QMessageBox, "closeDialog"), QPushButton, name)


def test_that_training_digits_from_the_menu_ends_in_a_saved_model_on_the_map(window: MainWindow, qtbot: QtBot) -> None:
    old = window.session.model
    assert old is not None
    start_training(window, epochs=3)
    wait_for_the_end(qtbot, window)
    model = window.session.model
    assert model is not None
    assert not np.array_equal(model.file.codes.mean, old.file.codes.mean)
    progress = window.session.part(TrainingState).progress
    assert progress is not None
    shown = curves(window)
    assert [epochs for epochs, _ in shown] == [[1, 2, 3]] * 3
    expected = [progress.curves[name] for name in ("train_reconstruction", "test_elbo", "train_kl")]
    np.testing.assert_allclose([values for _, values in shown], expected)
    assert find(window, QProgressBar, "trainProgress").value() == find(window, QProgressBar, "trainProgress").maximum()
    assert text_of(window, "trainNote") == f"finished, saved as {runs()[0].stem}"
    assert not find(window, QPushButton, "trainStop").isVisible()
    assert runs() == [model.path]
    saved = vx.load(runs()[0])
    assert saved.card.training["epochs"] == 3
    np.testing.assert_array_equal(saved.codes.mean, model.file.codes.mean)
    hit = mouse.move_to(window.latent_view, point(saved.codes, 5))
    settle(qtbot, window)
    assert window.session.cursor.state.z == hit
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(saved, hit)[0])


def test_that_the_old_model_answers_until_the_first_epoch_and_a_stopped_one_is_kept(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    old = window.session.model
    start_training(window, epochs=100_000)
    assert find(window, QDockWidget, "trainingDock").isVisible()
    assert not find(window, QAction, "model.train").isEnabled()
    mouse.move_to(window.latent_view, (-0.9, 0.6))
    settle(qtbot, window)
    assert window.session.model is old
    # The training panel may make room for itself meanwhile, and another point lies under the mouse then.
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, window.session.cursor.state.z)[0])
    wait_for_snapshot(qtbot, window)
    assert window.session.model is not old
    wait_for_snapshot(qtbot, window)
    QTest.mouseClick(find(window, QPushButton, "trainStop"), Qt.MouseButton.LeftButton)
    wait_for_the_end(qtbot, window)
    name = runs()[0].stem
    assert text_of(window, "trainNote") == f"stopped, saved as {name}"
    assert window.windowTitle() == f"{name} – VAE Explorer"
    assert find(window, QAction, "model.train").isEnabled()
    assert len(runs()) == 1
    assert window.session.model is not None
    assert window.session.model.path == runs()[0]
    np.testing.assert_array_equal(vx.load(runs()[0]).codes.mean, window.session.model.file.codes.mean)


def test_that_map_and_decoder_show_the_same_model_at_every_epoch(window: MainWindow, qtbot: QtBot) -> None:
    start_training(window, epochs=100_000)
    for _ in range(3):
        wait_for_snapshot(qtbot, window)
        settle(qtbot, window)
        assert window.session.model is not None
        shown = TrainedModel(window.session.model.file)
        np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(shown, window.session.cursor.state.z)[0])
        centres = [np.median(shown.codes.mean[shown.codes.label == number], axis=0) for number in range(10)]
        labels = window.latent_view.class_labels.shown()
        np.testing.assert_allclose([labels[str(n)] for n in range(10)], centres, rtol=1e-5)
    window.session.part(TrainingState).stop()
    wait_for_the_end(qtbot, window)


def test_that_a_comparison_beside_a_run_gives_the_run_back(window: MainWindow, qtbot: QtBot) -> None:
    start_training(window, epochs=100_000)
    wait_for_snapshot(qtbot, window)
    run_action(window, "view.compare.vae_gan")
    qtbot.waitUntil(lambda: window.session.part(TrainingState).aside, timeout=PATIENCE)
    settle(qtbot, window)
    run_action(window, "view.compare.close")
    assert not window.session.part(TrainingState).aside
    wait_for_snapshot(qtbot, window)
    window.session.part(TrainingState).stop()
    wait_for_the_end(qtbot, window)
    assert window.session.model is not None
    assert window.session.model.path == runs()[0]


def test_that_closing_while_training_asks_and_keep_goes_on(window: MainWindow, qtbot: QtBot) -> None:
    start_training(window, epochs=100_000)
    wait_for_snapshot(qtbot, window)
    QTest.mouseClick(close_dialog_button(window, "closeKeep"), Qt.MouseButton.LeftButton)
    assert window.isVisible()
    assert window.session.part(TrainingState).running
    wait_for_snapshot(qtbot, window)
    stop = close_dialog_button(window, "closeStop")
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=PATIENCE)
    assert not window.session.part(TrainingState).running
    assert not child_processes()
    assert len(runs()) == 1


@pytest.mark.real_data
def test_that_a_stopped_run_on_mnist_is_kept_too(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    """Its last test and the codes of 70,000 images take longer than those of the digits."""
    raw = tmp_path / "copy" / "MNIST" / "raw"  # of its own: images are unpacked where they lie
    raw.mkdir(parents=True)
    for archive in (locations.data() / "MNIST" / "raw").glob("*.gz"):
        shutil.copy(archive, raw)
    window = open_window(data_dir=str(tmp_path / "copy"))
    dialog = open_dialog(window)
    choose(dialog, "trainDataset", "mnist")
    press_start(dialog)
    with qtbot.waitSignal(
        window.session.part(TrainingState).changed, timeout=PATIENCE, check_params_cb=lambda news: news.epoch == 1
    ):
        pass
    QTest.mouseClick(find(window, QPushButton, "trainStop"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.session.part(TrainingState).running, timeout=PATIENCE)
    settle(qtbot, window)
    assert len(runs()) == 1
    assert window.session.model is not None
    assert window.session.model.card.dataset == "mnist"
