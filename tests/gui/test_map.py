"""The map: coordinates, zoom, classes, overlays, and the mosaic behind the codes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QResizeEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from vae_explorer.codes import Codes
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.kit.class_palette import PETROFF10
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.codes_item import CodesItem
from vae_explorer.gui.map.latent_view import Z_CURSOR, LatentView
from vae_explorer.gui.map.raster_thread import RasterThread
from vae_explorer.latent.raster import RasterRequest

from . import mouse
from .looking import PATIENCE, find, items, mosaic_item, point, run_action, settle, type_key


def pixels(window: MainWindow) -> NDArray[np.uint8]:
    """What the map looks like, (H, W, 3)."""
    window.latent_view.set_cursor_point((1e3, 1e3))
    image = window.latent_view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    array = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return array[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def in_colour(window: MainWindow, number: int) -> int:
    """Pixels on the map that are nearly in the colour of a class."""
    colour = np.array(QColor(PETROFF10[number]).getRgb()[:3])
    return int((np.abs(pixels(window).astype(int) - colour).max(axis=2) < 36).sum())


def press_box(box: QCheckBox) -> None:
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(8, box.height() // 2))


def only_codes(window: MainWindow) -> None:
    for name in ("manifold", "posterior"):
        press_box(find(window, QCheckBox, f"overlay.{name}"))


def test_that_pixel_and_latent_point_are_inverse(window: MainWindow) -> None:
    view = window.latent_view
    for pixel in (QPoint(60, 40), QPoint(300, 220), QPoint(500, 400)):
        assert view.pixel_of(view.z_at(pixel)) == pixel
    assert view.z_at(QPoint(301, 300))[0] - view.z_at(QPoint(300, 300))[0] == pytest.approx(view.units_per_pixel())
    assert view.z_at(QPoint(300, 300))[1] - view.z_at(QPoint(300, 301))[1] == pytest.approx(view.units_per_pixel())


def test_that_the_wheel_zooms_about_the_point_under_the_mouse(window: MainWindow) -> None:
    view = window.latent_view
    pixel = QPoint(400, 200)
    here, before = view.z_at(pixel), view.units_per_pixel()
    mouse.wheel(view, here, 2)
    assert view.units_per_pixel() < before
    assert view.z_at(pixel) == pytest.approx(here, abs=view.units_per_pixel())
    mouse.wheel(view, here, -4)
    assert view.units_per_pixel() > before


def test_that_dragging_the_plane_pans_it_and_places_no_endpoint(window: MainWindow) -> None:
    view = window.latent_view
    before = view.visible_rect()
    start, end = view.z_at(QPoint(300, 300)), view.z_at(QPoint(380, 260))
    mouse.drag(view, start, end)
    after = view.visible_rect()
    assert view.z_at(QPoint(380, 260)) == pytest.approx(start, abs=2 * view.units_per_pixel())
    assert (after.width(), after.height()) == pytest.approx((before.width(), before.height()))
    assert window.session.workspace.path.path.points == ()


def test_that_show_all_brings_the_farthest_codes_into_view(window: MainWindow, codes: Codes) -> None:
    view = window.latent_view
    mouse.wheel(view, (0.1, 0.1), 8)
    assert not view.visible_rect().contains(*point(codes, int(np.argmax(codes.mean[:, 0]))))
    run_action(window, "view.show_all")
    farthest = {int(pick(codes.mean[:, axis])) for pick in (np.argmin, np.argmax) for axis in (0, 1)}
    for index in farthest:
        assert view.visible_rect().contains(*point(codes, index))
        assert view.viewport().rect().contains(view.pixel_of(point(codes, index)))


def test_that_the_axes_keep_one_scale_when_the_window_changes_its_shape(window: MainWindow, qtbot: QtBot) -> None:
    for size in ((1920, 1080), (900, 900)):
        window.resize(*size)
        with qtbot.waitSignal(window.latent_view.view_rested, timeout=PATIENCE):
            pass
        origin, right, up = (window.latent_view.pixel_of(z) for z in ((0, 0), (1, 0), (0, 1)))
        assert right.x() - origin.x() == pytest.approx(origin.y() - up.y(), abs=1)


def test_that_the_first_view_holds_nearly_all_codes(window: MainWindow, codes: Codes) -> None:
    rect = window.latent_view.visible_rect()
    inside = [rect.contains(*point(codes, index)) for index in range(len(codes))]
    assert np.mean(inside) > 0.98


def test_that_each_code_is_drawn_in_the_colour_of_its_class(window: MainWindow, codes: Codes) -> None:
    only_codes(window)
    for number in range(10):
        assert in_colour(window, number) > 50


def test_that_a_class_that_is_switched_off_leaves_the_map_with_its_label(window: MainWindow) -> None:
    only_codes(window)
    box = find(window, QCheckBox, "class4")
    labels = window.latent_view.class_labels
    before, other = in_colour(window, 4), in_colour(window, 0)
    press_box(box)
    assert "4" not in labels.shown()
    assert in_colour(window, 4) < 0.1 * before
    assert in_colour(window, 0) >= other
    press_box(box)
    assert "4" in labels.shown()
    assert in_colour(window, 4) == before


def test_that_all_shows_every_class_or_none(window: MainWindow) -> None:
    boxes = [find(window, QCheckBox, f"class{number}") for number in range(10)]
    press_box(boxes[3])
    for shown in (True, False, True):
        QTest.mouseClick(find(window, QPushButton, "allClasses"), Qt.MouseButton.LeftButton)
        assert {box.isChecked() for box in boxes} == {shown}
        assert len(window.latent_view.class_labels.shown()) == (10 if shown else 0)


def test_that_every_class_has_its_label_at_the_middle_of_its_codes(window: MainWindow, codes: Codes) -> None:
    labels = window.latent_view.class_labels.shown()
    for number in range(10):
        middle = np.median(codes.mean[codes.label == number], axis=0)
        assert labels[str(number)] == pytest.approx(tuple(middle.tolist()))


def shown_of(window: MainWindow, overlay: str) -> list[bool]:
    if overlay == "manifold":
        return [mosaic_item(window).isVisible()]
    kinds = {"codes": CodesItem, "posterior": EllipseItem, "path": EndpointItem}
    found = [item for item in items(window, kinds[overlay]) if overlay != "posterior" or item.zValue() == Z_CURSOR - 1]
    return [item.isVisible() for item in found]


def test_that_each_overlay_can_be_switched_off_and_on(window: MainWindow, qtbot: QtBot) -> None:
    for z in ((-1.2, -0.8), (1.1, 0.9)):
        mouse.click(window.latent_view, z)
    settle(qtbot, window)
    before = pixels(window)
    for overlay, shown in itertools.product(("codes", "manifold", "posterior", "path"), (False, True)):
        press_box(find(window, QCheckBox, f"overlay.{overlay}"))
        settle(qtbot, window)
        assert set(shown_of(window, overlay)) == {shown}, overlay
        assert np.array_equal(pixels(window), before) == shown, overlay


def test_that_home_is_the_key_for_show_all(window: MainWindow, qtbot: QtBot) -> None:
    mouse.wheel(window.latent_view, (0.1, 0.1), 8)
    before = window.latent_view.units_per_pixel()
    window.latent_view.setFocus()
    type_key(qtbot, window, Qt.Key.Key_Home)
    assert window.latent_view.units_per_pixel() > before


@pytest.mark.parametrize("scale", [0.02, 0.3, 0.7, 1.3, 40.0])
def test_that_the_view_comes_to_rest_after_any_zoom(window: MainWindow, scale: float, qapp: QApplication) -> None:
    """Axes that grow with their labels and a locked aspect push one another without end."""
    view = window.latent_view
    widths = {view.getAxis("left").width()}
    for centre in ((0.0, 0.0), (-4.1, 3.3), (2.7, -9.9)):
        view.getViewBox().scaleBy((scale, scale), center=centre)
        view.centre_on(centre)
        for _ in range(5):
            qapp.processEvents()
        before = view.visible_rect()
        for _ in range(5):
            qapp.processEvents()
        assert view.visible_rect() == before
        widths.add(view.getAxis("left").width())
    assert len(widths) == 1


def test_that_another_model_is_shown_whole_after_a_zoom(window: MainWindow, qtbot: QtBot) -> None:
    window.latent_view.centre_on((50.0, 50.0))
    window.open_model("mnist-vae")
    qtbot.waitUntil(
        lambda: window.session.model is not None and window.session.model.card.name == "mnist-vae", timeout=PATIENCE
    )
    qtbot.waitUntil(window.latent_view.codes_item.is_sharp, timeout=PATIENCE)
    assert window.latent_view.visible_rect().contains(0.0, 0.0)


def test_that_the_map_moves_to_many_other_codes_once_they_are_sorted_and_says_when(window: MainWindow, qtbot: QtBot) -> None:
    view, moved = window.latent_view, []
    before = view.visible_rect()
    view.getViewBox().sigRangeChanged.connect(lambda: moved.append(view.codes_item.shows_latest))
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model("fashion-mnist-vae")
    assert not view.codes_item.shows_latest
    assert view.visible_rect() == before
    settle(qtbot, window)
    assert moved
    assert all(moved)
    assert view.visible_rect().contains(view.codes_item.core())


def test_that_a_map_that_has_been_shut_down_starts_no_drawing_again(window: MainWindow) -> None:
    drawing = window.explorer.drawing
    drawing.shut_down()
    random = np.random.default_rng(0)
    mean, label = random.normal(size=(50_000, 2)).astype(np.float32), random.integers(0, 10, 50_000).astype(np.uint8)
    started: list[bool] = []
    thread = find(drawing, RasterThread, "rasterThread")
    thread.started.connect(lambda: started.append(True))
    window.latent_view.set_codes(mean, label)
    window.resize(1100, 780)
    QApplication.processEvents()
    assert not started
    assert not thread.isRunning()


def test_that_a_map_that_was_closed_takes_a_late_resize(qtbot: QtBot) -> None:
    view = LatentView()
    view.set_codes(np.random.default_rng(0).normal(size=(30, 2)).astype(np.float32), np.zeros(30, np.uint8))
    view.close()
    QApplication.sendEvent(view, QResizeEvent(QSize(300, 200), QSize(100, 100)))


def test_that_codes_that_are_no_numbers_are_told_of_once_whatever_the_colours(window: MainWindow, codes: Codes) -> None:
    told: list[int] = []
    view, mean = window.latent_view, codes.mean.copy()
    mean[3] = np.nan
    view.codes_dropped.connect(told.append)
    view.set_codes(mean, codes.label)
    for step in (0, 1):
        view.set_steps(np.full(len(mean), step, np.uint8))
    assert told == [1]
    view.set_codes(mean.copy(), codes.label)
    assert told == [1, 1]


def test_that_the_first_picture_of_many_codes_is_painted_with_the_window_and_is_not_undone(qtbot: QtBot) -> None:
    view = LatentView()
    qtbot.addWidget(view)
    item = view.codes_item
    wishes: list[RasterRequest] = []
    item.picture_wanted.connect(wishes.append)
    rng = np.random.default_rng(0)
    view.set_codes(rng.normal(size=(30_000, 2)).astype(np.float32), rng.integers(0, 10, 30_000).astype(np.uint8))
    view.resize(400, 300)
    view.grab()
    assert item.is_sharp()
    assert wishes == []  # of a view without a size, whose answer would replace it
    with qtbot.waitSignal(view.view_rested, timeout=PATIENCE):
        view.getViewBox().scaleBy((0.5, 0.5))
        view.grab()
    assert wishes


def test_that_codes_elsewhere_are_drawn_once_where_the_view_follows_them(window: MainWindow, qtbot: QtBot) -> None:
    view, rng = window.latent_view, np.random.default_rng(0)
    item, label = view.codes_item, np.zeros(30_000, np.uint8)
    view.follow()
    view.set_codes(rng.normal(size=(30_000, 2)).astype(np.float32), label)
    qtbot.waitUntil(item.is_sharp, timeout=PATIENCE)
    wishes: list[RasterRequest] = []
    item.picture_wanted.connect(wishes.append)
    view.set_codes((5 + 2 * rng.normal(size=(30_000, 2))).astype(np.float32), label)
    qtbot.waitUntil(item.is_sharp, timeout=PATIENCE)
    (wish,) = wishes
    low, high = wish.frame.x_range
    assert low < 0 < 10 < high


@pytest.mark.parametrize(
    ("small", "large"), [(("translateBy", (1, 1)), ("translateBy", (12, 0))), (("scaleBy", 0.95), ("scaleBy", 0.7))]
)
def test_that_a_gesture_asks_for_a_picture_only_where_the_one_there_is_runs_out(
    window: MainWindow, qtbot: QtBot, small: tuple[str, object], large: tuple[str, object]
) -> None:
    """The rest timer is out of the way; moves are in hundredths of the view."""
    view = window.latent_view
    item, box, rng = view.codes_item, view.getViewBox(), np.random.default_rng(0)
    view.set_codes(rng.normal(size=(30_000, 2)).astype(np.float32), rng.integers(0, 10, 30_000).astype(np.uint8))
    qtbot.waitUntil(item.is_sharp, timeout=PATIENCE)
    rest = find(item, QTimer, "viewRest")
    rest.setInterval(600_000)
    wishes: list[RasterRequest] = []
    item.picture_wanted.connect(wishes.append)
    for (name, by), asked in ((small, 0), (large, 1)):
        if name == "scaleBy":
            box.scaleBy((by, by))
        else:
            size = box.viewRect()
            box.translateBy(x=by[0] * size.width() / 100, y=by[1] * size.height() / 100)  # type: ignore[index]
        view.viewport().repaint()
        assert len(wishes) == asked
    rest.stop()
