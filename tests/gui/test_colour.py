"""The window on a model of coloured images: what is red in the model is red on the screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.tints import BLACK, CORNERS, SIDE, tint, write_tints
from vae_explorer.data.base import Dataset, ImageSet
from vae_explorer.gui.core import data_images
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.samples.state import Samples
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import LatentView

from .conftest import OpenWindow
from .looking import PATIENCE, find, image_view, mosaic_item, settle

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


@pytest.fixture
def originals(monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """An image for each code: the first is dark red, the others have the colours of their corners."""
    tints = np.stack([tint((200, 0, 0)), *(tint(RGB[name]) for name in list(CORNERS)[1:])])
    made = Dataset(ImageSet(tints, np.arange(4, dtype=np.uint8)), ImageSet(tints[:0], np.zeros(0, np.uint8)))
    monkeypatch.setattr(data_images, "load_dataset", lambda *_: made)
    return made


def colour_of(widget: QWidget, x: float = 0.8, y: float = 0.5) -> list[int]:
    shown = pixels_of(widget)
    colour: list[int] = shown[int(y * shown.shape[0]), int(x * shown.shape[1])].tolist()
    return colour


def test_that_original_reconstruction_and_difference_have_their_colours(
    originals: Dataset, coloured: MainWindow, qtbot: QtBot
) -> None:
    coloured.session.hold_code(0)
    settle(qtbot, coloured)
    shown = {
        name: colour_of(find(coloured, ImageView, f"inspected{name}")) for name in ("Original", "Reconstruction", "Difference")
    }
    assert shown == {"Original": [200, 0, 0], "Reconstruction": [255, 0, 0], "Difference": [55, 0, 0]}


def test_that_samples_and_frames_have_the_colours_of_their_points(coloured: MainWindow, qtbot: QtBot) -> None:
    samples = coloured.session.part(Samples)
    coloured.explorer.docks.show("samplesDock", True)
    samples.draw()
    settle(qtbot, coloured)
    grid = find(coloured, ImageGrid, "sampleTray")
    screen = pixels_of(grid)
    assert len(samples.prior.z) > 3
    for place, z in enumerate(samples.prior.z):
        cell = grid.cell(place)
        red, blue = 1 / (1 + np.exp(-10 * np.asarray(z)))
        shown = screen[cell.center().y(), cell.left() + round(0.85 * cell.width())]
        assert shown == pytest.approx(255 * np.array([red, 1 - red, blue]), abs=2)


def test_that_a_coloured_file_dropped_on_the_window_lies_on_the_pad_in_colour(
    coloured: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    Image.fromarray(tint((10, 200, 90))).save(tmp_path / "dropped.png")
    coloured.explorer.image_dropped.emit(tmp_path / "dropped.png")
    pad = coloured.explorer.panel(DrawPanel).pad
    qtbot.waitUntil(pad.isVisible, timeout=PATIENCE)
    qtbot.waitUntil(lambda: bool(pad.image().any()), timeout=PATIENCE)
    settle(qtbot, coloured)
    assert np.array_equal(pad.image(), tint((10, 200, 90)))
    assert colour_of(pad, 0.7) == [10, 200, 90]
