"""What a window shows of a family: the class wheel, its switches, rows being written, a posterior that bends, its health."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QDockWidget
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.unchecked import write_unchecked
from vae_explorer import locations
from vae_explorer.gui.dialogs.model_card_view import ModelCardView
from vae_explorer.gui.dialogs.pretrained_dialog import PretrainedDialog
from vae_explorer.gui.features.inspector.inset import PosteriorInset
from vae_explorer.gui.features.inspector.state import PosteriorDensity
from vae_explorer.gui.features.model.card_manifolds import CardManifolds
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.pose.handle import PoseHandle
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.map.latent_view import Z_CURSOR
from vae_explorer.inference.trained import TrainedModel, to_pixels
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import read_model_file, write_model_file

from .conftest import FileOf
from .looking import PATIENCE, find, image_view, items, lonely_code, nearest, next_mosaic, point, run_action, settle, text_of
from .mouse import click, move_to


def place(window: MainWindow, right: float, up: float) -> tuple[float, float]:
    """A point of the map, by shares of what is in view."""
    rect = window.latent_view.visible_rect()
    return (rect.left() + right * rect.width(), rect.top() + up * rect.height())


def shown(window: MainWindow) -> np.ndarray:
    return image_view(window.explorer).image()


def turn(wheel: ClassWheel, notches: int) -> None:
    middle = QPointF(wheel.rect().center())
    there = QPointF(wheel.mapToGlobal(middle))
    keys, none = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    down = QPointF(0, 120 * notches).toPoint()
    event = QWheelEvent(middle, there, QPointF().toPoint(), down, none, keys, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(wheel, event)


def test_that_turning_the_wheel_decodes_as_another_class(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("cvae")
    window, model = open_window(path), vx.load(path)
    wheel = find(window, ClassWheel, "classWheel")
    for act, label in (
        (lambda: QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(7).toPoint()), 7),
        (lambda: turn(wheel, -1), 8),
        (lambda: turn(wheel, 3), 5),
        (lambda: QTest.keyClick(wheel, Qt.Key.Key_Right), 6),
    ):
        with next_mosaic(qtbot, window) as mosaic:
            act()
        settle(qtbot, window)
        assert window.session.options.label == label
        assert np.array_equal(shown(window), to_pixels(model.decode(window.session.cursor.state.z, label))[0, ..., None])
        answer = mosaic.args[0]
        assert np.array_equal(answer.images, model.decode_uint8(answer.z, label))


def test_that_a_switch_of_a_family_changes_the_picture(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("hierarchical-vae")
    window, model = open_window(path), vx.load(path)
    box = find(window, QCheckBox, "switch.lower_sampled")
    for on in (True, False):
        box.click()
        settle(qtbot, window)
        switches = ("lower_sampled",) if on else ()
        assert np.array_equal(shown(window), model.decode_uint8(window.session.cursor.state.z, switches=switches)[0])
    window.open_model("digits-vae")
    qtbot.waitUntil(lambda: window.findChild(QCheckBox, "switch.lower_sampled") is None, timeout=PATIENCE)
    settle(qtbot, window)


def test_that_the_inspectors_reconstruction_has_seen_the_image_whatever_the_map_samples(
    open_window: Callable[..., MainWindow], file_of: FileOf, tmp_path: Path, qtbot: QtBot
) -> None:
    file, path = read_model_file(file_of("hierarchical-vae")), tmp_path / "seeing.safetensors"
    head = "lower_head.weight"  # two epochs have hardly taught it to look
    write_model_file(path, replace(file, weights={**file.weights, head: 20 * file.weights[head]}))
    window, model, codes = open_window(path), vx.load(path), file.codes
    index = lonely_code(window, codes)
    move_to(window.latent_view, point(codes, index))
    settle(qtbot, window)
    image, z = find(window, ImageView, "inspectedOriginal").image(), codes.mean[index]
    features = torch.from_numpy(image.reshape(1, -1) / np.float32(255))
    with torch.inference_mode():
        seen = model.network.lower_head(model.network.encoder(features)).chunk(2, dim=1)
        prior = model.network.lower_prior(torch.from_numpy(z[None])).chunk(2, dim=1)
        precision = [(-log_variance).exp() for _, log_variance in (seen, prior)]
        u = (seen[0] * precision[0] + prior[0] * precision[1]) / sum(precision)
        wanted = torch.sigmoid(model.network.decoder(u)).reshape(image.shape).numpy()
    find(window, QCheckBox, "switch.lower_sampled").click()
    settle(qtbot, window)
    shown_there = find(window, ImageView, "inspectedReconstruction").image()
    assert np.abs(shown_there / 255 - wanted).max() < 0.003
    assert np.abs(model.decode(z)[0] - wanted).max() > 0.008  # beyond the tolerance above
    assert text_of(window, "inspectedReconstructionCaption") == "reconstruction"


def test_that_the_handle_turns_the_picture_and_the_tab_is_there(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("rotation-vae")
    window, model = open_window(path), vx.load(path)
    handle, dock = find(window, PoseHandle, "poseHandle"), find(window, QDockWidget, "poseDock")
    assert handle.size() == image_view(window.explorer).size()
    assert dock.toggleViewAction().isVisible()
    start, end = handle.knob().toPoint(), (handle.middle() + QPointF(-40, 0)).toPoint()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(handle, end)
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=end)
    settle(qtbot, window)
    pose = window.session.options.pose
    assert pose.angle == pytest.approx(np.pi / 2, abs=0.1)
    assert np.array_equal(shown(window), model.decode_uint8(window.session.cursor.state.z, pose=pose)[0])
    window.open_model("digits-vae")
    qtbot.waitUntil(handle.isHidden, timeout=PATIENCE)
    assert not dock.toggleViewAction().isVisible()
    settle(qtbot, window)


def test_that_a_recurrent_decoders_picture_is_written_row_by_row(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    window = open_window(file_of("recurrent-vae"))
    move_to(window.latent_view, place(window, 0.4, 0.6))
    settle(qtbot, window)
    view = image_view(window.explorer)
    qtbot.waitUntil(lambda: 0 < view.rows_revealed() < 8, timeout=PATIENCE)
    picture, side = view.grab().toImage(), min(view.width(), view.height())
    assert picture.pixelColor(side // 2, side - 4) != picture.pixelColor(side // 2, 4)  # the last row is not there yet
    qtbot.waitUntil(lambda: view.rows_revealed() == 8, timeout=PATIENCE)


def inset_words(window: MainWindow) -> str:
    return find(window, PosteriorInset, "posteriorInset").accessibleDescription()


def test_that_a_posterior_that_bends_is_a_density_and_no_ellipse(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("iaf-vae")
    window, model = open_window(path), vx.load(path)
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE)
    index = lonely_code(window, model.codes)
    with qtbot.waitSignal(
        window.session.part(PosteriorDensity).found, timeout=PATIENCE, check_params_cb=lambda found: found is not None
    ) as found:
        move_to(window.latent_view, point(model.codes, index))
    picture = found.args[0]
    code = window.session.inspection.current
    assert code is not None
    assert code.original is not None
    centre, rect = model.codes.mean[code.index], picture.rect
    assert (rect.center().x(), rect.center().y()) == pytest.approx(tuple(centre), abs=1e-5)
    x = rect.left() + (np.arange(64) + 0.5) / 64 * rect.width()
    y = rect.bottom() - (np.arange(64) + 0.5) / 64 * rect.height()
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    wanted = model.log_posterior(code.original / 255, grid)
    assert np.abs(picture.pixels.ravel() - 255 * np.exp(wanted - wanted.max())).max() <= 1.0
    assert not any(item.isVisible() for item in items(window, EllipseItem))
    assert any(
        item.isVisible() and item.image is not None and item.image.shape == (64, 64) for item in items(window, SmoothImageItem)
    )
    assert inset_words(window) == "posterior density"


def density_item(window: MainWindow) -> SmoothImageItem:
    (item,) = (item for item in items(window, SmoothImageItem) if item.zValue() == Z_CURSOR - 1)
    return item


def test_that_the_density_of_one_code_does_not_stay_while_that_of_the_next_is_worked_out(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("iaf-vae")
    window, codes = open_window(path), vx.codes(path)
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE)
    first = lonely_code(window, codes)
    move_to(window.latent_view, point(codes, first))
    qtbot.waitUntil(density_item(window).isVisible, timeout=PATIENCE)
    move_to(window.latent_view, point(codes, nearest(codes, place(window, 0.5, 0.5))))
    code = window.session.inspection.current
    assert code is not None
    assert code.index != first
    assert not density_item(window).isVisible()
    assert "being computed" in inset_words(window)  # for no answer has been looked at since the mouse moved
    qtbot.waitUntil(density_item(window).isVisible, timeout=PATIENCE)
    item = density_item(window)
    centre = item.mapRectToParent(item.boundingRect()).center()
    assert (centre.x(), centre.y()) == pytest.approx(code.mean, abs=1e-4)


def test_that_a_posterior_that_bends_is_no_ellipse_either_where_the_original_images_are_missing(
    open_window: Callable[..., MainWindow], file_of: FileOf, no_images: None, qtbot: QtBot
) -> None:
    path = file_of("iaf-vae")
    window, codes = open_window(path), vx.codes(path)
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=PATIENCE)
    move_to(window.latent_view, point(codes, lonely_code(window, codes)))
    settle(qtbot, window)
    assert window.session.inspection.current is not None
    assert window.session.inspection.current.original is None
    assert inset_words(window) == "This posterior is no ellipse. Its density needs the original image."
    assert not density_item(window).isVisible()
    assert not any(item.isVisible() for item in items(window, EllipseItem))


def test_that_a_point_has_no_ellipse(open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot) -> None:
    path = file_of("ae")
    window = open_window(path)
    codes = vx.codes(path)
    move_to(window.latent_view, point(codes, lonely_code(window, codes)))
    settle(qtbot, window)
    assert window.session.inspection.current is not None
    assert not any(item.isVisible() for item in items(window, EllipseItem))


def test_that_a_model_of_a_family_that_nobody_knows_has_no_card(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, digits_path: Path, qtbot: QtBot
) -> None:
    file = read_model_file(digits_path)
    later = replace(file, card=replace(file.card, spec=replace(file.card.spec, family="dragon")))
    write_unchecked(tmp_path / "later.safetensors", later)
    write_model_file(tmp_path / "good.safetensors", file)
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    run_action(window, "model.pretrained")
    dialog = find(window, PretrainedDialog, "pretrainedDialog")
    assert [view.objectName() for view in dialog.findChildren(ModelCardView)] == ["card.good"]
    dialog.reject()
    settle(qtbot, window)


def test_that_a_card_is_drawn_once_for_a_file_and_anew_where_the_file_has_changed(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, digits_path: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    file = read_model_file(digits_path)
    for name in ("one", "two"):
        write_model_file(tmp_path / f"{name}.safetensors", replace(file, card=replace(file.card, name=name)))
    monkeypatch.setattr(locations, "pretrained", lambda: tmp_path)
    read: list[tuple[str, int]] = []
    drawn: dict[str, np.ndarray] = {}
    decode = TrainedModel.decode_uint8

    def decode_noted(model: TrainedModel, *asked: Any) -> np.ndarray:
        if model.card.name in {"one", "two"}:  # not the model of the window
            read.append((model.card.name, torch.get_num_threads()))
        return decode(model, *asked)

    monkeypatch.setattr(TrainedModel, "decode_uint8", decode_noted)
    window.session.part(CardManifolds).drawn.connect(lambda name, picture: drawn.update({name: picture}))
    for wanted in (["one", "two"], [], ["two"]):
        read.clear()
        drawn.clear()
        run_action(window, "model.pretrained")
        qtbot.waitUntil(lambda: len(drawn) == 2, timeout=PATIENCE)
        settle(qtbot, window)
        assert read == [(name, 1) for name in wanted]
        assert np.array_equal(drawn["one"], drawn["two"])
        find(window, PretrainedDialog, "pretrainedDialog").close()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if not wanted:
            os.utime(tmp_path / "two.safetensors", ns=(1, 1))


def test_that_a_card_of_a_pretrained_model_opens_it(window: MainWindow, qtbot: QtBot) -> None:
    run_action(window, "model.pretrained")
    dialog = find(window, PretrainedDialog, "pretrainedDialog")
    assert {view.objectName() for view in dialog.findChildren(ModelCardView)} == {
        f"card.{name}" for name in pretrained_models()
    }
    with qtbot.waitSignal(window.session.part(CardManifolds).drawn, timeout=PATIENCE) as drawn:
        pass
    assert drawn.args[1].std() > 0
    with qtbot.waitSignal(window.session.opener.loaded, timeout=PATIENCE):
        QTest.mouseClick(find(dialog, ModelCardView, "card.mnist-vae"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("mnist-vae"), timeout=PATIENCE)
    settle(qtbot, window)


def test_that_closing_a_comparison_brings_class_ticks_and_overlays_back(
    open_window: Callable[..., MainWindow], file_of: FileOf, tiny_model_path: Path, qtbot: QtBot
) -> None:
    window = open_window(file_of("cvae"))
    wheel = find(window, ClassWheel, "classWheel")
    QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(3).toPoint())
    find(window, QCheckBox, "class5").click()
    find(window, QCheckBox, "overlay.manifold").click()
    settle(qtbot, window)
    picture, ticked = shown(window), window.explorer.panel(ModelPanel).overlays()
    assert not ticked["manifold"]
    window.comparison.compare_with(tiny_model_path)
    settle(qtbot, window)
    QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(8).toPoint())
    for name in ("class2", "class5", "overlay.manifold", "overlay.codes"):
        find(window.explorer, QCheckBox, name).click()
    window.open_model(tiny_model_path)
    qtbot.waitUntil(lambda: window.windowTitle().startswith("tiny"), timeout=PATIENCE)
    settle(qtbot, window)
    run_action(window, "view.compare.close")
    settle(qtbot, window)
    assert window.session.options.label == 3
    assert wheel.accessibleName() == "Decoded as class 3"
    assert np.array_equal(shown(window), picture)
    assert window.explorer.panel(ModelPanel).legend.hidden() == {5}
    assert window.explorer.panel(ModelPanel).overlays() == ticked


def test_that_a_path_laid_on_a_map_without_classes_is_decoded_as_the_other_models_wheel_says(
    open_window: Callable[..., MainWindow], file_of: FileOf, qtbot: QtBot
) -> None:
    path = file_of("cvae")
    window, model = open_window(), vx.load(path)
    window.comparison.compare_with(path)
    settle(qtbot, window)
    _, right = window.explorers
    wheel = right.map_area.class_wheel
    QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(4).toPoint())
    for z in ((-0.8, 0.6), (0.9, -0.5)):
        click(window.latent_view, z)
    for label in (4, 7):
        QTest.mouseClick(wheel, Qt.MouseButton.LeftButton, pos=wheel.point_of(label).toPoint())
        settle(qtbot, window)
        answer = right.session.frames.answer
        assert answer is not None
        assert np.array_equal(answer.images, model.decode_uint8(window.session.workspace.path.path.z(), label))
