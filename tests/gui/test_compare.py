"""Models side by side: linked cursors and views, one path, colours by place, metrics that compare, and the way back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QAction, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDockWidget, QLabel, QPushButton
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

import vae_explorer as vx
from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.foreign import short
from vae_explorer.gui.compare.presets import PRESETS
from vae_explorer.gui.core import opener
from vae_explorer.gui.core.decode_thread import DecodeThread
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.draw.panel import DrawPanel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit import theme as themes
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.kit.class_strip import ClassStrip
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.latent.places import places
from vae_explorer.models.card import measured_by
from vae_explorer.models.model_file import ModelFile, read_model_file, write_model_file
from vae_explorer.models.terms import number
from vae_explorer.training.events import Failed

from . import mouse
from .conftest import OpenWindow
from .drawing import press
from .looking import (
    PATIENCE,
    decoded,
    film_strip,
    find,
    go_down_to,
    image_view,
    lonely_code,
    nearest,
    point,
    run_action,
    settle,
    text_of,
)
from .training import start_training, wait_for_the_end

Compare = Callable[..., tuple[Explorer, ...]]


@pytest.fixture(scope="session")
def tiny(tiny_model_path: Path) -> TrainedModel:
    return vx.load(tiny_model_path)


@pytest.fixture
def compare(qtbot: QtBot, tiny_model_path: Path) -> Compare:
    """Puts the tiny model, or others, beside what is on screen, and waits until every question has been answered."""

    def beside(window: MainWindow, *models: Path) -> tuple[Explorer, ...]:
        for model in models or (tiny_model_path,):
            window.comparison.compare_with(model)
        settle(qtbot, window)
        return tuple(window.explorers)

    return beside


def picture(explorer: Explorer) -> NDArray[np.uint8]:
    return image_view(explorer).image()


def choose(window: MainWindow, name: str, text: str) -> None:
    box = find(window, QComboBox, name)
    assert box.findText(text) >= 0, [box.itemText(place) for place in range(box.count())]
    box.setCurrentIndex(box.findText(text))


def _written(path: Path, file: ModelFile) -> Path:
    write_model_file(path, file)
    return path


def test_that_hovering_on_either_map_decodes_the_same_z_with_both_models(
    window: MainWindow, compare: Compare, model: TrainedModel, tiny: TrainedModel, qtbot: QtBot
) -> None:
    left, right = compare(window)
    for hovered, other, z in ((left, right, (0.7, -0.4)), (right, left, (-0.9, 0.8)), (left, right, (0.2, 0.3))):
        hit = mouse.move_to(hovered.latent_view, z)
        settle(qtbot, window)
        assert hovered.session.cursor.state.z == other.session.cursor.state.z == hit
        np.testing.assert_array_equal(picture(left), decoded(model, hit)[0])
        np.testing.assert_array_equal(picture(right), decoded(tiny, hit)[0])
        mouse.leave(hovered.latent_view)


def test_that_the_pixel_difference_at_the_cursor_is_that_of_the_two_pictures(
    window: MainWindow, compare: Compare, model: TrainedModel, tiny: TrainedModel, qtbot: QtBot
) -> None:
    left, _ = compare(window)
    hit = mouse.move_to(left.latent_view, (0.5, 0.5))
    settle(qtbot, window)
    first, other = (decoded(trained, hit)[0].astype(float) for trained in (model, tiny))
    assert text_of(window, "compareDifference2") == f"{np.abs(first - other).mean() / 255:.3f} a pixel apart"


def test_that_the_same_image_is_looked_at_on_both_maps(
    window: MainWindow, compare: Compare, codes: Codes, tiny: TrainedModel, qtbot: QtBot
) -> None:
    left, right = compare(window)
    choose(window, "compareCursor", "Same image")
    hit = mouse.move_to(left.latent_view, point(codes, lonely_code(window, codes)))
    settle(qtbot, window)
    index = nearest(codes, hit)
    assert right.session.cursor.state.z == point(tiny.codes, index)
    np.testing.assert_array_equal(picture(right), decoded(tiny, tiny.codes.mean[index])[0])
    for explorer in (left, right):
        assert explorer.session.inspection.current is not None
        assert explorer.session.inspection.current.index == index
    assert text_of(window, "compareNote") == ""


def test_that_one_path_is_on_both_maps_and_in_both_film_strips(
    window: MainWindow, compare: Compare, model: TrainedModel, tiny: TrainedModel, qtbot: QtBot
) -> None:
    left, right = compare(window)
    mouse.click(left.latent_view, (-0.8, 0.6))
    mouse.leave(left.latent_view)
    mouse.click(right.latent_view, (0.9, -0.5))
    settle(qtbot, window)
    path = left.session.workspace.path.path
    assert path.is_complete
    assert right.session.workspace.path.path == path
    np.testing.assert_array_equal(film_strip(left).frames(), decoded(model, path.z()))
    np.testing.assert_array_equal(film_strip(right).frames(), decoded(tiny, path.z()))
    run_action(window, "edit.undo")
    assert len(right.session.workspace.path.path.points) == len(left.session.workspace.path.path.points) == 1
    run_action(window, "edit.redo")
    assert right.session.workspace.path.path == left.session.workspace.path.path == path
    run_action(window, "path.clear")
    settle(qtbot, window)
    assert not len(film_strip(right).frames())


def test_that_an_endpoint_dragged_on_one_map_moves_on_both_while_the_path_plays(
    window: MainWindow, compare: Compare, tiny: TrainedModel, qtbot: QtBot
) -> None:
    left, right = compare(window)
    for z in ((-0.8, 0.6), (0.9, -0.5)):
        mouse.click(left.latent_view, z)
    settle(qtbot, window)
    run_action(window, "path.play")
    steps = window.session.workspace.undo_stack.count()
    mouse.leave(left.latent_view)
    mouse.drag(right.latent_view, left.session.workspace.path.path.points[1], (0.2, 0.9))
    settle(qtbot, window)
    assert window.session.workspace.player.playing
    assert left.session.workspace.path.path == right.session.workspace.path.path
    assert left.session.workspace.path.path.points[1] == pytest.approx((0.2, 0.9), abs=0.05)
    assert window.session.workspace.undo_stack.count() == steps + 1
    np.testing.assert_array_equal(film_strip(right).frames(), decoded(tiny, right.session.workspace.path.path.z()))
    with qtbot.waitSignal(window.session.workspace.player.frame_changed, timeout=PATIENCE):
        pass
    run_action(window, "path.play")


def test_that_codes_of_one_image_have_one_colour_by_place(window: MainWindow, compare: Compare, codes: Codes) -> None:
    left, right = compare(window)
    choose(window, "compareColour", "By place in digits-vae")
    place = places(codes.mean)
    for explorer in (left, right):
        drawn = explorer.latent_view.codes_item.points
        np.testing.assert_array_equal(drawn.key & 255, place[drawn.order])
    sorted_before = left.latent_view.codes_item.points
    right.session.model_changed.emit(right.session.model)  # the next snapshot of one in training moves this map alone
    assert left.latent_view.codes_item.points is sorted_before
    find(window.explorer, QCheckBox, "class3").click()
    for explorer in (left, right):
        assert explorer.latent_view.codes_item.count == np.count_nonzero(codes.label != 3)
    choose(window, "compareColour", "By class")
    for explorer in (left, right):
        drawn = explorer.latent_view.codes_item.points
        np.testing.assert_array_equal(drawn.key & 255, codes.label[drawn.order])


def test_that_one_metric_has_the_colours_of_all_maps(window: MainWindow, compare: Compare) -> None:
    go_down_to(window, "mapColour", "log p(x)")
    left, right = compare(window)
    strip, colour = find(window, ClassStrip, "classStrip"), find(window, QComboBox, "compareColour")
    scales = [find(explorer, ColourBar, "colourBar") for explorer in (left, right)]

    def coloured() -> tuple[list[str], list[bool], bool]:
        metrics = [explorer.session.part(MetricSurvey).metric for explorer in (left, right)]
        return metrics, [scale.isVisible() for scale in scales], strip.isVisible()

    assert colour.currentText() == "By log p(x)"
    assert coloured() == (["log_evidence"] * 2, [True, True], False)
    choose(window, "compareColour", "By place in digits-vae")
    assert coloured() == (["log_evidence"] * 2, [False, False], False)
    choose(window, "compareColour", "By ELBO")
    assert coloured() == (["elbo"] * 2, [True, True], False)
    choose(window, "compareColour", "By class")
    assert coloured() == (["", ""], [False, False], True)
    choose(window, "compareColour", "By place in digits-vae")
    run_action(window, "view.extremesDock")
    go_down_to(right, "extremesMetric", "log p(x)")  # what was chosen last counts, wherever that was
    assert colour.currentText() == "By log p(x)"
    assert coloured() == (["log_evidence"] * 2, [True, True], False)
    choose(window, "compareColour", "By posterior area")
    run_action(window, "view.compare.close")
    assert window.session.part(MetricSurvey).metric == "log_evidence"
    assert scales[0].isVisible()


def test_that_a_survey_that_was_stopped_is_still_after_a_comparison(window: MainWindow, compare: Compare, qtbot: QtBot) -> None:
    survey = window.session.part(MetricSurvey)
    go_down_to(window, "mapColour", "Amortisation gap")
    qtbot.waitUntil(lambda: survey.running and survey.progress[0] > 0, timeout=PATIENCE)
    QTest.mouseClick(find(window, QPushButton, "colourBar.button"), Qt.MouseButton.LeftButton)
    assert survey.stopped
    known = survey.values.copy()
    compare(window)
    choose(window, "compareColour", "By reconstruction error")
    survey.set_all_images(True)
    run_action(window, "view.compare.close")
    assert (survey.metric, survey.stopped, survey.running, survey.all_images) == ("amortisation_gap", True, False, False)
    np.testing.assert_array_equal(survey.values[np.isfinite(known)], known[np.isfinite(known)])


def test_that_a_metric_chosen_alone_moves_nothing_that_was_compared(window: MainWindow, compare: Compare) -> None:
    heard: list[str] = []
    window.comparison.link.colour_chosen.connect(heard.append)
    for _ in range(2):
        compare(window)
        run_action(window, "view.compare.close")
    go_down_to(window, "mapColour", "ELBO")
    assert not heard
    _, right = compare(window)
    assert right.session.part(MetricSurvey).metric == "elbo"


def test_that_views_zoom_together_until_they_are_parted(window: MainWindow, compare: Compare) -> None:
    left, right = compare(window)
    mouse.wheel(left.latent_view, (0.5, 0.5), 3)
    assert right.latent_view.units_per_pixel() == pytest.approx(left.latent_view.units_per_pixel(), rel=0.01)
    assert _middle(right) == pytest.approx(_middle(left), abs=0.02)
    find(window, QCheckBox, "compareViews").click()
    before = _middle(left)
    mouse.leave(left.latent_view)
    mouse.drag(right.latent_view, (0.6, 0.6), (0.9, 0.9))
    assert _middle(left) == before
    assert _middle(right) != pytest.approx(before, abs=0.02)
    find(window, QCheckBox, "compareViews").click()
    assert _middle(left) == pytest.approx(_middle(right), abs=0.02)


def _middle(explorer: Explorer) -> tuple[float, float]:
    middle = explorer.latent_view.visible_rect().center()
    return (middle.x(), middle.y())


def test_that_overlays_and_panels_are_switched_on_both_maps(window: MainWindow, compare: Compare) -> None:
    left, right = compare(window)
    find(right, QCheckBox, "overlay.codes").click()
    assert not left.latent_view.codes_item.isVisible()
    assert not right.latent_view.codes_item.isVisible()
    find(window, QAction, "view.modelDock").trigger()
    assert all(find(explorer, QDockWidget, "modelDock").isVisible() for explorer in (left, right))
    run_action(window, "view.reset_layout")
    assert not any(find(explorer, QDockWidget, "modelDock").isVisible() for explorer in (left, right))
    assert all(find(explorer, QDockWidget, "decoderDock").isVisible() for explorer in (left, right))


def test_that_metrics_which_compare_stand_side_by_side_with_their_difference(
    window: MainWindow, compare: Compare, model: TrainedModel, tiny_model_path: Path, tmp_path: Path
) -> None:
    file = read_model_file(tiny_model_path)
    card = replace(file.card, name="same", binarised=model.card.binarised)
    compare(window, _written(tmp_path / "same.safetensors", replace(file, card=card)))
    difference = card.metrics["elbo"] - model.card.metrics["elbo"]
    value = number(card.metrics["elbo"], 2, card.errors["elbo"])
    assert text_of(window, "compareMetric2.2") == f"{value}  ({difference:+.2f})".replace("-", "−")
    assert measured_by(card) in text_of(window, "compareMetric2.1")


def test_that_closing_the_comparison_brings_the_single_view_back(
    window: MainWindow, compare: Compare, tiny_model_path: Path, qtbot: QtBot
) -> None:
    for z in ((-0.8, 0.6), (0.9, -0.5)):
        mouse.click(window.latent_view, z)
    mouse.wheel(window.latent_view, (0.4, 0.4), 2)
    QApplication.processEvents()
    session, path, opened = window.session, window.session.workspace.path.path, window.session.model
    view = window.latent_view.visible_rect().getRect()
    docks = {dock.objectName(): dock.geometry() for dock in window.findChildren(QDockWidget) if dock.isVisible()}
    _, right = compare(window)
    mouse.click(right.latent_view, (0.0, 0.1))
    mouse.wheel(right.latent_view, (0.4, 0.4), -3)
    choose(window, "compareColour", "By place in tiny")
    window.open_model(tiny_model_path)
    qtbot.waitUntil(lambda: window.session.model is not opened, timeout=PATIENCE)
    settle(qtbot, window)
    QTest.mouseClick(find(window, QPushButton, "compareClose"), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    settle(qtbot, window)
    assert window.explorers == [window.explorer]
    assert window.session is session
    assert window.session.workspace.path.path == path
    assert window.session.model is not None
    assert opened is not None
    assert window.session.model.file is opened.file
    assert window.latent_view.visible_rect().getRect() == pytest.approx(view)
    assert {dock.objectName(): dock.geometry() for dock in window.findChildren(QDockWidget) if dock.isVisible()} == docks
    assert not window.latent_view.codes_item.by_place
    assert not find(window.explorer, QComboBox, "modelChoice").isVisible()
    qtbot.waitUntil(lambda: not isValid(right), timeout=PATIENCE)
    mouse.click(window.latent_view, (0.3, 0.3))  # the path answers to one map again
    run_action(window, "edit.undo")
    assert window.session.workspace.path.path == path


def test_that_a_drawing_on_a_map_that_closes_is_a_step_away_on_the_first_map(
    window: MainWindow, compare: Compare, qtbot: QtBot
) -> None:
    explorers = compare(window)
    first, other = (explorer.panel(DrawPanel).pad for explorer in explorers)
    image = np.zeros(first.image().shape, np.uint8)
    image[2:5, 3] = 200
    other.set_image(image)
    settle(qtbot, window)
    window.comparison.close()
    assert first.is_empty()
    explorers[0].docks.show("drawDock", True)
    press(window, "undo")
    assert np.array_equal(first.image(), image)


def test_that_each_map_opens_the_model_chosen_above_it(
    window: MainWindow,
    compare: Compare,
    model: TrainedModel,
    digits_path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    _written(tmp_path / "only.safetensors", read_model_file(digits_path))
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    left, right = compare(window)
    box = find(right, QComboBox, "modelChoice")
    assert [box.itemText(place) for place in (0, 1)] == ["tiny", "only"]
    QTest.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _name(right) == "digits-vae", timeout=PATIENCE)
    settle(qtbot, window)
    assert box.currentText() == "only"
    assert [box.itemText(place) for place in (0, 1)] == ["only", ""]  # and a line before what opens a file
    assert find(left, QComboBox, "modelChoice").currentText() == "digits-vae"
    np.testing.assert_array_equal(picture(right), decoded(model, right.session.cursor.state.z)[0])


def test_that_a_file_called_like_a_pretrained_model_is_told_apart_from_it(
    window: MainWindow, compare: Compare, tiny_model_path: Path, digits_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    foreign = _written(tmp_path / digits_path.name, read_model_file(tiny_model_path))
    _, right = compare(window, foreign)
    box = find(right, QComboBox, "modelChoice")
    assert box.currentText() == short(f"digits-vae ({tmp_path})")
    assert box.itemData(box.currentIndex(), Qt.ItemDataRole.ToolTipRole) == str(foreign)
    place = box.findText("digits-vae")
    box.setFocus()
    while box.currentIndex() + 1 < place:
        box.setCurrentIndex(box.currentIndex() + 1)
    QTest.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: _name(right) == "digits-vae", timeout=PATIENCE)
    settle(qtbot, window)
    assert box.currentText() == "digits-vae"
    assert box.itemText(0) != f"digits-vae ({tmp_path})"


def _name(explorer: Explorer) -> str:
    assert explorer.session.model is not None
    return explorer.session.model.card.name


def test_that_a_model_trained_in_the_first_pane_moves_the_others_on(window: MainWindow, compare: Compare, qtbot: QtBot) -> None:
    left, right = compare(window)
    before = right.session.model
    choose(window, "compareColour", "By ELBO")
    start_training(window, epochs=30)
    note = find(window, QLabel, "compareNote")
    qtbot.waitUntil(lambda: note.accessibleName() == "coloured by class: digits-vae is in training", timeout=PATIENCE)
    assert [each.session.part(MetricSurvey).metric for each in (left, right)] == ["", "elbo"]
    QTest.mouseClick(find(window.explorer, QPushButton, "trainStop"), Qt.MouseButton.LeftButton)
    wait_for_the_end(qtbot, window)
    qtbot.waitUntil(lambda: left.session.part(MetricSurvey).metric == "elbo", timeout=PATIENCE)
    assert not note.accessibleName()
    trained = left.session.model
    assert trained is not None
    assert trained.path is not None
    assert trained.path.parent == locations.runs()
    assert right.session.model is before
    window.comparison.close()
    assert window.session.model is trained  # for it was trained and not merely opened
    assert window.session.part(MetricSurvey).metric == ""


def test_that_a_preset_without_its_models_says_so_in_a_line_and_changes_nothing(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    opened = window.session.model
    for preset in PRESETS:
        run_action(window, f"view.compare.{preset.name}")
        text = text_of(window, "bannerText")
        assert "\n" not in text
        assert all(name in text for name in preset.models)
    assert window.explorers == [window.explorer]
    assert window.session.model is opened


def test_that_a_preset_puts_its_models_side_by_side(
    window: MainWindow, tiny_model_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    file = read_model_file(tiny_model_path)
    (preset,) = (preset for preset in PRESETS if preset.name == "beta")
    for name in preset.models:
        _written(tmp_path / f"{name}.safetensors", replace(file, card=replace(file.card, name=name)))
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    run_action(window, "view.compare.beta")
    settle(qtbot, window)
    qtbot.waitUntil(lambda: _name(window.explorer) == preset.models[0], timeout=PATIENCE)
    assert tuple(_name(explorer) for explorer in window.explorers) == preset.models
    run_action(window, "view.compare.close")
    assert _name(window.explorer) == "digits-vae"
    assert not find(window, QAction, "view.compare.close").isEnabled()


def test_that_an_ae_and_a_vae_each_fill_their_own_map(
    window: MainWindow, tiny_model_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    file = read_model_file(tiny_model_path)
    wide = replace(file.codes, mean=10 * file.codes.mean)
    for name, codes in (("mnist-ae", wide), ("mnist-vae-small", file.codes)):
        _written(tmp_path / f"{name}.safetensors", replace(file, codes=codes, card=replace(file.card, name=name)))
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    run_action(window, "view.compare.ae_vae")
    qtbot.waitUntil(lambda: _name(window.explorer) == "mnist-ae", timeout=PATIENCE)
    settle(qtbot, window)
    assert not find(window, QCheckBox, "compareViews").isChecked()
    left, right = (explorer.latent_view.units_per_pixel() for explorer in window.explorers)
    assert left == pytest.approx(10 * right, rel=0.05)
    find(window, QCheckBox, "compareViews").click()
    left, right = (explorer.latent_view.units_per_pixel() for explorer in window.explorers)
    assert left == pytest.approx(right, rel=0.05)


def test_that_there_is_room_for_three(window: MainWindow, compare: Compare, tiny_model_path: Path) -> None:
    assert len(compare(window, tiny_model_path, tiny_model_path, tiny_model_path)) == 3
    assert "room for 3 maps" in text_of(window.explorer, "bannerText")


def test_that_a_theme_reaches_every_map(window: MainWindow, compare: Compare) -> None:
    window.set_theme("dark")
    explorers = compare(window)
    for name in ("dark", "light"):
        window.set_theme(name)
        for explorer in explorers:
            assert explorer.latent_view.backgroundBrush().color().name() == themes.THEMES[name].map


def test_that_copy_takes_the_picture_of_the_map_under_the_cursor(window: MainWindow, compare: Compare, qtbot: QtBot) -> None:
    left, right = compare(window)
    hit = mouse.move_to(right.latent_view, (0.5, -0.6))
    settle(qtbot, window)
    run_action(window, "edit.copy_image")
    copied = QGuiApplication.clipboard().image().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.array([[[copied.pixelColor(x, y).value()] for x in range(8)] for y in range(8)])
    np.testing.assert_array_equal(pixels, picture(right))
    assert not np.array_equal(pixels, picture(left))
    run_action(window, "edit.copy_z")
    assert QGuiApplication.clipboard().text() == "{:.6g} {:.6g}".format(*hit)


def test_that_a_window_that_is_closed_while_comparing_keeps_the_layout_of_one_map(
    open_window: OpenWindow, compare: Compare
) -> None:
    window = open_window()
    compare(window)
    window.close()
    again = open_window()
    assert find(again, QDockWidget, "modelDock").isVisible()
    assert again.explorers == [again.explorer]


def test_that_a_window_closes_while_the_other_model_is_still_being_opened(window: MainWindow, tiny_model_path: Path) -> None:
    window.comparison.compare_with(tiny_model_path)
    other = cast(Explorer, window.explorers[1])
    window.close()
    assert not find(other, DecodeThread, "decodeThread").isRunning()


@dataclass
class Held:
    """Reads no file called mnist-ae to its end before `let_go`."""

    gate: threading.Event = field(default_factory=threading.Event)
    read: list[str] = field(default_factory=list)  # files that were read to their end, or given up on the way

    def read_model_file(self, path: Path, check: Callable[[], None]) -> ModelFile:
        assert path.stem != "mnist-ae" or self.gate.wait(PATIENCE / 1000)
        try:
            return read_model_file(path, check)
        finally:
            self.read.append(path.stem)

    def let_go(self, window: MainWindow, qtbot: QtBot) -> None:
        """Let mnist-ae be read, and wait until the window would show it."""
        assert "mnist-ae" not in self.read
        self.gate.set()
        qtbot.waitUntil(lambda: "mnist-ae" in self.read, timeout=PATIENCE)
        settle(qtbot, window)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(opener, "open_model_file", held.read_model_file)
    return held


@pytest.fixture
def preset_models(tiny_model_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of pretrained models that has every model of the presets."""
    file, folder = read_model_file(tiny_model_path), tmp_path / "pretrained"
    folder.mkdir()
    for name in {name for preset in PRESETS for name in preset.models}:
        _written(folder / f"{name}.safetensors", replace(file, card=replace(file.card, name=name)))
    monkeypatch.setattr(locations, "pretrained", lambda: folder)
    return folder


