"""The window as a whole: commands, names, theme, hint, start and end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, QThread
from PySide6.QtGui import QAction, QGuiApplication, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDockWidget,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vae_explorer import UserError
from vae_explorer.gui.actions import COMMANDS
from vae_explorer.gui.app import create_window
from vae_explorer.gui.features.path.film_strip import FilmStrip
from vae_explorer.gui.features.samples.noise_plane import NoisePlane
from vae_explorer.gui.kit import theme as themes
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.gui.screenshot import take_screenshot

from . import mouse
from .conftest import OpenWindow
from .looking import PATIENCE, find, image_view, run_action, settle

NAMED = {
    LatentView: ["latentMap"],
    ImageView: ["decodedImage", "pathFrame", "inspectedOriginal", "inspectedReconstruction", "inspectedDifference"],
    FilmStrip: ["filmStrip"],
    QSlider: ["frameSlider"],
    QSpinBox: ["frameCount"],
    QComboBox: ["playMode", "playSpeed"],
    QToolButton: ["path.play.button", "path.clear.button", "path.export.button"],
    QPushButton: ["trainButton", "trainStop", "allClasses", "bannerDismiss", "bannerCopy", "hintDismiss"],
    QProgressBar: ["trainProgress"],
    QDockWidget: ["modelDock", "decoderDock", "inspectorDock", "trainingDock", "pathDock", "samplesDock"],
    QLabel: ["statusModel", "statusData", "statusDevice", "statusDecode", "cursorZ", "priorDensity", "nearestCode"],
    QCheckBox: ["overlay.codes", "overlay.manifold", "overlay.posterior", "overlay.path", "overlay.samples", "class0"],
    QMenu: ["menu.file", "menu.edit", "menu.view", "menu.model", "menu.path", "menu.help", "file.open_pretrained"],
    Banner: ["banner", "hint"],
    ImageGrid: ["sampleTray", "posteriorDraws"],
    NoisePlane: ["noisePlane"],
}
DIALOGS = {
    "file.open_model": "openModelDialog",
    "file.save_model_as": "saveModelDialog",
    "model.train": "trainDialog",
    "help.shortcuts": "shortcutsDialog",
    "help.about": "aboutDialog",
}


def test_that_every_command_is_an_action_with_its_name_and_tips(window: MainWindow) -> None:
    for command in COMMANDS:
        action = find(window, QAction, command.name)
        assert action.statusTip()
        assert action.toolTip() != action.text().replace("&", "")
    known = {command.name for command in COMMANDS}
    needed = {"file.open_model", "file.save_model_as", "file.quit", "edit.undo", "edit.redo", "view.show_all", "model.train"}
    assert known >= needed | {"path.play", "path.clear", "path.export", "help.shortcuts", "help.about"}


def test_that_no_two_commands_share_a_shortcut(window: MainWindow) -> None:
    keys = [action.shortcut().toString() for action in window.findChildren(QAction) if not action.shortcut().isEmpty()]
    assert len(keys) == len(set(keys))


def test_that_every_command_is_in_the_menu_of_its_name(window: MainWindow) -> None:
    for command in COMMANDS:
        menu = find(window, QMenu, f"menu.{command.name.partition('.')[0]}")
        assert command.name in [action.objectName() for action in menu.actions()]


def test_that_docks_and_controls_are_found_by_name(window: MainWindow) -> None:
    for kind, names in NAMED.items():
        for name in names:
            find(window, kind, name)


def test_that_no_button_or_field_is_without_a_name(window: MainWindow) -> None:
    kinds = (QPushButton, QToolButton, QComboBox, QSlider, QSpinBox, QCheckBox)
    controls = [control for kind in kinds for control in window.findChildren(kind) if control.isVisible()]
    assert len(controls) > 20
    assert not [control for control in controls if not control.objectName()]


def test_that_dialogs_open_without_blocking(window: MainWindow) -> None:
    for command, name in DIALOGS.items():
        run_action(window, command)
        dialog = find(window, QDialog, name)
        assert dialog.isVisible()
        dialog.reject()


def test_that_the_list_of_shortcuts_names_every_one(window: MainWindow) -> None:
    run_action(window, "help.shortcuts")
    text = find(window, QLabel, "shortcutsDialogText").text()
    for command in COMMANDS:
        keys = find(window, QAction, command.name).shortcut().toString()
        assert keys in text
    find(window, QDialog, "shortcutsDialog").reject()


def test_that_about_copies_the_diagnostics(open_window: OpenWindow) -> None:
    window = open_window(diagnostics="torch 1.2.3 on a toaster")
    run_action(window, "help.about")
    QTest.mouseClick(find(window, QPushButton, "copyDiagnostics"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "torch 1.2.3 on a toaster"
    find(window, QDialog, "aboutDialog").reject()


def test_that_image_and_z_can_be_copied(window: MainWindow, qtbot: QtBot) -> None:
    x, y = mouse.move_to(window.latent_view, (0.5, -0.7))
    settle(qtbot, window)
    run_action(window, "edit.copy_image")
    image = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_Grayscale8)
    grey = [[image.pixelColor(column, row).red() for column in range(8)] for row in range(8)]
    np.testing.assert_array_equal(grey, image_view(window.explorer).image()[..., 0])
    run_action(window, "edit.copy_z")
    assert [float(word) for word in QGuiApplication.clipboard().text().split()] == pytest.approx([x, y], rel=1e-4)


def background(window: MainWindow) -> str:
    return window.latent_view.backgroundBrush().color().name()


def test_that_the_theme_is_switched_in_the_menu_and_remembered(open_window: OpenWindow) -> None:
    window = open_window()
    for name in ("dark", "light", "dark"):
        find(window, QAction, f"view.theme.{name}").trigger()
        assert background(window) == themes.THEMES[name].map
        assert QApplication.palette().color(QPalette.ColorRole.Window).name() == themes.THEMES[name].window
    window.close()
    assert background(open_window()) == themes.DARK.map


def test_that_the_systems_theme_is_followed_where_it_is_chosen(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    real, system = themes.resolve, ["dark"]
    monkeypatch.setattr(themes, "resolve", lambda choice: real(system[-1] if choice == "system" else choice))
    find(window, QAction, "view.theme.system").trigger()
    assert background(window) == themes.DARK.map
    for now in ("light", "dark"):
        system.append(now)
        QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Unknown)
        assert background(window) == themes.THEMES[now].map
    find(window, QAction, "view.theme.light").trigger()
    QGuiApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert background(window) == themes.LIGHT.map


def test_that_the_hint_is_there_until_it_has_been_dismissed_once(open_window: OpenWindow) -> None:
    window = open_window()
    hint = find(window, Banner, "hint")
    assert hint.isVisible()
    QTest.mouseClick(find(hint, QPushButton, "hintDismiss"), Qt.MouseButton.LeftButton)
    assert not hint.isVisible()
    window.close()
    assert not find(open_window(), Banner, "hint").isVisible()


def test_that_no_panel_grows_from_one_start_to_the_next(open_window: OpenWindow, qtbot: QtBot) -> None:
    """Neither what lies below the map with another tab in front, nor what lies below the training."""
    heights = []
    for _ in range(3):
        window = open_window()
        docks = window.explorer.docks
        before = [docks.dock("healthDock").height(), window.map_area.height()]
        docks.show("extremesDock", True)
        docks.show_training(True)
        settle(qtbot, window)
        heights.append([docks.dock("extremesDock").height(), *before])
        window.close()
    assert heights[1] == pytest.approx(heights[0], abs=2)
    assert heights[2] == pytest.approx(heights[0], abs=2)


def test_that_the_layout_comes_back_and_can_be_reset(open_window: OpenWindow) -> None:
    window = open_window()
    find(window, QDockWidget, "inspectorDock").close()
    window.close()
    again = open_window()
    assert not find(again, QDockWidget, "inspectorDock").isVisible()
    run_action(again, "view.reset_layout")
    assert find(again, QDockWidget, "inspectorDock").isVisible()
    assert not find(again, QDockWidget, "trainingDock").isVisible()


def test_that_the_window_closes_right_after_it_was_shown(open_window: OpenWindow) -> None:
    window = open_window(at_once=True)
    window.close()
    assert not window.isVisible()
    QApplication.processEvents()
    assert not [thread.objectName() for thread in window.findChildren(QThread) if thread.isRunning()]
    assert not window.session.jobs.busy


def test_that_quit_closes_the_window(window: MainWindow) -> None:
    run_action(window, "file.quit")
    assert not window.isVisible()


def test_that_a_window_at_rest_is_neither_laid_out_nor_painted(window: MainWindow, qtbot: QtBot) -> None:
    settle(qtbot, window)
    work = _Work()
    window.installEventFilter(work)
    qtbot.waitUntil(work.is_over, timeout=PATIENCE)
    window.removeEventFilter(work)


class _Work(QObject):
    """What a window is told to do."""

    _KINDS = frozenset({QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest, QEvent.Type.Paint})

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self._count += event.type() in self._KINDS
        return False

    def is_over(self) -> bool:
        """Whether many rounds of events bring no more of it."""
        before = self._count
        for _ in range(20):
            QApplication.processEvents()
        return self._count == before


def test_that_repaints_of_the_map_lose_no_reference_to_none(window: MainWindow, qtbot: QtBot) -> None:
    """PYSIDE-3474: each repaint of a plot dropped about 170 of them, until the interpreter aborted."""
    viewport = window.latent_view.viewport()
    viewport.repaint()
    before = sys.getrefcount(None)
    for _ in range(50):
        viewport.repaint()
    assert sys.getrefcount(None) > before - 50


@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)])
def test_that_every_panel_lies_inside_a_window_of_this_size(window: MainWindow, size: tuple[int, int]) -> None:
    window.resize(*size)
    QApplication.processEvents()
    assert (window.width(), window.height()) == size
    for name in ("latentMap", "decodedImage", "filmStrip", "frameSlider", "inspectorPanel", "modelPanel", "classLegend"):
        widget = find(window, QWidget, name)
        assert widget.isVisible()
        assert window.rect().contains(QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())), name


@pytest.mark.parametrize("size", [(900, 700), (1600, 900)])
def test_that_a_picture_has_the_size_asked_for_or_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    refusal = ""
    try:
        take_screenshot("digits-vae", tmp_path / "shot.png", size=size, theme="light")
    except UserError as error:
        refusal = str(error)
    if not (tmp_path / "shot.png").exists():
        assert "size" in refusal
        return
    with Image.open(tmp_path / "shot.png") as picture:
        assert picture.size == size


def test_that_the_command_line_takes_a_picture_of_the_size_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vae_explorer", "screenshot", "digits-vae", "--out", str(tmp_path / "shot.png")]
    command += ["--size", "1300x820", "--theme", "dark", "--path", "-1", "-1", "1", "1", "--cursor", "0.2", "0.4"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=240, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    with Image.open(tmp_path / "shot.png") as picture:
        assert picture.size == (1300, 820)
        assert picture.convert("L").resize((1, 1)).getpixel((0, 0)) < 100


def test_that_no_menu_is_open_in_a_window_that_nobody_has_touched(window: MainWindow) -> None:
    assert not [menu.title() for menu in window.findChildren(QMenu) if menu.isVisible()]


def test_that_a_closed_window_leaves_no_widget_behind(digits_path: Path, qtbot: QtBot, qapp: QApplication) -> None:
    """Not even one without a parent: the next window's style sheet would be worked out for it too."""
    before = set(QApplication.allWidgets())
    window = create_window(digits_path)
    window.show()
    qtbot.waitUntil(lambda: window.session.settled, timeout=PATIENCE)
    window.close()
    window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert set(QApplication.allWidgets()) <= before
