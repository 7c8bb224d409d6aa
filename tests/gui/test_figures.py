"""Figures of all images: the colours on the map, the scale, the best and the worst, q(z) against the prior, the KL term's parts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF, Qt
from PySide6.QtWidgets import QCheckBox, QToolButton
from pytestqt.qtbot import QtBot
from scipy.stats import norm

import vae_explorer as vx
from tests.gui.looking import PATIENCE, find, go_down_to, number, text_of, type_key
from vae_explorer.codes import Codes, Split
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.features.health.state import CodesHealth
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.panel import ExtremesPanel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.metrics.strip import ExtremesStrip
from vae_explorer.gui.features.prior_ratio.state import PriorRatio
from vae_explorer.gui.kit.class_palette import class_palette
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.theme import DARK, LIGHT, Theme, circle_colours, scale_colours
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.codes_item import AT_ONCE, CodesItem
from vae_explorer.kinds import Binarised
from vae_explorer.latent.raster import Frame, picture
from vae_explorer.latent.scale import STEPS, UNKNOWN
from vae_explorer.latent.tiles import Cloud
from vae_explorer.models.measure import measured_images

LONG = 110_000  # milliseconds that all test images of the digits may take on a busy machine


@pytest.fixture(scope="module")
def images() -> NDArray[np.float32]:
    """The test images of the digits as figures are measured on them, (n, 8, 8)."""
    from vae_explorer import locations
    from vae_explorer.data.base import Fetching
    from vae_explorer.data.sources import load_dataset

    test = load_dataset("digits", Fetching(locations.data(None), False)).test.images
    return measured_images(test, Binarised.DYNAMIC).numpy().reshape(test.shape)


@pytest.fixture(scope="module")
def evidence(images: NDArray[np.float32]) -> Any:
    return vx.evidence(vx.load("digits-vae"), images)


def wait_until_known(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.has_images, timeout=PATIENCE)
    survey = window.session.part(MetricSurvey)
    qtbot.waitUntil(lambda: survey.running or survey.progress[0] > 0, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not window.session.part(MetricSurvey).running, timeout=LONG)


@pytest.mark.timeout(240)
def test_that_codes_take_the_colours_of_log_p_and_the_bar_tells_their_range(
    window: MainWindow, qtbot: QtBot, codes: Codes, evidence: Any
) -> None:
    bar = find(window, ColourBar, "colourBar")
    assert bar.isHidden()
    go_down_to(window, "mapColour", "log p(x)")
    wait_until_known(qtbot, window)
    assert bar.isVisible()
    test = np.flatnonzero(codes.split == Split.TEST)
    exact = evidence.log_evidence
    low, middle, high = np.quantile(exact, (0.01, 0.5, 0.99))
    assert number(text_of(window, "colourBar.middle")) == pytest.approx(middle, abs=0.06)
    assert number(text_of(window, "colourBar.low")) == pytest.approx(low, abs=0.06)
    assert number(text_of(window, "colourBar.high")) == pytest.approx(high, abs=0.06)
    assert text_of(window, "colourBar.progress") == f"{len(test)} of {len(test)}"
    drawn = window.latent_view.codes_item.points
    label = np.zeros(len(codes), np.int64)
    label[drawn.order] = drawn.key & 255
    shares = np.clip((exact - low) / (high - low), 0, 1) ** (np.log(0.5) / np.log((middle - low) / (high - low)))
    wanted = np.minimum(shares * STEPS, STEPS - 1).astype(int)
    assert np.abs(label[test] - wanted).max() <= 1  # figures that are a thousandth of a nat apart may lie in two steps
    assert set(label[codes.split != Split.TEST]) == {UNKNOWN}


@pytest.mark.timeout(240)
def test_that_stepping_holds_the_known_worst_and_the_next_one(
    window: MainWindow, qtbot: QtBot, codes: Codes, evidence: Any
) -> None:
    window.explorer.docks.show("extremesDock", True)
    panel = find(window, ExtremesPanel, "extremesPanel")
    qtbot.waitUntil(panel.isVisible, timeout=PATIENCE)
    go_down_to(window, "extremesMetric", "log p(x)")
    wait_until_known(qtbot, window)
    exact, first = evidence.log_evidence, int(np.flatnonzero(codes.split == Split.TEST)[0])
    worst, second, *_, best = (first + np.argsort(exact)).tolist()
    qtbot.mouseClick(find(window, QToolButton, "extremesOn"), Qt.MouseButton.LeftButton)
    held = window.session.inspection
    assert held.pinned == worst
    assert find(window, ExtremesStrip, "extremesStrip").values()[0] == f"{exact[worst - first]:.1f}".replace("-", "−")
    assert window.session.cursor.state.z == pytest.approx(codes.mean[worst].tolist())
    type_key(qtbot, window, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert held.pinned == second
    assert text_of(window, "extremesRank") == f"2 / {len(exact)}"
    go_down_to(window, "extremesOrder", "Best first")
    strip = find(window, ExtremesStrip, "extremesStrip")
    type_key(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert held.pinned == int(first + np.argsort(exact)[2])
    window.session.part(Extremes).step(-len(exact))
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.cell(0).center())
    assert held.pinned == best
    window.explorer.docks.show("evidenceDock", True)
    qtbot.waitUntil(lambda: text_of(window, "evidence.log_evidence") != "–", timeout=PATIENCE)
    assert number(text_of(window, "evidence.log_evidence")) == pytest.approx(exact.max(), abs=1e-3)
    mean = number(text_of(window, "extremes.mean").split()[1])
    assert mean == pytest.approx(exact.mean(), abs=0.06)


def test_that_codes_keep_colours_and_hidden_classes_until_they_are_sorted_anew(qtbot: QtBot) -> None:
    item, random, n = CodesItem(), np.random.default_rng(0), 3 * AT_ONCE
    wanted: list[Cloud] = []
    item.sorting_wanted.connect(wanted.append)
    item.set_codes(
        random.normal(size=(n, 2)).astype(np.float32),
        np.arange(n, dtype=np.uint32).astype(np.uint8) % 2,
        class_palette(np.ones(2, np.int64)),
    )
    item.set_hidden(frozenset({1}))
    frame = Frame((-2.0, 2.0), (-2.0, 2.0), 64, 64)

    def seen() -> NDArray[np.uint32]:
        item.set_theme(LIGHT)
        found = picture(item.request(frame))
        assert found is not None
        return found

    before = seen()
    item.set_steps(np.full(n, 40, np.uint8))
    assert not item.by_class
    np.testing.assert_array_equal(seen(), before)
    item.set_sorted(wanted[-1], wanted[-1].tiled())
    figures = seen()
    assert (figures != before).any()
    item.set_steps(None)
    np.testing.assert_array_equal(seen(), figures)
    item.set_sorted(wanted[-1], wanted[-1].tiled())
    np.testing.assert_array_equal(seen(), before)


def test_that_the_lightness_of_the_scale_rises_in_even_steps() -> None:
    for theme in (LIGHT, DARK):
        lab = oklab(scale_colours(theme)[:STEPS])
        assert (np.diff(lab[0]) > 0).all()
        apart = np.linalg.norm(lab[:, 8:] - lab[:, :-8], axis=0)  # so far that 8 bits are fine enough
        assert apart.max() < 1.15 * apart.min()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_that_the_colours_of_a_circle_come_back_in_even_steps(theme: Theme) -> None:
    colours = circle_colours(theme)
    assert len(colours) == STEPS + 2
    np.testing.assert_array_equal(colours[STEPS:], scale_colours(theme)[STEPS:])
    lab = oklab(colours[:STEPS])
    apart = np.linalg.norm(np.roll(lab, -8, axis=1) - lab, axis=0)
    assert apart.max() < 1.15 * apart.min()
    for turned in range(STEPS // 4, 3 * STEPS // 4):  # angles that differ by a quarter of a turn and more
        assert np.linalg.norm(np.roll(lab, turned, axis=1) - lab, axis=0).min() > 0.15


def test_that_steps_of_a_circle_have_its_colours() -> None:
    item, n = CodesItem(), 400
    item.set_codes(np.zeros((n, 2), np.float32), np.zeros(n, np.uint8), class_palette(np.ones(1, np.int64)))
    seen = {}
    for circular in (False, True, False):
        item.set_steps(np.zeros(n, np.uint8), circular)
        pixels = picture(item.request(Frame((-1.0, 1.0), (-1.0, 1.0), 33, 33)))
        assert pixels is not None
        seen[circular] = [int(pixels[16, 16]) >> place & 255 for place in (16, 8, 0)]
    red, green, blue = seen[True]
    assert red > blue > green  # the circle begins at red
    red, green, blue = seen[False]
    assert blue > red > green  # the scale begins at violet


def oklab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB (n, 3), 0 … 255, in OKLab (3, n): the matrices of Ottosson 2020 from RGB."""
    share = colours.T / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    to_cone = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lab: NDArray[np.float64] = to_lab @ np.cbrt(to_cone @ linear)
    return lab


