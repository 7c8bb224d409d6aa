"""The mosaic behind the codes: the copy that is painted while the map is shifted, beside the same picture painted by Qt."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage, QPainter, QTransform

from vae_explorer.gui.views.smooth_image_item import SmoothImageItem

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)


def item() -> SmoothImageItem:
    made = SmoothImageItem(axisOrder="row-major")
    made.setImage(PIXELS, autoLevels=False, levels=(0, 255))
    return made


def painted(by: SmoothImageItem, scale: float, dx: float, dy: float) -> NDArray[np.uint8]:
    """(120, 160) grey, the image `scale` times as large and upside down, as the map has it."""
    canvas = QImage(160, 120, QImage.Format.Format_RGB32)
    canvas.fill(0)
    painter = QPainter(canvas)
    painter.setTransform(QTransform(scale, 0, 0, -scale, dx, dy))
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


def test_that_another_scale_or_another_image_is_no_copy() -> None:
    one = item()
    for _ in range(2):
        painted(one, 3.3, 20.25, 90.75)
    assert np.array_equal(painted(one, 2.7, 20.25, 90.75), painted(item(), 2.7, 20.25, 90.75))
    painted(one, 3.3, 20.25, 90.75)
    one.setImage(255 - PIXELS, autoLevels=False, levels=(0, 255))
    fresh = item()
    fresh.setImage(255 - PIXELS, autoLevels=False, levels=(0, 255))
    assert np.array_equal(painted(one, 3.3, 20.25, 90.75), painted(fresh, 3.3, 20.25, 90.75))
