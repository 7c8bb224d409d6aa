"""Windows on models of one, three and twenty latents: the map is a section, and everything decodes on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QSlider
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from vae_explorer.cli import main
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.features.section.panel import SectionPanel
from vae_explorer.gui.features.section.plane_by import PlaneBy
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.features.section.value_slider import ValueSlider
from vae_explorer.gui.features.traversals.panel import TraversalsPanel
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.latent.raster import Frame, picture
from vae_explorer.latent.section import Section, by_information
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

from . import mouse
from .conftest import OpenWindow
from .looking import PATIENCE, decoded, find, image_view, items, mosaic_item, settle
from .test_files import enter_name

PLACE = (0.4, -0.3)
LEAST_ROW = 111  # pixels of the row below the map on small screens


@pytest.fixture(scope="module", params=[1, 3, 20])
def path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    latents: int = request.param
    *_, last = train(TrainConfig(dataset="digits", epochs=2, hidden=(16,), latent_dim=latents, name=f"of-{latents}"))
    assert isinstance(last, Finished)
    path = tmp_path_factory.mktemp("latents") / f"{latents}.safetensors"
    write_model_file(path, last.model)
    return path


def lifted(path: Path, place: tuple[float, float]) -> np.ndarray:
    """The latent point at a place of the map, from the file alone: the two latents that tell most, others 0."""
    codes = vx.codes(path)
    z = np.zeros((1, codes.mean.shape[1]))
    for value, latent in zip(place, by_information(codes.mean, codes.std), strict=False):
        z[0, latent] = value
    if z.shape[1] == 1:
        z[0, 0] = place[0]
    return z


def test_that_hovering_decodes_the_point_of_the_section(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    mouse.move_to(window.latent_view, PLACE)
    place = window.session.cursor.state.z
    wanted = decoded(vx.load(path), lifted(path, place))[0]
    qtbot.waitUntil(lambda: np.array_equal(image_view(window.explorer).image(), wanted))
    assert mosaic_item(window).image is not None


def test_that_the_map_shows_the_codes_where_they_project(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    codes, model = vx.codes(path), window.session.model
    assert model is not None
    x = codes.mean @ lifted(path, (1.0, 0.0))[0]
    y = codes.mean @ lifted(path, (0.0, 1.0))[0]
    np.testing.assert_allclose(model.codes.mean, np.stack([x, y], axis=1), rtol=1e-5, atol=1e-6)
    assert window.session.cursor.shows_own_codes


def test_that_all_panels_open_on_it(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    for dock in window.explorer.docks.all():
        dock.show()
        dock.raise_()
        settle(qtbot, window)


@pytest.mark.parametrize("path", [20], indirect=True)
def test_that_a_person_chooses_the_section_by_boxes_and_sliders(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    dock = window.explorer.docks.dock("sectionDock")
    dock.show()
    dock.raise_()
    panel, codes = window.explorer.panel(SectionPanel), vx.codes(path)
    order = by_information(codes.mean, codes.std)
    box = find(panel, QComboBox, "section.latent.0")
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_End)
    box.activated.emit(box.currentIndex())
    slider = find(panel, ValueSlider, "section.value.0")
    slider.setFocus()
    for _ in range(5):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    settle(qtbot, window)
    mouse.move_to(window.latent_view, PLACE)
    z = np.zeros((1, 20))
    z[0, [order[-1], order[1]]] = window.session.cursor.state.z
    z[0, order[0]] = 0.5
    wanted = decoded(vx.load(path), z)[0]
    qtbot.waitUntil(lambda: np.array_equal(image_view(window.explorer).image(), wanted))


@pytest.mark.parametrize("path", [3], indirect=True)
def test_that_a_path_stays_in_the_space_while_the_section_moves(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    centre, corner = window.latent_view.visible_rect().center(), window.latent_view.visible_rect().topLeft()
    for place in (centre, (centre + corner) / 2):
        mouse.click(window.latent_view, (place.x(), place.y()))
    settle(qtbot, window)
    points = np.array(window.session.workspace.path.path.points)
    assert points.shape == (2, 3)
    np.testing.assert_allclose(shown_ends(window), points @ section_of(window).axes.T, atol=1e-5)
    choice = window.session.part(SectionChoice)
    choice.choose(PlaneBy.PRINCIPAL)
    settle(qtbot, window)
    middle = vx.codes(path).mean.mean(axis=0, dtype=float)
    np.testing.assert_allclose(shown_ends(window), (points - middle) @ section_of(window).axes.T, atol=1e-5)
    assert np.array_equal(points, window.session.workspace.path.path.points)


def shown_ends(window: MainWindow) -> np.ndarray:
    """The places of the path's ends, A and B."""
    ends = sorted(items(window, EndpointItem), key=lambda item: item.toolTip())
    return np.array([(end.pos().x(), end.pos().y()) for end in ends if end.isVisible()])


