"""The equal-probability view: the map through Φ(z), where area is prior mass."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QAction, QColor, QFontMetricsF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from scipy.stats import norm

from vae_explorer.cli import main
from vae_explorer.codes import Codes
from vae_explorer.gui.core.decode_thread import MANIFOLD, DecodeAnswer
from vae_explorer.gui.features.inspector.state import DensityPicture, PosteriorDensity
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.path.endpoint_item import EndpointItem
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.path_dots import PathDots
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.kit.theme import LIGHT
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.latent.plane import EQUAL_PROBABILITY, IDENTITY

from . import mouse
from .conftest import OpenWindow
from .looking import PATIENCE, decoded, film_strip, find, items, mosaic_item, next_mosaic, point, run_action, settle, type_key

A, B = (-1.2, -0.8), (1.1, 0.9)
SQUARE = QRectF(0, 0, 1, 1)


def switch(qtbot: QtBot, window: MainWindow) -> None:
    """Choose the command, and wait for the mosaic of the new plane."""
    with next_mosaic(qtbot, window):
        run_action(window, "view.equal_probability")
    settle(qtbot, window)


@pytest.fixture
def equal(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window whose map is in the equal-probability view."""
    switch(qtbot, window)
    return window


def lonely_on_the_map(codes: Codes) -> int:
    """A code that is far from all others in the unit square, and not at its edge."""
    u = norm.cdf(codes.mean.astype(float))
    inside = np.flatnonzero(((u > 0.05) & (u < 0.95)).all(axis=1))
    gaps = [np.partition(np.linalg.norm(u - u[index], axis=1), 1)[1] for index in inside]
    return int(inside[int(np.argmax(gaps))])


def drawn_codes(window: MainWindow) -> np.ndarray:
    """Where the codes lie on the map, (n, 2), in their own order."""
    tiled = window.latent_view.codes_item.points
    return np.stack([tiled.x, tiled.y], axis=1)[np.argsort(tiled.order)]


def test_that_the_command_shows_the_unit_square_and_every_code_at_its_probabilities(equal: MainWindow, codes: Codes) -> None:
    assert find(equal, QAction, "view.equal_probability").isChecked()
    rect = equal.latent_view.visible_rect()
    assert rect.contains(SQUARE)
    assert min(rect.width(), rect.height()) < 1.2
    np.testing.assert_allclose(drawn_codes(equal), norm.cdf(codes.mean.astype(float)), atol=1e-7)
    for z in (A, B, (0.0, 0.0)):
        pixel = equal.latent_view.pixel_of(z)
        assert equal.latent_view.z_at(pixel) == pytest.approx(z, abs=0.02)


def test_that_codes_are_painted_where_they_lie(equal: MainWindow, codes: Codes) -> None:
    index = lonely_on_the_map(codes)
    for overlay in ("manifold", "posterior"):
        equal.explorer.panel(ModelPanel).set_overlay(overlay, False)
    equal.latent_view.set_cursor_point((7.0, 7.0))
    before = equal.latent_view.grab().toImage()
    at = equal.latent_view.pixel_of(point(codes, index))
    equal.latent_view.set_hidden_classes(frozenset({int(codes.label[index])}))
    after = equal.latent_view.grab().toImage()
    assert before.pixelColor(at) != after.pixelColor(at)


def test_that_hovering_at_a_codes_pixel_inspects_it(equal: MainWindow, codes: Codes, qtbot: QtBot) -> None:
    index = lonely_on_the_map(codes)
    mouse.move_to(equal.latent_view, point(codes, index))
    settle(qtbot, equal)
    assert equal.session.inspection.current is not None
    assert equal.session.inspection.current.index == index
    ring = sorted(item.path().boundingRect().width() for item in items(equal, EllipseItem) if item.isVisible())
    (x, _), (std, _) = codes.mean[index].astype(float), codes.std[index].astype(float)
    assert ring == pytest.approx([norm.cdf(x + times * std) - norm.cdf(x - times * std) for times in (1, 2)], rel=1e-6)


