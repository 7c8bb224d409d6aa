"""A window on a model of images without classes says nothing of classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QWidget
from pytestqt.qtbot import QtBot

from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.model_file import read_model_file, write_model_file

from .conftest import OpenWindow
from .looking import settle, text_of
from .made import without_classes

TEXTS = ("text", "toolTip", "statusTip", "accessibleName", "accessibleDescription", "placeholderText")


def said(window: MainWindow) -> Iterator[str]:
    """Every text on the window, in its tool tips, choices and menus."""
    shown: list[QObject] = [each for each in window.findChildren(QWidget) if each.isVisibleTo(window)]
    for each in (*shown, *window.findChildren(QAction)):
        yield from (str(getattr(each, name)()) for name in TEXTS if hasattr(each, name))
        if isinstance(each, QComboBox):
            for place in range(each.count()):
                yield each.itemText(place)
                yield str(each.itemData(place, Qt.ItemDataRole.ToolTipRole))


def test_that_nothing_speaks_of_classes(open_window: OpenWindow, digits_path: Path, tmp_path: Path, qtbot: QtBot) -> None:
    path = tmp_path / "plain.safetensors"
    write_model_file(path, without_classes(read_model_file(digits_path)))
    window = open_window(path)
    for dock in window.explorers[0].docks.all():
        dock.raise_()
    window.session.hold_code(3)
    settle(qtbot, window)
    assert [text for text in said(window) if re.search("class", text, re.IGNORECASE)] == []
    assert text_of(window, "inspectedTitle") == "train #3 · held"
    assert window.latent_view.class_labels.shown() == {}