def ratio_item(window: MainWindow) -> pg.ImageItem:
    (item,) = (item for item in window.latent_view.scene().items() if isinstance(item, pg.ImageItem) and item.zValue() == 9)
    return item


@pytest.mark.parametrize("work", ["weigh", "run_surgery"])
def test_that_work_on_many_codes_ends_where_nobody_waits_for_it(qtbot: QtBot, work: str) -> None:
    """The first of two, which are too many to be done before the second is asked for."""
    owner, random = QObject(), np.random.default_rng(0)
    jobs = Jobs(owner)
    ratio, health = PriorRatio(jobs, owner), CodesHealth(jobs, owner)
    jobs.start_postponed()
    std = np.full((200_000, 2), 0.05, np.float32)
    many = Codes(
        random.normal(size=std.shape).astype(np.float32), std, np.zeros(len(std), np.uint8), np.zeros(len(std), np.uint8)
    )
    few = Codes(many.mean[:50], many.std[:50], many.label[:50], many.split[:50])
    edges, heard = np.linspace(-4, 4, 321), []
    ratio.found.connect(lambda *_: heard.append("weighed"))
    health.surgery_done.connect(lambda codes, _: heard.append(len(codes)))
    ask = {"weigh": lambda codes: ratio.compare(lambda: codes, lambda _: edges), "run_surgery": health.run_surgery}[work]
    ask(many)
    ask(few)
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE)
    assert heard == ["weighed" if work == "weigh" else 50]
    ask(many)
    jobs.shut_down()
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE)
    assert len(heard) == 1