def test_that_two_clicks_lay_a_path_between_the_latent_points_under_them(
    equal: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    view = equal.latent_view
    ends = tuple(mouse.click(view, z) for z in (A, B))
    settle(qtbot, equal)
    assert equal.session.workspace.path.path.points == ends
    straight = np.linspace(*ends, 16)
    np.testing.assert_array_equal(film_strip(equal.explorer).frames(), decoded(model, straight))
    letters = sorted((item.pos().x(), item.pos().y()) for item in items(equal, EndpointItem) if item.isVisible())
    np.testing.assert_allclose(letters, norm.cdf(sorted(ends)))
    dots = next(item for item in items(equal, PathDots) if len(item.getData()[0]) == 16)
    np.testing.assert_allclose(np.transpose(dots.getData()), norm.cdf(straight), atol=1e-6)


def test_that_the_path_is_drawn_as_the_curve_that_a_straight_line_is(equal: MainWindow, qtbot: QtBot) -> None:
    equal.session.workspace.path.click((-2.5, 0.0))
    equal.session.workspace.path.click((2.5, 2.0))
    equal.session.workspace.path.set_frames(2)
    curves = [curve for curve in items(equal, pg.PlotCurveItem) if curve.isVisible()]
    assert curves
    for curve in curves:
        x, y = curve.getData()
        assert len(x) > 100
        np.testing.assert_allclose(y, norm.cdf((norm.ppf(x) + 2.5) * 0.4), atol=1e-5)


def test_that_an_endpoint_is_dragged_to_the_latent_point_under_the_mouse(equal: MainWindow, qtbot: QtBot) -> None:
    view = equal.latent_view
    start, end = mouse.click(view, A), mouse.click(view, B)
    mouse.drag(view, end, (0.2, -1.4), steps=10)
    settle(qtbot, equal)
    points = equal.session.workspace.path.path.points
    assert points[0] == start
    assert norm.cdf(points[1]) == pytest.approx(norm.cdf((0.2, -1.4)), abs=2 * view.units_per_pixel())


def test_that_beyond_the_square_the_cursor_stays_at_its_edge(equal: MainWindow, qtbot: QtBot) -> None:
    view = equal.latent_view
    outside = QPoint(view.pixel_of((0.0, 0.0)).x(), 3)
    x, y = view.z_at(outside)
    assert x == pytest.approx(0.0, abs=0.01)
    assert norm.sf(y) == pytest.approx(view.units_per_pixel() / 2)


def test_that_an_arrow_key_moves_the_cursor_by_pixels(equal: MainWindow, qtbot: QtBot) -> None:
    view = equal.latent_view
    view.setFocus()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up):
        view.set_cursor_point((1.5, 1.5))
        before = view.pixel_of((1.5, 1.5))
        type_key(qtbot, equal, key)
        moved = view.pixel_of(equal.session.cursor.state.z) - before
        assert abs(abs(moved.x() + moved.y()) - 8) <= 1
        assert moved.x() <= 0
        assert moved.y() <= 0


