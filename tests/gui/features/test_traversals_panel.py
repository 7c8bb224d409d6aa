"""The grid of traversals by real mouse and keys: images of any shape, and rows that do not fit."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.gui.features.traversals.grid import TraversalGrid

VALUES = ["−1", "0", "1"]


def grid_of(qtbot: QtBot, rows: int, shape: tuple[int, int, int], room: QSize) -> TraversalGrid:
    grid = TraversalGrid()
    qtbot.addWidget(grid)
    images = np.zeros((rows * len(VALUES), *shape), np.uint8)
    images[:, :, :, 0] = 200
    grid.set_room(room)
    grid.set_rows([f"z{row}" for row in range(rows)], VALUES, ["tip"] * len(images), images, None)
    grid.resize(room.width(), max(grid.minimumHeight(), room.height()))
    grid.show()
    return grid


@pytest.mark.parametrize(("shape", "colour"), [((8, 16, 3), (200, 0, 0)), ((16, 8, 1), (200, 200, 200))])
def test_that_images_in_colour_and_grey_keep_their_shape(
    application: QApplication, qtbot: QtBot, shape: tuple[int, int, int], colour: tuple[int, int, int]
) -> None:
    grid = grid_of(qtbot, 2, shape, QSize(400, 200))
    cell = grid.cell(4)
    assert cell.width() / cell.height() == pytest.approx(shape[1] / shape[0], rel=0.05)
    drawn = grid.grab().toImage().pixelColor(cell.center())
    assert (drawn.red(), drawn.green(), drawn.blue()) == colour


def test_that_rows_stand_in_blocks_side_by_side_and_else_make_the_grid_higher(application: QApplication, qtbot: QtBot) -> None:
    wide = grid_of(qtbot, 4, (8, 8, 1), QSize(800, 100))
    assert wide.minimumHeight() <= 100
    assert wide.cell(9).left() > wide.cell(2).right()
    narrow = grid_of(qtbot, 20, (8, 8, 1), QSize(150, 100))
    cells = [narrow.cell(index) for index in range(60)]
    assert max(cell.bottom() for cell in cells) < narrow.minimumHeight()
    assert max(cell.right() for cell in cells) < 150
    assert not any(one.intersects(other) for place, one in enumerate(cells) for other in cells[:place])


def test_that_a_click_and_the_arrow_keys_choose_an_image(application: QApplication, qtbot: QtBot) -> None:
    grid = grid_of(qtbot, 3, (8, 8, 1), QSize(400, 300))
    with qtbot.waitSignal(grid.chosen) as clicked:
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.cell(5).center())
    assert clicked.args == [5]
    grid.set_rows(["a", "b", "c"], VALUES, ["tip"] * 9, grid.images(), 5)
    with qtbot.waitSignal(grid.chosen) as up:
        QTest.keyClick(grid, Qt.Key.Key_Up)
    assert up.args == [2]
