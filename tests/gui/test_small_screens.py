"""At small sizes every control can be reached, and the wheel over the controls scrolls what they lie in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSlider,
    QSpinBox,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.kit.flow_layout import FlowLayout
from vae_explorer.gui.kit.style import TAKES_WHEEL
from vae_explorer.gui.main_window import MainWindow

from .looking import find, run_action, settle

SIZES = [(800, 600), (1024, 768), (1280, 800)]
PLAYER = {
    QToolButton: ("path.play.button", "path.clear.button", "path.export.button"),
    QComboBox: ("playMode", "playSpeed"),
    QSlider: ("frameSlider",),
    QSpinBox: ("frameCount",),
}
DIALOGS = {
    "model.train": "trainDialog",
    "data.open_images": "imagesDialog",
    "model.pretrained": "pretrainedDialog",
    "help.guide": "guideDialog",
} | {
    "help.shortcuts": "shortcutsDialog",
    "help.about": "aboutDialog",
    "file.open_model": "openModelDialog",
}


def is_whole(widget: QWidget) -> bool:
    """Whether no part of a widget is outside of its window or of what scrolls it."""
    return widget.isVisible() and widget.visibleRegion().boundingRect() == widget.rect()


def player(parent: QWidget) -> list[QWidget]:
    return [find(parent, kind, name) for kind, names in PLAYER.items() for name in names]


def resize(window: MainWindow, size: tuple[int, int], qtbot: QtBot) -> None:
    window.resize(*size)
    window.reset_layout()
    settle(qtbot, window)
    QApplication.processEvents()


def test_that_every_control_of_the_player_is_whole_at_small_sizes(window: MainWindow, qtbot: QtBot) -> None:
    for size in SIZES:
        resize(window, size, qtbot)
        assert window.size().toTuple() == size
        assert [widget.objectName() for widget in player(window) if not is_whole(widget)] == []


def test_that_the_first_window_is_no_wider_than_the_screen(open_window: Callable[..., MainWindow]) -> None:
    window = open_window(at_once=True, resized=False)
    screen = window.screen().availableSize()
    assert screen.width() < 1280
    assert window.width() <= screen.width()
    assert window.explorer.minimumSize() == QSize(0, 0)


def test_that_a_comparison_fits_into_small_windows(window: MainWindow, tiny_model_path: Path, qtbot: QtBot) -> None:
    window.resize(*SIZES[0])
    window.comparison.compare_with(tiny_model_path)
    for size in SIZES:
        resize(window, size, qtbot)
        assert window.size().toTuple() == size
        bar = find(window, CompareBar, "compareBar")
        close = find(bar, QPushButton, "compareClose")
        assert [widget.objectName() for widget in (*player(bar), close) if not is_whole(widget)] == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("command", list(DIALOGS))
def test_that_a_dialog_and_its_buttons_are_on_the_screen(
    size: tuple[int, int], command: str, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = QSize(*size) - QSize(12, 44)
    for module in ("kit.on_screen", "dialogs.pretrained_dialog"):
        monkeypatch.setattr(f"vae_explorer.gui.{module}.room_of", lambda dialog: room)
    run_action(window, command)
    QApplication.processEvents()
    dialog = find(window, QDialog, DIALOGS[command])
    assert dialog.width() <= room.width()
    assert dialog.height() <= room.height()
    assert all(is_whole(button) for box in dialog.findChildren(QDialogButtonBox) for button in box.buttons())
    dialog.close()


def wheel_over(widget: QWidget) -> None:
    """Turn the wheel over the middle of a widget, as a system sends it."""
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at)),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def turn_wheel(window: QWidget, over: QWidget) -> None:
    """Turn the wheel where `over` lies in a window; Qt finds the widget, as it does for a person."""
    QTest.wheelEvent(window.windowHandle(), QPointF(over.mapTo(window, over.rect().center())), QPoint(0, -120))
    QApplication.processEvents()


def value_of(widget: QWidget) -> object:
    return widget.currentIndex() if isinstance(widget, (QComboBox, QTabBar)) else widget.value()  # type: ignore[attr-defined]


def test_that_the_wheel_over_no_box_slider_or_tab_changes_it(window: MainWindow) -> None:
    for command in ("model.train", "file.open_model"):
        run_action(window, command)
    QApplication.processEvents()
    found = [w for top in QApplication.topLevelWidgets() for w in top.findChildren(QWidget) if isinstance(w, TAKES_WHEEL)]
    takes = [w for w in found if not isinstance(w, QScrollBar) and not w.hasFocus()]
    assert len(takes) > 25
    before = [value_of(widget) for widget in takes]
    for widget in takes:
        wheel_over(widget)
    assert [value_of(widget) for widget in takes] == before
    assert not [widget for widget in takes if widget.focusPolicy() == Qt.FocusPolicy.WheelFocus]
    for dialog in window.findChildren(QDialog):
        dialog.close()


def test_that_the_wheel_over_a_box_scrolls_and_changes_the_box_once_it_has_the_focus(qtbot: QtBot) -> None:
    area, inside, box = QScrollArea(), QWidget(), QSpinBox()
    qtbot.addWidget(area)
    QVBoxLayout(inside).addWidget(box)
    inside.setFixedSize(200, 2000)
    area.setWidget(inside)
    area.resize(200, 200)
    with qtbot.waitExposed(area):
        area.show()
    area.setFocus()
    area.verticalScrollBar().setValue(900)
    box.setValue(50)
    turn_wheel(area, box)
    assert (box.value(), area.verticalScrollBar().value() > 900) == (50, True)
    area.activateWindow()
    box.setFocus()
    qtbot.waitUntil(box.hasFocus)
    turn_wheel(area, box)
    assert box.value() == 49


def test_that_a_row_that_is_too_short_goes_on_in_the_next_one(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    flow = FlowLayout(holder, across=10, down=5)
    parts = [QWidget() for _ in range(3)]
    for part in parts:
        part.setFixedSize(100, 20)
        flow.addWidget(part)
    holder.show()
    heights = {width: flow.heightForWidth(width) for width in (320, 319, 210, 209)}
    assert heights == {320: 20, 319: 45, 210: 45, 209: 70}
    flow.setGeometry(QRect(0, 0, 210, 45))
    assert [part.pos().toTuple() for part in parts] == [(0, 0), (110, 0), (0, 25)]
    flow.setGeometry(QRect(0, 0, 210, 101))  # the rows stand in the middle
    assert [part.pos().toTuple() for part in parts] == [(0, 28), (110, 28), (0, 53)]
