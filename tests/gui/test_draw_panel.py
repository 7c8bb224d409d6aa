"""The draw panel alone, without a window: what lies where while pixels are hidden."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QAbstractButton, QLabel
from pytestqt.qtbot import QtBot

from tests.gui.looking import find
from vae_explorer.gui.features.draw.filling_grid import Filling
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.kit.panel_state import Nothing, PanelState, Ready, Working

FILLINGS = tuple(Filling(np.zeros((8, 8, 1), np.uint8), "warm", "", f"draw {place}") for place in range(9))
HIDDEN = np.eye(8, dtype=bool)
NOTE = "log p(x) = −52.7 nats, of the pixels that are seen. " * 4


def place_of(panel: DrawPanel, name: str) -> QRect:
    label = find(panel, QLabel, name)
    return QRect(label.mapTo(panel, label.rect().topLeft()), label.size())


@pytest.mark.parametrize("state", [Ready(NOTE), Working(NOTE)])
def test_that_the_note_lies_below_the_fillings_and_never_under_them(state: PanelState, qtbot: QtBot) -> None:
    panel = DrawPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 520)
    panel.show()
    panel.set_state(Ready("Draw."))
    panel.set_fillings(FILLINGS, HIDDEN)
    panel.set_state(state)  # a new sentence comes while the fillings are there
    qtbot.waitUntil(panel.fillings.isVisible)
    assert not find(panel, QLabel, "drawNote").isVisible()
    grid = QRect(panel.fillings.mapTo(panel, panel.fillings.rect().topLeft()), panel.fillings.size())
    assert place_of(panel, "fillingsNote").top() > grid.bottom()
    panel.set_fillings((), np.zeros((1, 1), bool))
    assert find(panel, QLabel, "drawNote").isVisible()
    assert not panel.fillings.isVisible()
    assert not find(panel, QLabel, "fillingsNote").isVisible()


def test_that_no_tool_is_offered_without_an_encoder(qtbot: QtBot) -> None:
    panel = DrawPanel()
    qtbot.addWidget(panel)
    tools = [find(panel, QAbstractButton, f"draw.{name}") for name in ("pen", "hide", "invert", "take", "open")]
    panel.set_can_draw(False)
    panel.set_state(Nothing("The map shows nothing of a drawing for this family."))
    assert not any(tool.isEnabled() for tool in (*tools, panel.pad))
    panel.set_can_draw(True)
    assert all(tool.isEnabled() for tool in (*tools, panel.pad))