def test_that_every_picture_of_the_mosaic_has_the_same_prior_mass(
    window: MainWindow, model: TrainedModel, qtbot: QtBot
) -> None:
    answers: list[DecodeAnswer] = []
    window.session.decoder.answered.connect(lambda answer: answers.append(answer) if answer.key == MANIFOLD else None)
    switch(qtbot, window)
    item = mosaic_item(window)
    rect = item.mapRectToParent(item.boundingRect())
    assert rect.getRect() == pytest.approx(SQUARE.getRect())
    side = round(len(answers[-1].z) ** 0.5)
    even = (np.arange(side) + 0.5) / side
    wanted = np.array([(x, y) for y in norm.ppf(even)[::-1] for x in norm.ppf(even)])
    np.testing.assert_allclose(answers[-1].z, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(answers[-1].images, decoded(model, answers[-1].z))


def test_that_switching_there_and_back_brings_the_same_points_back(window: MainWindow, codes: Codes, qtbot: QtBot) -> None:
    view = window.latent_view
    mouse.wheel(view, (0.3, 0.2), 2)
    ends = tuple(mouse.click(view, z) for z in (A, B))
    cursor = mouse.move_to(view, (0.7, -0.3))
    settle(qtbot, window)
    rect, shown, labels = view.visible_rect(), drawn_codes(window), view.class_labels.shown()
    places = [item.pos() for item in items(window, EndpointItem)]
    switch(qtbot, window)
    assert [item.pos() for item in items(window, EndpointItem)] != places
    assert window.session.cursor.state.z == cursor
    assert window.session.workspace.path.path.points == ends
    switch(qtbot, window)
    assert not find(window, QAction, "view.equal_probability").isChecked()
    assert window.session.workspace.path.path.points == ends
    assert window.session.cursor.state.z == cursor
    assert [item.pos() for item in items(window, EndpointItem)] == places
    assert np.array_equal(drawn_codes(window), shown)
    assert np.array_equal(shown, codes.mean)
    assert view.class_labels.shown() == labels
    assert view.visible_rect() == rect


def test_that_a_part_of_the_plane_stays_in_view(window: MainWindow, qtbot: QtBot) -> None:
    view = window.latent_view
    view.getViewBox().setRange(QRectF(0.5, -0.2, 0.4, 0.3), padding=0)
    view.centre_on((0.7, -0.1))
    switch(qtbot, window)
    rect = view.visible_rect()
    for x, y in ((0.5, -0.25), (0.9, 0.05)):
        assert rect.contains(QPointF(*norm.cdf((x, y))))
    assert rect.width() < 0.5


def test_that_a_window_of_another_shape_and_home_show_the_whole_square(equal: MainWindow, qtbot: QtBot) -> None:
    view = equal.latent_view
    equal.resize(1000, 900)
    qtbot.waitUntil(lambda: view.visible_rect().contains(SQUARE), timeout=PATIENCE)
    mouse.wheel(view, (1.0, 1.0), 12)
    assert not view.visible_rect().contains(SQUARE)
    run_action(equal, "view.show_all")
    assert view.visible_rect().contains(SQUARE)
    for _ in range(60):
        view.getViewBox().scaleBy((2.0, 2.0))
    assert 2 < view.visible_rect().width() < 6


def test_that_many_codes_are_sorted_beside_the_window_and_those_of_the_other_plane_are_gone(
    window: MainWindow, qtbot: QtBot
) -> None:
    mean = np.random.default_rng(0).standard_normal((250_000, 2), dtype=np.float32)
    view = window.latent_view
    view.set_codes(mean, np.zeros(len(mean), np.uint8))
    item = view.codes_item
    qtbot.waitUntil(item.is_sharp, timeout=PATIENCE)
    run_action(window, "view.equal_probability")
    assert item.count == 0
    assert not item.is_sharp()
    qtbot.waitUntil(item.is_sharp, timeout=PATIENCE)
    np.testing.assert_allclose(drawn_codes(window), norm.cdf(mean.astype(float)), atol=1e-7)
    index = window.session.codes_index
    qtbot.waitUntil(lambda: index.find((0.0, 0.0)) is not None, timeout=PATIENCE)
    assert index.find((3.0, 0.0))[0] == np.argmin(np.linalg.norm(norm.cdf(mean.astype(float)) - norm.cdf((3.0, 0.0)), axis=1))


def test_that_the_maps_of_a_comparison_are_in_one_plane(open_window: OpenWindow, qtbot: QtBot) -> None:
    window = open_window()
    before = window.latent_view.visible_rect()
    window.comparison.compare_with("digits-vae")
    other = window.explorers[1]
    settle(qtbot, window)
    run_action(window, "view.equal_probability")
    assert other.latent_view.plane is EQUAL_PROBABILITY
    other.latent_view.getViewBox().scaleBy((0.5, 0.5))
    other.latent_view.centre_on((0.5, 0.5))
    assert window.latent_view.visible_rect().center() == other.latent_view.visible_rect().center()
    mouse.move_to(other.latent_view, (0.4, 0.6))
    assert window.session.cursor.state.z == other.session.cursor.state.z
    window.comparison.compare_with("digits-vae")
    assert window.explorers[2].latent_view.plane is EQUAL_PROBABILITY
    settle(qtbot, window)
    window.comparison.close()
    assert window.latent_view.plane is IDENTITY
    assert not find(window, QAction, "view.equal_probability").isChecked()
    qtbot.waitUntil(lambda: window.latent_view.visible_rect().getRect() == pytest.approx(before.getRect()), timeout=PATIENCE)


def test_that_a_posterior_that_bends_is_drawn_through_the_plane(window: MainWindow, qtbot: QtBot) -> None:
    window.open_model("mnist-iaf-vae")
    density = window.session.part(PosteriorDensity)
    qtbot.waitUntil(lambda: density.bends and window.session.settled, timeout=PATIENCE)
    picture = np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)
    density.found.emit(DensityPicture(QRectF(-1.5, 0.5, 2.0, 1.0), picture))
    run_action(window, "view.equal_probability")
    (item,) = (each for each in items(window, SmoothImageItem) if each.isVisible() and each.zValue() > 0)
    rect = item.mapRectToParent(item.boundingRect())
    (left, low), (right, high) = norm.cdf([(-1.5, 0.5), (0.5, 1.5)])
    assert rect.getRect() == pytest.approx((left, low, right - left, high - low))
    assert not np.array_equal(item.image[::-1], picture)
    run_action(window, "view.equal_probability")
    assert np.array_equal(item.image[::-1], picture)


