"""Exported paths, read back with Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog
from pytestqt.qtbot import QtBot

from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .looking import PATIENCE, film_strip, find, run_action, settle
from .test_files import banner, enter_name


@pytest.fixture
def frames(window: MainWindow, qtbot: QtBot) -> np.ndarray:
    """A path is laid; its frames (16, 8, 8, 1)."""
    for z in ((-1.2, -0.8), (1.1, 0.9)):
        mouse.click(window.latent_view, z)
    settle(qtbot, window)
    return film_strip(window.explorer).frames()


def choose_kind(window: MainWindow, place: int) -> QFileDialog:
    """Go down the list of kinds with the arrow key."""
    dialog = find(window, QFileDialog, "exportDialog")
    for _ in range(place):
        QTest.keyClick(find(dialog, QComboBox, "fileTypeCombo"), Qt.Key.Key_Down)
    return dialog


def test_that_the_dialog_exports_under_the_name_typed(
    window: MainWindow, frames: np.ndarray, tmp_path: Path, qtbot: QtBot
) -> None:
    run_action(window, "path.export")
    enter_name(window, "exportDialog", tmp_path / "by-dialog.apng")
    qtbot.waitUntil((tmp_path / "by-dialog.apng").exists, timeout=PATIENCE)
    with Image.open(tmp_path / "by-dialog.apng") as file:
        assert file.n_frames == 16


@pytest.mark.parametrize(("place", "suffix"), [(0, ".gif"), (1, ".apng"), (2, ".png")])
def test_that_a_name_without_ending_takes_that_of_the_chosen_kind(
    window: MainWindow, frames: np.ndarray, tmp_path: Path, qtbot: QtBot, place: int, suffix: str
) -> None:
    run_action(window, "path.export")
    choose_kind(window, place)
    enter_name(window, "exportDialog", tmp_path / "named")
    qtbot.waitUntil((tmp_path / f"named{suffix}").exists, timeout=PATIENCE)
    settle(qtbot, window)


@pytest.mark.parametrize(("place", "suffix"), [(1, ".apng"), (2, ".png")])
def test_that_choosing_a_kind_changes_the_suggested_name(
    window: MainWindow, frames: np.ndarray, place: int, suffix: str
) -> None:
    run_action(window, "path.export")
    dialog = choose_kind(window, place)
    assert [Path(name).suffix for name in dialog.selectedFiles()] == [suffix]
    dialog.reject()


def test_that_there_is_nothing_to_export_without_a_path(window: MainWindow, tmp_path: Path) -> None:
    assert not find(window, QAction, "path.export").isEnabled()
    window.session.export_path(tmp_path / "none.gif")
    assert banner(window).isVisible()
    assert not list(tmp_path.glob("*.gif"))
