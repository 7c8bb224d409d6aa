"""How tests draw on the pad: with the mouse, at places that are shares of its sides."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from vae_explorer.gui.features.draw.pad import DrawPad
from vae_explorer.gui.main_window import MainWindow

from .looking import find


def press(window: MainWindow, name: str) -> None:
    QTest.mouseClick(find(window, QAbstractButton, f"draw.{name}"), Qt.MouseButton.LeftButton)


def stroke(pad: DrawPad, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the pad to another, as shares of its sides."""
    side = min(pad.width(), pad.height())
    left = (pad.width() - side) // 2
    first, last = (QPoint(left + round(x * side), round(y * side)) for x, y in (start, end))
    QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=first)
    for share in np.linspace(0, 1, 9):
        QTest.mouseMove(
            pad, QPoint(round(first.x() + share * (last.x() - first.x())), round(first.y() + share * (last.y() - first.y())))
        )
    QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=last)


def hide(window: MainWindow, rows: tuple[float, ...]) -> None:
    """Sweep the hiding brush along these rows of the pad."""
    press(window, "hide")
    for y in rows:
        stroke(find(window, DrawPad, "drawPad"), (0.02, y), (0.98, y))
