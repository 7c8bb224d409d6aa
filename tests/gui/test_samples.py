"""Samples: the tray of draws from the prior, and z = mean + std · ε of one code, in the panel and on the map."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QDockWidget,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QTabBar,
)
from pytestqt.qtbot import QtBot

from vae_explorer.codes import Codes
from vae_explorer.gui.features.samples.draw_item import DrawItem
from vae_explorer.gui.features.samples.noise_plane import NoisePlane
from vae_explorer.gui.features.samples.state import PosteriorDraws, Samples
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel

from . import mouse
from .conftest import FileOf
from .looking import PATIENCE, decoded, find, image_view, items, lonely_code, point, run_action, settle, text_of

LEFT = Qt.MouseButton.LeftButton
SHIFT = Qt.KeyboardModifier.ShiftModifier


def open_samples(qtbot: QtBot, window: MainWindow) -> None:
    """Click the panel's tab."""
    _choose_tab(window, "SAMPLES")
    qtbot.waitUntil(lambda: window.session.part(Samples).is_open, timeout=PATIENCE)
    settle(qtbot, window)


def _choose_tab(window: MainWindow, title: str) -> None:
    for bar in window.explorer.findChildren(QTabBar):
        for place in range(bar.count()):
            if bar.tabText(place) == title:
                QTest.mouseClick(bar, LEFT, pos=bar.tabRect(place).center())


def tray(window: MainWindow) -> ImageGrid:
    return find(window, ImageGrid, "sampleTray")


def plane(window: MainWindow) -> NoisePlane:
    return find(window, NoisePlane, "noisePlane")


def press(window: MainWindow, button: str) -> None:
    QTest.mouseClick(find(window, QPushButton, button), LEFT)


def draws_of(window: MainWindow) -> PosteriorDraws:
    draws = window.session.part(Samples).posterior
    assert draws is not None
    return draws


def on_the_map(window: MainWindow) -> np.ndarray:
    """Where the numbered dots lie, in the order of their numbers."""
    dots = sorted((item for item in items(window, DrawItem) if item.isVisible()), key=lambda item: int(item.word))
    return np.array([(dot.pos().x(), dot.pos().y()) for dot in dots])


def trick(codes: Codes, index: int, noise: np.ndarray) -> np.ndarray:
    return codes.mean[index].astype(np.float64) + codes.std[index].astype(np.float64) * noise


def hold(qtbot: QtBot, window: MainWindow, codes: Codes) -> int:
    """Shift+click a code, after zooming in on it so far that its draws lie apart."""
    index = lonely_code(window, codes)
    mouse.click(window.latent_view, point(codes, index), SHIFT)
    settle(qtbot, window)
    press(window, "zoomToDraws")
    settle(qtbot, window)
    return index


def drag_noise(window: MainWindow, start: np.ndarray, end: tuple[float, float]) -> None:
    """Press on the plane at ε = start, move in steps to `end`, release."""
    target = plane(window)
    first, last = target.point_of((float(start[0]), float(start[1]))), target.point_of(end)
    _send(target, QEvent.Type.MouseButtonPress, first, LEFT, LEFT)
    for share in (0.3, 0.7, 1.0):
        _send(target, QEvent.Type.MouseMove, first + (last - first) * share, Qt.MouseButton.NoButton, LEFT)
    _send(target, QEvent.Type.MouseButtonRelease, last, LEFT, Qt.MouseButton.NoButton)


