"""Models with other images, fewer codes or none come to maps that the mouse is on: no index of one model is used for another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from vae_explorer.codes import Codes
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.model_file import ModelFile, read_model_file, write_model_file

from . import mouse
from .looking import PATIENCE, find, settle


def variant(file: ModelFile, kind: str) -> ModelFile:
    """The model as a person may have it: with other images, fewer codes or none, far from where they were."""
    codes, card = file.codes, replace(file.card, name=kind)
    shifted = Codes(codes.mean + np.float32(3), codes.std, codes.label, codes.split)
    few = np.sort(np.r_[0:20, len(codes) - 10 : len(codes)])
    fewer = Codes(*(array[few] for array in (shifted.mean, shifted.std, shifted.label, shifted.split)))
    match kind:
        case "other data":
            return replace(file, card=replace(card, dataset="fashion-mnist"), codes=fewer)
        case "fewer codes":
            return replace(file, card=card, codes=fewer)
        case "no codes":
            return replace(file, card=card, codes=Codes.empty())
        case _:
            return replace(file, card=card, codes=shifted)


@pytest.fixture
def written(tiny_model_path: Path, tmp_path: Path) -> dict[str, Path]:
    file, paths = read_model_file(tiny_model_path), {}
    for kind in ("same images", "other data", "fewer codes", "no codes"):
        paths[kind] = tmp_path / f"{kind}.safetensors"
        write_model_file(paths[kind], variant(file, kind))
    return paths


@pytest.mark.parametrize("third", ["same images", "no codes"])
def test_that_a_third_model_joins_while_the_same_image_is_followed(
    window: MainWindow, tiny_model_path: Path, written: dict[str, Path], third: str, qtbot: QtBot
) -> None:
    window.comparison.compare_with(tiny_model_path)
    settle(qtbot, window)
    box = find(window, QComboBox, "compareCursor")
    box.setCurrentIndex(box.findText("Same image"))
    left = window.explorers[0]
    mouse.move_to(left.latent_view, (0.4, 0.3))
    window.comparison.compare_with(written[third])
    settle(qtbot, window)
    nearest = left.session.cursor.state.nearest
    assert nearest is not None
    last = window.explorers[2].session
    assert last.model is not None
    follows = third == "same images"
    assert last.cursor.state.z == (
        tuple(last.model.file.codes.mean[nearest].tolist()) if follows else left.session.cursor.state.z
    )
    assert not follows or (last.inspection.current is not None and last.inspection.current.index == nearest)


def test_that_models_of_other_codes_come_under_a_resting_mouse(
    window: MainWindow, written: dict[str, Path], qtbot: QtBot
) -> None:
    mouse.move_to(window.latent_view, (0.4, 0.3))
    settle(qtbot, window)
    for kind in ("same images", "fewer codes", "other data", "no codes", "same images"):
        with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
            window.explorers[0].open_model(written[kind])
        settle(qtbot, window)
        model, code = window.session.model, window.session.inspection.current
        assert model is not None
        assert code is None or code.mean == tuple(model.file.codes.mean[code.index].tolist())
        assert (code is None) == (kind == "no codes")
