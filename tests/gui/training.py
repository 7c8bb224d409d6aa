"""The training dialog filled in and started with the mouse, as a person would."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDialog, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow

from .looking import PATIENCE, find, run_action, settle


def open_dialog(window: MainWindow) -> QDialog:
    run_action(window, "model.train")
    return find(window, QDialog, "trainDialog")


def choose(dialog: QDialog, name: str, data: str) -> None:
    box = find(dialog, QComboBox, name)
    box.setCurrentIndex(box.findData(data))


def type_into(field: QLineEdit | QAbstractSpinBox, text: str) -> None:
    field.selectAll()
    QTest.keyClicks(field, text)


def press_start(dialog: QDialog) -> None:
    QTest.mouseClick(find(dialog, QPushButton, "trainStart"), Qt.MouseButton.LeftButton)


def start_training(window: MainWindow, epochs: int, batch: int = 256) -> None:
    """Model ▸ Train… on `digits`."""
    dialog = open_dialog(window)
    choose(dialog, "trainDataset", "digits")
    type_into(find(dialog, QSpinBox, "trainEpochs"), str(epochs))
    type_into(find(dialog, QSpinBox, "trainBatchSize"), str(batch))
    press_start(dialog)
    assert window.session.part(TrainingState).running


def wait_for_snapshot(qtbot: QtBot, window: MainWindow) -> None:
    """Wait until the map shows the model as it is after another epoch."""
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        pass
    assert window.session.part(TrainingState).running


def wait_for_the_end(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: not window.session.part(TrainingState).running, timeout=PATIENCE)
    settle(qtbot, window)