def _send(target: NoisePlane, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton) -> None:
    event = QMouseEvent(kind, at, target.mapToGlobal(at), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(target, event)


# The prior


def test_that_drawing_puts_the_decoders_images_of_seeded_points_into_the_tray(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    open_samples(qtbot, window)
    for seed in (0, 1):
        press(window, "drawSamples")
        settle(qtbot, window)
        z = np.random.default_rng(seed).standard_normal((16, 2)).astype(np.float32)
        np.testing.assert_array_equal(tray(window).images(), decoded(model, z))
        (shown,) = (item for item in items(window, PathDots) if len(item.data) == 16)
        np.testing.assert_array_equal(np.stack(shown.getData(), axis=1), z)
    press(window, "clearSamples")
    assert not len(tray(window).images())
    assert not [item for item in items(window, PathDots) if len(item.data)]


def test_that_a_clicked_sample_is_the_picked_point_and_lies_marked_on_the_map(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    open_samples(qtbot, window)
    press(window, "drawSamples")
    settle(qtbot, window)
    z = window.session.part(Samples).prior.z[5]
    QTest.mouseClick(tray(window), LEFT, pos=tray(window).cell(5).center())
    settle(qtbot, window)
    assert window.session.cursor.state.z == tuple(z.tolist())
    np.testing.assert_array_equal(image_view(window.explorer).image(), decoded(model, z)[0])
    assert [tuple(np.ravel(item.getData())) for item in items(window, PathDots) if len(item.data) == 1] == [tuple(z)]
    mouse.move_to(window.latent_view, (0.4, 0.3))
    mouse.leave(window.latent_view)
    assert window.session.cursor.state.z == tuple(z.tolist())  # it is where the mouse leaves one
    assert not window.session.workspace.path.path.points


def test_that_arrow_keys_go_from_sample_to_sample_and_scroll_to_it(window: MainWindow, qtbot: QtBot) -> None:
    open_samples(qtbot, window)
    find(window, QSpinBox, "sampleCount").setValue(64)
    press(window, "drawSamples")
    settle(qtbot, window)
    area = tray(window).parent().parent()
    assert isinstance(area, QScrollArea)
    for key, place in ((Qt.Key.Key_Right, 0), (Qt.Key.Key_Right, 1), (Qt.Key.Key_Left, 0), (Qt.Key.Key_End, 63)):
        QTest.keyClick(tray(window), key)
        assert window.session.part(Samples).prior.chosen == place
        assert area.viewport().rect().contains(tray(window).mapTo(area.viewport(), tray(window).cell(place).center()))


def test_that_nothing_is_decoded_or_shown_while_the_panel_is_closed(window: MainWindow, qtbot: QtBot) -> None:
    open_samples(qtbot, window)
    press(window, "drawSamples")
    settle(qtbot, window)
    _choose_tab(window, "PATH")
    qtbot.waitUntil(lambda: not window.session.part(Samples).is_open, timeout=PATIENCE)
    assert not [item for item in items(window, PathDots) if len(item.data)]
    assert not len(on_the_map(window))
    keys: list[str] = []
    window.session.decoder.answered.connect(lambda answer: keys.append(answer.key))
    mouse.move_to(window.latent_view, (0.5, 0.2))
    settle(qtbot, window)
    assert "cursor" in keys
    assert not {"posterior_draws", "prior_draws"} & set(keys)
    open_samples(qtbot, window)
    assert len(tray(window).images()) == 16  # for they come back with the panel


# The trick


def test_that_dragging_noise_moves_its_z_and_its_image_with_it(
    window: MainWindow, model: TrainedModel, codes: Codes, qtbot: QtBot
) -> None:
    open_samples(qtbot, window)
    index = hold(qtbot, window, codes)
    before = draws_of(window).noise
    np.testing.assert_allclose(on_the_map(window), trick(codes, index, before), rtol=1e-12)
    drag_noise(window, before[3], (-2.0, 1.5))
    settle(qtbot, window)
    noise = draws_of(window).noise
    assert tuple(noise[3]) == pytest.approx((-2.0, 1.5), abs=1e-9)
    np.testing.assert_array_equal(np.delete(noise, 3, axis=0), np.delete(before, 3, axis=0))
    z = trick(codes, index, noise)
    np.testing.assert_allclose(on_the_map(window), z, rtol=1e-12)
    np.testing.assert_array_equal(find(window, ImageGrid, "posteriorDraws").images(), decoded(model, z.astype(np.float32)))
    said = text_of(window, "drawEquation.1").replace("−", "-")
    mean, std = codes.mean[index, 0], codes.std[index, 0]
    assert said == f"z₁ = {mean:+.4f} + {std:.4f} · {noise[3, 0]:+.2f} = {z[3, 0]:+.4f}"


def test_that_dragging_a_z_on_the_map_moves_its_noise(
    window: MainWindow, model: TrainedModel, codes: Codes, qtbot: QtBot
) -> None:
    open_samples(qtbot, window)
    index = hold(qtbot, window, codes)
    mouse.leave(window.latent_view)
    before, steps = draws_of(window).noise, window.session.workspace.undo_stack.count()
    start, end = trick(codes, index, before)[2], trick(codes, index, np.array([1.0, -1.7]))
    grabbed = window.latent_view.z_at(window.latent_view.pixel_of(tuple(start)))
    dropped = mouse.drag(window.latent_view, tuple(start), tuple(end))
    settle(qtbot, window)
    noise = draws_of(window).noise
    z = start + np.asarray(dropped) - np.asarray(grabbed)
    np.testing.assert_allclose(noise[2], (z - codes.mean[index]) / codes.std[index], atol=1e-6)
    np.testing.assert_allclose(on_the_map(window), trick(codes, index, noise), rtol=1e-12)
    np.testing.assert_array_equal(np.delete(noise, 2, axis=0), np.delete(before, 2, axis=0))
    images = find(window, ImageGrid, "posteriorDraws").images()
    np.testing.assert_array_equal(images, decoded(model, trick(codes, index, noise).astype(np.float32)))
    assert not window.session.workspace.path.path.points
    assert window.session.workspace.undo_stack.count() == steps


def test_that_a_z_taken_hold_of_holds_its_code_against_those_that_the_mouse_comes_across(
    window: MainWindow, codes: Codes, qtbot: QtBot
) -> None:
    open_samples(qtbot, window)
    index = lonely_code(window, codes)
    mouse.move_to(window.latent_view, point(codes, index))
    settle(qtbot, window)
    others = np.argsort(np.linalg.norm(codes.mean - codes.mean[index], axis=1))
    mouse.drag(window.latent_view, tuple(draws_of(window).z[0]), point(codes, int(others[40])), steps=12)
    settle(qtbot, window)
    assert window.session.inspection.pinned == index
    assert draws_of(window).code.index == index


def test_that_the_overlay_can_be_switched_off(window: MainWindow, qtbot: QtBot) -> None:
    open_samples(qtbot, window)
    press(window, "drawSamples")
    settle(qtbot, window)
    box = find(window, QCheckBox, "overlay.samples")
    for on in (False, True):
        box.click()
        assert bool(len(on_the_map(window))) is on
        assert bool([item for item in items(window, PathDots) if len(item.data)]) is on


# The panel


def test_that_the_path_lies_on_top_at_first_and_the_panel_is_no_higher(window: MainWindow, qtbot: QtBot) -> None:
    path, samples = (find(window, QDockWidget, name) for name in ("pathDock", "samplesDock"))
    assert not path.visibleRegion().isEmpty()
    assert samples.visibleRegion().isEmpty()
    height = path.height()
    open_samples(qtbot, window)
    assert path.visibleRegion().isEmpty()
    assert samples.height() == height
    area = samples.widget()
    assert isinstance(area, QScrollArea)
    assert not area.horizontalScrollBar().isVisible()  # at 1280×800 there is room for all of it


def test_that_a_panel_brought_back_by_the_menu_lies_on_top(window: MainWindow, qtbot: QtBot) -> None:
    for shown in (False, True):
        run_action(window, "view.samplesDock")
        qtbot.waitUntil(lambda shown=shown: window.session.part(Samples).is_open is shown, timeout=PATIENCE)
    assert find(window, QDockWidget, "pathDock").visibleRegion().isEmpty()
    settle(qtbot, window)


def test_that_a_comparison_has_no_samples_until_the_menu_brings_them(window: MainWindow, file_of: FileOf, qtbot: QtBot) -> None:
    window.comparison.compare_with(file_of("vae"))
    settle(qtbot, window)
    docks = [find(explorer, QDockWidget, "samplesDock") for explorer in window.explorers]
    assert not any(dock.isVisible() for dock in docks)
    run_action(window, "view.samplesDock")
    qtbot.waitUntil(lambda: all(explorer.session.part(Samples).is_open for explorer in window.explorers), timeout=PATIENCE)
    left, right = window.explorers
    press_in = find(right, QPushButton, "drawSamples")
    QTest.mouseClick(press_in, LEFT)
    settle(qtbot, window)
    assert len(find(right, ImageGrid, "sampleTray").images()) == 16
    assert not len(find(left, ImageGrid, "sampleTray").images())  # each has its own
    QTest.mouseClick(find(right, ImageGrid, "sampleTray"), LEFT, pos=QPoint(5, 5))
    assert left.session.cursor.state.z == right.session.cursor.state.z == tuple(right.session.part(Samples).prior.z[0].tolist())
    settle(qtbot, window)
