"""Three maps side by side at 1280×800: room for the maps, classes with their colours, and whose parts lie where."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from vae_explorer.gui.compare.bar import CompareBar
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.path.panel import PathPanel
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.widgets import ElidedLabel
from vae_explorer.gui.main_window import MainWindow

from . import mouse
from .conftest import FileOf
from .looking import PATIENCE, find, run_action, settle


@pytest.fixture
def three(window: MainWindow, tiny_model_path: Path, file_of: FileOf, qtbot: QtBot) -> list[Explorer]:
    """A VAE, another one and a conditional one."""
    for path in (tiny_model_path, file_of("cvae")):
        window.comparison.compare_with(path)
    settle(qtbot, window)
    return window.explorers


def on_screen(widget: QWidget, window: MainWindow) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def test_that_each_of_three_maps_has_more_height_than_what_lies_below_it(window: MainWindow, three: list[Explorer]) -> None:
    for explorer in three:
        assert explorer.map_area.height() > explorer.docks.dock("decoderDock").height()
        assert explorer.map_area.height() > 0.4 * explorer.height()
    assert window.size().toTuple() == (1280, 800)


def test_that_nothing_in_the_decoder_panels_is_cut_or_lies_on_something_else(
    window: MainWindow, three: list[Explorer], qtbot: QtBot
) -> None:
    mouse.move_to(three[0].latent_view, (0.9, -0.7))
    settle(qtbot, window)
    for explorer in three:
        panel = explorer.panel(DecoderPanel)
        parts = [panel.image_view, *(find(panel, ElidedLabel, name) for name in ("cursorZ", "priorDensity", "nearestCode"))]
        parts += [wheel for wheel in panel.findChildren(ClassWheel) if wheel.isVisible()]
        for place, part in enumerate(parts):
            assert on_screen(panel, window).contains(on_screen(part, window)), part.objectName()
            assert not any(on_screen(part, window).intersects(on_screen(other, window)) for other in parts[:place])
        for words in panel.findChildren(ElidedLabel):
            assert "…" not in words.text()


def test_that_the_class_wheel_lies_beside_the_decoded_picture_and_still_turns(
    window: MainWindow, three: list[Explorer], qtbot: QtBot
) -> None:
    last = three[-1]
    wheel = find(last, ClassWheel, "decoderClassWheel")
    assert wheel.isVisible()
    assert not last.map_area.class_wheel.isVisible()
    QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(7).toPoint())
    assert last.session.options.label == 7
    window.open_model("digits-vae")
    settle(qtbot, window)


def test_that_controls_below_the_maps_play_the_path_until_the_comparison_is_closed(
    window: MainWindow, three: list[Explorer], qtbot: QtBot
) -> None:
    bar, panel = find(window, CompareBar, "compareBar"), three[0].panel(PathPanel)
    below, above = (find(place, QSlider, "frameSlider") for place in (bar, panel))
    for z in ((-0.5, 0.3), (0.8, -0.2)):
        mouse.click(three[1].latent_view, z)
    settle(qtbot, window)
    assert [slider.isVisible() for slider in (below, above)] == [True, False]
    QTest.keyClick(below, Qt.Key.Key_End)
    assert window.session.workspace.player.frame == below.maximum() > 0
    run_action(window, "view.compare.close")
    assert [slider.isVisible() for slider in (below, above)] == [False, True]
    assert above.value() == below.value()
    assert panel.frame_view.isVisible()
    dock = three[0].docks.dock("pathDock")
    assert on_screen(dock, window).contains(on_screen(above, window))


def test_that_every_panel_of_the_view_menu_has_a_place_on_every_map(
    window: MainWindow, three: list[Explorer], qtbot: QtBot
) -> None:
    names = ("evidenceDock", "drawDock", "equationDock", "extremesDock", "samplesDock", "healthDock", "inspectorDock")
    for name in names:
        action = window.explorer.docks.dock(name).toggleViewAction()
        was_there = action.isChecked()
        if was_there:
            action.trigger()
        action.trigger()
        for explorer in three:
            dock = explorer.docks.dock(name)
            qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty(), timeout=PATIENCE)
            within = explorer.rect() & dock.geometry()
            assert min(within.width(), within.height()) >= 60, name
        assert window.size().toTuple() == (1280, 800), name
        if not was_there:
            action.trigger()


def test_that_the_window_stays_as_wide_as_it_is_where_a_metric_was_chosen(
    window: MainWindow, tiny_model_path: Path, qtbot: QtBot
) -> None:
    """Its scale and the classes come and go while the maps are laid out."""
    window.session.part(MetricSurvey).choose("log_evidence")
    window.comparison.compare_with(tiny_model_path)
    settle(qtbot, window)
    assert window.size().toTuple() == (1280, 800)


def test_that_the_scale_of_a_narrow_map_is_brief_and_says_the_rest_in_its_tip(
    window: MainWindow, three: list[Explorer], qtbot: QtBot
) -> None:
    bar = find(three[0], ColourBar, "colourBar")
    three[0].session.part(MetricSurvey).choose("log_evidence")
    assert bar.isVisible()
    note = find(bar, QLabel, "colourBar.note")
    assert not note.isVisible()
    assert note.text()
    assert note.text() in bar.toolTip()
    brief = bar.width()
    run_action(window, "view.compare.close")
    window.session.part(MetricSurvey).choose("log_evidence")
    qtbot.waitUntil(note.isVisible, timeout=PATIENCE)
    assert bar.width() > brief
    assert note.text() not in bar.toolTip()
