"""The window on a model of coloured images: what is red in the model is red on the screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.tints import BLACK, CORNERS, SIDE, write_tints
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import LatentView

from .conftest import OpenWindow
from .looking import image_view, mosaic_item, settle

_FRAMED = SIDE + 2  # pixels of a picture with its frame
_PARTS = {
    "middle": np.array([0.5, 0.5]),
    "black columns": np.array([(1 + BLACK / 2) / _FRAMED, 0.5]),
    "frame": np.array([0.0, 0.0]),
}
RGB = {"red": (255, 0, 0), "green": (0, 255, 0), "magenta": (255, 0, 255), "cyan": (0, 255, 255)}


@pytest.fixture
def coloured(open_window: OpenWindow, tmp_path: Path) -> MainWindow:
    return open_window(write_tints(tmp_path))


def pixels_of(widget: QWidget) -> NDArray[np.uint8]:
    """What is painted, (h, w, 3)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


@pytest.mark.parametrize("name", CORNERS)
def test_that_the_picture_under_the_cursor_has_its_colour_on_the_screen(coloured: MainWindow, qtbot: QtBot, name: str) -> None:
    coloured.session.cursor.move(CORNERS[name], 0.0)
    settle(qtbot, coloured)
    side = min(image_view(coloured.explorer).width(), image_view(coloured.explorer).height())
    shown = pixels_of(image_view(coloured.explorer))
    assert shown[side // 2, 3 * side // 4].tolist() == list(RGB[name])
    assert shown[side // 2, 2].tolist() == [0, 0, 0]  # a black column


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_that_the_mosaic_shows_true_colours_as_dim_as_ink(coloured: MainWindow, qtbot: QtBot, theme: str) -> None:
    """A picture lies over the map at the opacity of the ink, black too. Between two pictures there is the map."""
    coloured.set_theme(theme)
    for overlay in ("codes", "posterior", "path"):
        coloured.explorer.overlays.set_visible(overlay, False)
    settle(qtbot, coloured)
    view, item = coloured.latent_view, mosaic_item(coloured)
    cell = item.mapRectToParent(item.boundingRect()).width() / (item.image.shape[1] / _FRAMED)
    screen, back = pixels_of(view.viewport()), np.array(coloured.theme.color("map").getRgb()[:3])
    for name, z in CORNERS.items():
        corner = cell * np.floor(np.array(z) / cell)
        shown = {part: at(view, screen, corner + share * cell) for part, share in _PARTS.items()}
        opacity = coloured.theme.ink_opacity
        colours = {"middle": np.array(RGB[name]), "black columns": np.zeros(3)}
        wanted = {part: back + opacity * (colour - back) for part, colour in colours.items()} | {"frame": back}
        for part, colour in wanted.items():
            assert shown[part] == pytest.approx(colour, abs=3), (name, part)


def at(view: LatentView, screen: NDArray[np.uint8], place: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The painted colour at a place of the map."""
    where = view.mapFromScene(view.getViewBox().mapViewToScene(QPointF(*place)))
    return screen[where.y(), where.x()]
