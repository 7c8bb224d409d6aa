"""The mosaic behind the codes: the copy that is painted while the map is shifted, beside the same picture painted by Qt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter, QTransform
from pytestqt.qtbot import QtBot

from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem

from .looking import PATIENCE

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)


def item(kind: type[SmoothImageItem] = SmoothImageItem) -> Any:
    made = kind(axisOrder="row-major")
    made.setImage(PIXELS, autoLevels=False, levels=(0, 255))
    return made


class Recorded(SmoothImageItem):
    """Knows when it was painted."""

    def paint(self, *args: object) -> None:
        super().paint(*args)
        self.while_zoomed = [*getattr(self, "while_zoomed", []), self.is_zoomed]


def painted(by: SmoothImageItem, scale: float, dx: float, dy: float, ratio: float = 1.0) -> NDArray[np.uint8]:
    """(120, 160) grey device pixels, the image `scale` of them a pixel and upside down, as the map has it."""
    canvas = QImage(160, 120, QImage.Format.Format_RGB32)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setTransform(QTransform(scale / ratio, 0, 0, -scale / ratio, dx / ratio, dy / ratio))
    by.paint(painter)
    painter.end()
    return np.frombuffer(canvas.constBits(), np.uint8).reshape(120, 160, 4)[..., 0].copy()


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (7, -5), (-40, 30), (500, 500)])
def test_that_a_shifted_map_shows_what_qt_would_paint_there(dx: int, dy: int) -> None:
    one = item()
    for _ in range(2):
        painted(one, 3.3, 20.25, 90.75)
    copied = painted(one, 3.3, 20.25 + dx, 90.75 + dy)
    fresh = painted(item(), 3.3, 20.25 + dx, 90.75 + dy)
    assert np.abs(copied.astype(int) - fresh).max() <= 1  # Qt rounds otherwise where an edge is cut off


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_that_a_zoomed_map_shows_about_what_qt_would_paint_there_and_just_that_once_it_rests(
    ratio: float, qtbot: QtBot
) -> None:
    one = item()
    for _ in range(2):
        painted(one, 3.3, 20.25, 90.75, ratio)
    for scale in (3.5, 3.9, 3.0, 2.6, 5.5, 1.4):  # the last two are too far from what there is
        for _ in range(2):
            zoomed, fresh = painted(one, scale, 20.25, 90.75, ratio), painted(item(), scale, 20.25, 90.75, ratio)
            beside = painted(item(), scale, 21.25, 90.75, ratio)  # a pixel further
            assert np.abs(zoomed.astype(int) - fresh).mean() < 0.6 * np.abs(beside.astype(int) - fresh).mean()
    painted(one, 1.6, 20.25, 90.75, ratio)
    qtbot.waitUntil(lambda: not one.is_zoomed, timeout=PATIENCE)
    for dx in (0, 9):
        fresh = painted(item(), 1.6, 20.25 + dx, 90.75, ratio)
        assert np.abs(painted(one, 1.6, 20.25 + dx, 90.75, ratio).astype(int) - fresh).max() <= 1


def test_that_a_map_that_rests_is_painted_once_more(qtbot: QtBot) -> None:
    plot, one = pg.PlotWidget(), item(Recorded)
    qtbot.addWidget(plot)
    plot.addItem(one)
    with qtbot.waitExposed(plot):
        plot.show()
    for _ in range(3):
        plot.getViewBox().scaleBy((0.9, 0.9))
        plot.viewport().repaint()
    assert one.while_zoomed[-1]
    qtbot.waitUntil(lambda: not one.while_zoomed[-1], timeout=PATIENCE)


def test_that_another_image_is_no_copy() -> None:
    one = item()
    for _ in range(2):
        painted(one, 3.3, 20.25, 90.75)
    one.setImage(255 - PIXELS, autoLevels=False, levels=(0, 255))
    fresh = item()
    fresh.setImage(255 - PIXELS, autoLevels=False, levels=(0, 255))
    assert np.array_equal(painted(one, 3.3, 20.25, 90.75), painted(fresh, 3.3, 20.25, 90.75))