def test_that_the_signed_map_is_that_of_the_codes_in_both_planes(window: MainWindow, qtbot: QtBot, codes: Codes) -> None:
    with qtbot.waitSignal(window.session.part(PriorRatio).found, timeout=PATIENCE):
        find(window, QCheckBox, "overlay.prior_ratio").click()
    check_ratio(window, codes, (0.5, -0.4))
    with qtbot.waitSignal(window.session.part(PriorRatio).found, timeout=PATIENCE):
        window.commands.toggle_plane()
    check_ratio(window, codes, (0.5, -0.4))


def check_ratio(window: MainWindow, codes: Codes, z: tuple[float, float]) -> None:
    """The cell that shows z has the ratio of the densities at its middle, where it is shown."""
    item, view = ratio_item(window), window.latent_view
    box = view.getViewBox()
    cell = item.mapFromScene(box.mapViewToScene(view.place_of(z)))
    row, column = int(cell.y()), int(cell.x())
    middle = np.array(view.z_of(box.mapSceneToView(item.mapToScene(QPointF(column + 0.5, row + 0.5)))))
    mean, std = codes.mean.astype(np.float64), codes.std.astype(np.float64)
    density = (norm.pdf(middle, mean, std).prod(axis=1)).mean()
    assert middle == pytest.approx(z, abs=0.03)
    assert item.image[row, column] == pytest.approx(np.log(density / norm.pdf(middle).prod()), abs=0.02)