def test_that_a_model_that_arrives_after_the_comparison_is_closed_is_not_shown(
    window: MainWindow, preset_models: Path, held: Held, qtbot: QtBot
) -> None:
    opened = window.session.model
    run_action(window, "view.compare.ae_vae")
    run_action(window, "view.compare.close")
    held.let_go(window, qtbot)
    assert window.session.model is opened


def test_that_a_model_of_one_preset_does_not_arrive_in_the_next(
    open_window: OpenWindow, preset_models: Path, held: Held, qtbot: QtBot
) -> None:
    window = open_window(preset_models / "mnist-vae-small.safetensors")
    names: list[str] = []
    window.session.model_changed.connect(lambda model: names.append(model.card.name))
    run_action(window, "view.compare.ae_vae")
    run_action(window, "view.compare.vae_gan")
    held.let_go(window, qtbot)
    assert not names
    assert [_name(explorer) for explorer in window.explorers] == ["mnist-vae-small", "mnist-gan"]


def test_that_a_run_that_fails_while_comparing_does_not_keep_the_presets_model(
    window: MainWindow, preset_models: Path, qtbot: QtBot
) -> None:
    run_action(window, "view.compare.beta")
    settle(qtbot, window)
    assert _name(window.explorer) == "mnist-beta-0.1"
    window.session.part(TrainingState).ended.emit(
        Failed("out of memory")
    )  # as where the child breaks off before its first snapshot
    run_action(window, "view.compare.close")
    assert _name(window.explorer) == "digits-vae"
    settle(qtbot, window)