@pytest.mark.parametrize("path", [3], indirect=True)
def test_that_codes_far_from_the_plane_fade_on_the_map(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    before = window.latent_view.codes_item.request(frame_of(window))
    whole = picture(before)
    near = find(window.explorer.panel(SectionPanel), QSlider, "section.near")
    near.setValue(10)
    settle(qtbot, window)
    faded = picture(window.latent_view.codes_item.request(frame_of(window)))
    assert whole is not None
    assert faded is not None
    opacity = [int((each >> 24).astype(np.int64).sum()) for each in (whole, faded)]
    assert opacity[1] < 0.6 * opacity[0]


@pytest.mark.parametrize("path", [3], indirect=True)
def test_that_a_tour_plays_and_ends_with_the_window(path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window(path)
    settle(qtbot, window)
    panel = window.explorer.panel(SectionPanel)
    box = panel.by
    box.setCurrentIndex(box.findText("A plane that turns"))
    box.activated.emit(box.currentIndex())
    before = window.session.model
    assert before is not None
    play = find(panel, QPushButton, "section.play")
    play.click()
    qtbot.waitUntil(lambda: not np.allclose(section_of(window).axes, before.section.axes, atol=0.05), timeout=PATIENCE)
    assert play.text() == "Pause"


@pytest.mark.parametrize("path", [20], indirect=True)
def test_that_an_image_of_a_traversal_is_gone_to_and_exported(
    path: Path, open_window: OpenWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window = open_window(path)
    settle(qtbot, window)
    dock, codes = window.explorer.docks.dock("traversalsDock"), vx.codes(path)
    dock.show()
    dock.raise_()
    window.session.hold_code(7)
    settle(qtbot, window)
    assert dock.minimumSizeHint().height() <= LEAST_ROW
    panel, model = window.explorer.panel(TraversalsPanel), vx.load(path)
    order, around = by_information(codes.mean, codes.std), codes.mean[7]
    z = np.array(around)
    z[order[1]] = 2.0
    QTest.mouseClick(panel.grid, Qt.MouseButton.LeftButton, pos=panel.grid.cell(7 + 5).center())
    wanted = decoded(model, z[None])[0]
    assert np.array_equal(panel.grid.images()[7 + 5], wanted)
    qtbot.waitUntil(lambda: np.array_equal(image_view(window.explorer).image(), wanted), timeout=PATIENCE)
    np.testing.assert_allclose(section_of(window).distance(z[None]), 0, atol=1e-3)
    for name in ("t.png", "t.gif"):
        find(panel, QPushButton, "traversals.export").click()
        enter_name(window, "exportDialog", tmp_path / name)
        qtbot.waitUntil((tmp_path / name).exists, timeout=PATIENCE)
        settle(qtbot, window)
        words = ["traverse", str(path), "--z", *map(str, around.tolist()), "--out", str(tmp_path / f"by-command-{name}")]
        assert main(words) == 0
        with Image.open(tmp_path / name) as ours, Image.open(tmp_path / f"by-command-{name}") as theirs:
            assert np.array_equal(np.asarray(ours), np.asarray(theirs))
            assert getattr(ours, "n_frames", 1) == (7 if name == "t.gif" else 1)


def section_of(window: MainWindow) -> Section:
    assert window.session.model is not None
    return window.session.model.section


def frame_of(window: MainWindow) -> Frame:
    rect = window.latent_view.visible_rect()
    return Frame((rect.left(), rect.right()), (rect.top(), rect.bottom()), 400, 300)