def test_that_a_picture_of_the_window_can_be_taken_in_the_view(tmp_path: Path, qapp: QApplication) -> None:
    beyond = {}
    for plane in ("latent", "equal"):
        out = tmp_path / f"{plane}.png"
        assert main(["screenshot", "digits-vae", "--out", str(out), "--plane", plane]) == 0
        ground = np.array(QColor(LIGHT.card).getRgb()[:3])
        beyond[plane] = int((np.asarray(Image.open(out).convert("RGB")) == ground).all(axis=2).sum())
    assert beyond["equal"] > beyond["latent"] + 20_000


def test_that_numbers_of_the_axes_are_whole_and_apart(window: MainWindow, qtbot: QtBot) -> None:
    view = window.latent_view
    switch(qtbot, window)
    box = view.getViewBox()
    for margin in np.linspace(0.0, 0.02, 9).tolist():  # numbers at the square's edge are moved inwards, onto their neighbours
        box.setRange(QRectF(-margin, -margin, 1 + 2 * margin, 1 + 2 * margin), padding=0)
        specs = view.getAxis("left").generateDrawSpecs(None)
        assert specs is not None
        middles = sorted(rect.center().y() for rect, _, _ in specs[2])
        assert len(middles) >= 5
        assert np.diff(middles).min() >= 16
    run_action(window, "view.equal_probability")
    axis = view.getAxis("bottom")
    metrics = QFontMetricsF(axis.style["tickFont"])
    for shift in np.linspace(0.0, 0.05, 9).tolist():
        box.setRange(QRectF(-0.1 - shift, 0.3, 0.2, 0.15), padding=0)
        specs = axis.generateDrawSpecs(None)
        assert specs is not None
        bounds = axis.mapRectFromParent(axis.geometry())
        for rect, _, text in specs[2]:
            assert rect.center().x() - metrics.horizontalAdvance(text) / 2 >= bounds.left() - 1e-6