def test_that_the_panel_of_a_running_training_stays_when_the_comparison_is_closed(window: MainWindow, compare: Compare) -> None:
    compare(window)
    start_training(window, epochs=3000)
    run_action(window, "view.compare.close")
    assert window.session.part(TrainingState).running
    assert find(window.explorer, QDockWidget, "trainingDock").isVisible()


@pytest.mark.parametrize("maps", [2, 3])
def test_that_the_first_map_keeps_its_width_beside_a_running_training(
    window: MainWindow, compare: Compare, maps: int, qtbot: QtBot
) -> None:
    start_training(window, epochs=3000)
    for _ in range(maps - 1):
        compare(window)
    assert len(window.explorers) == maps
    training = find(window.explorer, QDockWidget, "trainingDock")
    assert training.isVisible()
    assert not training.visibleRegion().isEmpty()

    def is_even() -> bool:
        widths = [explorer.latent_view.width() for explorer in window.explorers]
        return max(widths) - min(widths) <= 8

    qtbot.waitUntil(is_even, timeout=PATIENCE)


@pytest.mark.parametrize("maps", [1, 2])
def test_that_a_bad_file_takes_its_map_with_it_and_says_why_on_the_first(
    window: MainWindow, compare: Compare, tmp_path: Path, maps: int, qtbot: QtBot
) -> None:
    before = compare(window) if maps == 2 else (window.explorer,)
    rows = len(window.findChildren(QLabel, QRegularExpression("compareReason.*")))
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"no model")
    window.comparison.compare_with(bad)
    assert len(window.explorers) == maps + 1
    banner = find(window.explorer, Banner, "banner")
    qtbot.waitUntil(banner.isVisible, timeout=PATIENCE)
    assert "bad.safetensors" in banner.text()
    assert tuple(window.explorers) == before
    assert find(window, QAction, "view.compare.close").isEnabled() is (maps == 2)
    assert len(window.findChildren(QLabel, QRegularExpression("compareReason.*"))) == rows
    settle(qtbot, window)
