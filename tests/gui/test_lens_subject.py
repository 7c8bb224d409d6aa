"""Whose image is analysed: the inspected code's, or one that was drawn or dropped, which stays until a code is taken hold of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from vae_explorer.gui.features.draw.pad import DrawPad
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import PosteriorAnalysis
from vae_explorer.gui.kit.banner import Banner
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel

from .drawing import press, stroke
from .looking import PATIENCE, find, settle, text_of

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def window(open_window: OpenWindow, qtbot: QtBot) -> MainWindow:
    """With the pad in front, and a code inspected."""
    made = open_window("digits-vae")
    made.explorer.docks.show("drawDock", True)
    qtbot.waitUntil(find(made, DrawPad, "drawPad").isVisible, timeout=PATIENCE)
    settle(qtbot, made)
    return made


def subject(window: MainWindow) -> str:
    return text_of(window, "drawSubject.subject")


def draw(window: MainWindow, qtbot: QtBot) -> PosteriorAnalysis:
    stroke(find(window, DrawPad, "drawPad"), (0.5, 0.1), (0.5, 0.9))
    qtbot.waitUntil(lambda: "your drawing" in subject(window), timeout=PATIENCE)
    settle(qtbot, window)
    return posterior(window)


def posterior(window: MainWindow) -> PosteriorAnalysis:
    found = window.session.part(ImageAnalysis).posterior
    assert found is not None
    return found


def drop(target: QWidget, path: Path) -> bool:
    """Whether the file was taken. The events go the way that Qt's own go: from what lies under the mouse upwards."""
    data, buttons, keys = QMimeData(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data.setUrls([QUrl.fromLocalFile(str(path))])
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
    QApplication.sendEvent(target, enter)
    if enter.isAccepted():
        event = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, buttons, keys)
        QApplication.sendEvent(target, event)
    return enter.isAccepted()


def test_that_a_button_brings_the_drawing_back_and_another_the_code(window: MainWindow, qtbot: QtBot) -> None:
    drawn, switch = draw(window, qtbot), find(window, QPushButton, "drawSubject.switch")
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert "your drawing" not in subject(window)
    assert posterior(window).true.log_evidence != drawn.true.log_evidence
    assert "drawing" in switch.text()
    assert subject(window) in text_of(window, "drawNote")  # what is on the pad is not what the lens looks at
    QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
    settle(qtbot, window)
    assert "your drawing" in subject(window)
    assert posterior(window).true.log_evidence == drawn.true.log_evidence
    press(window, "clear")
    qtbot.waitUntil(lambda: "your drawing" not in subject(window), timeout=PATIENCE)
    assert not switch.isVisible()
    settle(qtbot, window)


@pytest.mark.parametrize("kind", ["png", "jpg", "npy"])
def test_that_a_dropped_image_goes_on_the_pad_and_under_the_lens(
    window: MainWindow, qtbot: QtBot, model: TrainedModel, tmp_path: Path, kind: str
) -> None:
    pixels = model.decode_uint8(np.array([0.5, 0.5]))[0]
    path = tmp_path / f"dropped.{kind}"
    if kind == "npy":
        np.save(path, pixels / 255)
    else:
        Image.fromarray(pixels[..., 0]).save(path, quality=100)
    window.explorer.docks.show("inspectorDock", True)
    assert drop(window.latent_view.viewport(), path)
    pad = find(window, DrawPad, "drawPad")
    qtbot.waitUntil(lambda: not pad.is_empty() and "your drawing" in subject(window), timeout=PATIENCE)
    qtbot.waitUntil(pad.isVisible, timeout=PATIENCE)
    settle(qtbot, window)
    assert np.abs(pad.image().astype(int) - pixels).max() <= (8 if kind == "jpg" else 0)
    wanted = vx.evidence(model, (pad.image() / np.float32(255)).round()[None])
    assert posterior(window).true.log_evidence == pytest.approx(wanted.log_evidence[0], abs=1e-6)


