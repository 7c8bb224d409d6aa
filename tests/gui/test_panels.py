"""Every panel under every family, without images, and while one is drawn or trained: its state is that of what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.models.specs import a_spec
from vae_explorer.codes import Codes
from vae_explorer.gui.core.data_images import DataImages
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.draw.pad import DrawPad
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import EVIDENCE, OBJECTIVE
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.samples.state import Samples
from vae_explorer.gui.kit.panel_state import NotAtHand, Nothing, PanelState, Ready, Remedy, Working, words_of
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.kinds import Binarised
from vae_explorer.models.base import build_model
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import ModelFile, read_model_file, write_model_file

from .conftest import OpenWindow
from .drawing import stroke
from .looking import PATIENCE, find, settle, text_of

LINES = (
    "evidenceNote",
    "equationNote",
    "drawNote",
    "noDrawsReason",
    "healthNote",
    "surgerySentence",
    "inspectedNote",
    "decoderNote",
    "extremesNote",
    "trainState",
)
_NARROW, _MOST_LINES = 190, 12  # pixels of the narrowest panel, and lines of it that a sentence may take


def states(explorer: Explorer) -> dict[str, PanelState]:
    """The state of each panel by the name of its sentence."""
    return {name: _line(explorer, name).state for name in LINES}


def _line(parent: QWidget, name: str) -> StateLine:
    line = find(parent, QLabel, name).parentWidget()
    assert isinstance(line, StateLine)
    return line


def untrained(file: ModelFile, family: str) -> ModelFile:
    """A model of `family` with drawn weights, for the same images and codes as those of `file`."""
    torch.manual_seed(1)
    spec = a_spec(family, small=True)
    weights = {name: tensor.numpy() for name, tensor in build_model(spec).state_dict().items()}
    codes, made = file.codes, FAMILIES[family]
    std = np.zeros_like(codes.std) if made.has_points else codes.std
    binarised = Binarised.NONE if made.grey else Binarised.DYNAMIC
    card = replace(file.card, name=family, spec=spec, binarised=binarised, metrics={}, training={})
    return ModelFile(card, weights, Codes(codes.mean, std, codes.label, codes.split))


def watch_all(explorer: Explorer) -> None:
    """As if every panel were in view; those that share a place never are."""
    for key in (EVIDENCE, OBJECTIVE):
        explorer.session.part(ImageAnalysis).watch(key, True, "test")
    explorer.session.part(Samples).set_open(True)


def expected(family: str) -> dict[str, type[Any]]:
    made = FAMILIES[family]
    has_width = made.posterior in ("gaussian", "flow")
    return {
        "evidenceNote": Ready if made.has_evidence else Nothing,
        "equationNote": Ready,
        "drawNote": Ready if made.has_evidence and not made.posed else Nothing,
        "noDrawsReason": Ready if has_width else Nothing,
        "healthNote": Ready,
        "surgerySentence": Ready if made.posterior == "gaussian" else Nothing,
        "inspectedNote": Ready,
        "decoderNote": Ready,
        "extremesNote": Ready,
        "trainState": NotAtHand,
    }


def test_that_every_panel_of_every_family_comes_to_rest_in_its_own_state(window: MainWindow, qtbot: QtBot) -> None:
    explorer, session = window.explorer, window.session
    assert session.model is not None
    file, wrong, long = session.model.file, dict[str, object](), dict[str, str]()
    watch_all(explorer)
    for family in FAMILIES:
        session.show_model(untrained(file, family), Path(f"{family}.safetensors"))
        session.part(MetricSurvey).choose("reconstruction_error")
        wanted = expected(family)
        try:
            qtbot.waitUntil(
                lambda wanted=wanted: {name: type(state) for name, state in states(explorer).items()} == wanted,
                timeout=PATIENCE,
            )
        except AssertionError:
            wrong[family] = {name: state for name, state in states(explorer).items() if type(state) is not wanted[name]}
        for name, state in states(explorer).items():
            if _lines_of(explorer, words_of(state)) > _MOST_LINES:
                long[f"{family}, {name}"] = words_of(state)
    settle(qtbot, window)
    assert not wrong
    assert not long


def _lines_of(parent: QWidget, words: str) -> int:
    metrics = parent.fontMetrics()
    room = metrics.boundingRect(0, 0, _NARROW, 10_000, Qt.TextFlag.TextWordWrap, words)
    return room.height() // metrics.lineSpacing()


@pytest.fixture
def without_images(tiny_model_path: Path, tmp_path: Path, open_window: OpenWindow) -> MainWindow:
    """A window on a model whose images could be downloaded."""
    file = read_model_file(tiny_model_path)
    path = tmp_path / "fashion.safetensors"
    write_model_file(path, replace(file, card=replace(file.card, name="fashion", dataset="fashion-mnist")))
    return open_window(path)


def test_that_panels_without_images_offer_to_get_them(
    without_images: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(DataImages, "download", lambda self, dataset: asked.append(dataset))
    window = without_images
    watch_all(window.explorer)
    window.session.part(MetricSurvey).choose("elbo")
    qtbot.waitUntil(lambda: text_of(window, "healthSentence") != "", timeout=PATIENCE)
    settle(qtbot, window)
    found = states(window.explorer)
    for name in ("evidenceNote", "equationNote", "inspectedNote", "extremesNote"):
        assert found[name] == NotAtHand("The original images are missing.", Remedy.DOWNLOAD), name
    assert not any(isinstance(state, Working) for state in found.values())
    for dock, name in (("extremesDock", "extremesNote"), ("evidenceDock", "evidenceNote"), ("inspectorDock", "inspectedNote")):
        window.explorer.docks.show(dock, True)
        QTest.mouseClick(find(window, QPushButton, f"{name}.remedy"), Qt.MouseButton.LeftButton)
    assert asked == ["fashion-mnist"] * 3


def test_that_an_empty_training_panel_has_no_stop_and_opens_the_dialog(window: MainWindow) -> None:
    window.explorer.docks.show("trainingDock", True)
    assert not find(window, QPushButton, "trainStop").isVisible()
    QTest.mouseClick(find(window, QPushButton, "trainState.remedy"), Qt.MouseButton.LeftButton)
    dialog = find(window, QWidget, "trainDialog")
    assert dialog.isVisible()
    dialog.close()


def test_that_a_drawing_comes_back_with_a_model_of_its_size(
    window: MainWindow, qtbot: QtBot, make_large: Callable[[], ModelFile]
) -> None:
    window.explorer.docks.show("drawDock", True)
    pad = find(window, DrawPad, "drawPad")
    stroke(pad, (0.2, 0.2), (0.8, 0.8))
    qtbot.waitUntil(lambda: window.session.part(ImageAnalysis).subject.is_drawing, timeout=PATIENCE)
    drawn, small = pad.image(), window.session.model
    assert small is not None
    window.session.show_model(make_large(), Path("large.safetensors"))
    assert pad.is_empty()
    assert "8×8 pixels is kept" in text_of(window, "drawNote")
    stroke(pad, (0.1, 0.9), (0.9, 0.9))
    large = pad.image()
    window.session.show_model(small.file, small.path)
    np.testing.assert_array_equal(pad.image(), drawn)
    assert window.session.part(ImageAnalysis).subject.is_drawing
    find(window, QPushButton, "draw.undo").click()
    assert pad.is_empty()
    window.session.show_model(make_large(), Path("large.safetensors"))
    np.testing.assert_array_equal(pad.image(), large)
    settle(qtbot, window)


@pytest.fixture
def make_large(tiny_model_path: Path) -> Callable[[], ModelFile]:
    """A model of larger images."""
    file = read_model_file(tiny_model_path)

    def make() -> ModelFile:
        made = untrained(file, "vae")
        spec = a_spec("vae", shape=(12, 12, 1), small=True)
        weights = {name: tensor.numpy() for name, tensor in build_model(spec).state_dict().items()}
        return replace(made, card=replace(made.card, spec=spec, dataset="fashion-mnist"), weights=weights)

    return make