def test_that_a_file_that_is_no_image_is_refused_in_the_banner(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "words.png"
    path.write_text("no image")
    assert drop(window.latent_view.viewport(), path)
    banner = find(window, Banner, "banner")
    qtbot.waitUntil(banner.isVisible, timeout=PATIENCE)
    assert "words.png is no image that can be read" in text_of(banner, "bannerText")
    assert find(window, DrawPad, "drawPad").is_empty()
    settle(qtbot, window)


def test_that_a_dropped_model_is_opened_and_text_is_not_taken(
    window: MainWindow, qtbot: QtBot, digits_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "other.safetensors"
    path.write_bytes(digits_path.read_bytes())
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        assert drop(find(window, DrawPad, "drawPad"), path)
    settle(qtbot, window)
    assert window.session.model is not None
    assert window.session.model.path == path
    data = QMimeData()
    data.setText("words")
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys)
    QApplication.sendEvent(window.latent_view.viewport(), enter)
    assert not enter.isAccepted()


def test_that_an_image_can_be_opened_from_the_pad(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 1), dtype=np.uint8)
    Image.fromarray(pixels[..., 0]).save(tmp_path / "x.png")
    press(window, "open")
    dialog = find(window, QFileDialog, "openImageDialog")
    field = find(dialog, QLineEdit, "fileNameEdit")
    field.setText(str(tmp_path / "x.png"))
    QTest.keyClick(field, Qt.Key.Key_Return)
    pad = find(window, DrawPad, "drawPad")
    qtbot.waitUntil(lambda: np.array_equal(pad.image(), pixels), timeout=PATIENCE)
    qtbot.waitUntil(lambda: "your drawing" in subject(window), timeout=PATIENCE)
    settle(qtbot, window)


@pytest.fixture
def told(open_window: OpenWindow, qtbot: QtBot, file_of: Callable[[str], Path]) -> MainWindow:
    """Of a conditional model, with the pad in front."""
    made = open_window(file_of("cvae"))
    made.explorer.docks.show("drawDock", True)
    settle(qtbot, made)
    return made


def test_that_a_drawing_has_the_class_of_the_wheel(told: MainWindow, qtbot: QtBot, file_of: Callable[[str], Path]) -> None:
    window = told
    model, pad = vx.load(file_of("cvae")), find(window, DrawPad, "drawPad")
    for label in (0, 7):
        window.map_area.class_wheel.setFocus()
        while window.session.options.label != label:
            QTest.keyClick(window.map_area.class_wheel, Qt.Key.Key_Right)
        if not label:
            draw(window, qtbot)
        settle(qtbot, window)
        image = (pad.image() / np.float32(255)).round() if model.card.binarised == "dynamic" else pad.image() / np.float32(255)
        wanted = vx.evidence(model, image[None], [label])
        assert posterior(window).true.log_evidence == pytest.approx(wanted.log_evidence[0], abs=1e-6)
        assert subject(window) == f"your drawing as {label}"
        nats = f"log p(x|c) = {wanted.log_evidence[0]:.1f} nats".replace("-", "−")
        assert nats in text_of(window, "drawNote")


def test_that_the_inspected_image_brings_its_class_along(
    told: MainWindow, qtbot: QtBot, file_of: Callable[[str], Path]
) -> None:
    labels = vx.codes(file_of("cvae")).label
    told.session.inspection.hold(int(np.flatnonzero(labels == 4)[0]))
    settle(qtbot, told)
    press(told, "take")
    qtbot.waitUntil(lambda: subject(told) == "your drawing as 4", timeout=PATIENCE)
    settle(qtbot, told)


def test_that_a_file_that_is_black_when_it_is_scaled_says_so(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((30, 20), np.uint8)).save(tmp_path / "night.png")
    assert drop(window.latent_view.viewport(), tmp_path / "night.png")
    banner = find(window, Banner, "banner")
    qtbot.waitUntil(banner.isVisible, timeout=PATIENCE)
    assert "night.png is all black after scaling to 8×8" in text_of(banner, "bannerText")
    settle(qtbot, window)


def test_that_the_note_beside_the_pad_says_what_the_reader_chose(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    ink = np.zeros((8, 8, 4), np.uint8)
    ink[2:6, 3:5, 3] = 255  # black on transparent
    Image.fromarray(ink).save(tmp_path / "ink.png")
    assert drop(window.latent_view.viewport(), tmp_path / "ink.png")
    said = "Its transparent parts are shown white."
    qtbot.waitUntil(lambda: said in text_of(window, "drawNote"), timeout=PATIENCE)
    settle(qtbot, window)
    assert find(window, DrawPad, "drawPad").image().tolist() == (255 - ink[..., 3:]).tolist()
    press(window, "clear")
    qtbot.waitUntil(lambda: "your drawing" not in subject(window), timeout=PATIENCE)
    draw(window, qtbot)
    assert said not in text_of(window, "drawNote")
