"""Codes under the mouse: original, reconstruction, posterior; held with Shift+click."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from vae_explorer.codes import Codes, Split
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.kit.image_view import ImageView
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import read_model_file

from . import mouse
from .looking import decoded, find, items, lonely_code, nearest, point, settle, text_of

SHIFT = Qt.KeyboardModifier.ShiftModifier


def picture(window: MainWindow, name: str) -> np.ndarray:
    return find(window, ImageView, name).image()


def test_that_hovering_a_code_shows_its_image_and_its_reconstruction(
    window: MainWindow, model: TrainedModel, codes: Codes, qtbot: QtBot
) -> None:
    index = lonely_code(window, codes)
    mouse.move_to(window.latent_view, point(codes, index))
    settle(qtbot, window)
    split, place = Split(codes.split[index]), np.count_nonzero(codes.split[:index] == codes.split[index])
    assert text_of(window, "inspectedTitle") == f"{codes.label[index]} · {Split(split).title} #{place}"
    original, reconstruction = picture(window, "inspectedOriginal"), picture(window, "inspectedReconstruction")
    np.testing.assert_array_equal(reconstruction, decoded(model, codes.mean[index])[0])
    np.testing.assert_allclose(model.encode(original / 255).mean[0], codes.mean[index], atol=1e-4)
    np.testing.assert_array_equal(picture(window, "inspectedDifference"), np.abs(original.astype(int) - reconstruction))
    assert not find(window, QLabel, "inspectedNote").isVisible()


def test_that_the_original_is_the_very_image_of_the_data_set(window: MainWindow, codes: Codes, qtbot: QtBot) -> None:
    from sklearn.datasets import load_digits

    index = lonely_code(window, codes)
    mouse.move_to(window.latent_view, point(codes, index))
    settle(qtbot, window)
    digits = load_digits()
    same = [label for image, label in zip(digits.images[..., None], digits.target, strict=True) if _same(image, window)]
    assert same == [codes.label[index]]


def _same(image: np.ndarray, window: MainWindow) -> bool:
    return np.array_equal(np.round(image * 255 / 16), picture(window, "inspectedOriginal"))


def test_that_a_wide_posterior_is_an_outline_and_a_narrow_one_is_filled(
    window: MainWindow, tiny_model_path: Path, qtbot: QtBot
) -> None:
    def opacity(codes: Codes, index: int) -> int:
        mouse.move_to(window.latent_view, point(codes, index))
        settle(qtbot, window)
        shown = [item for item in items(window, EllipseItem) if item.isVisible()]
        outer = max(shown, key=lambda item: item.boundingRect().width())
        assert outer.pen().color().alpha() == 255
        return outer.brush().color().alpha()

    narrow = read_model_file(pretrained_models()["digits-vae"]).codes
    index = lonely_code(window, narrow)
    assert opacity(narrow, index) > 40
    file = read_model_file(tiny_model_path)
    wide = replace(file, codes=replace(file.codes, std=np.full_like(file.codes.std, 0.9)))
    window.session.show_model(wide)
    settle(qtbot, window)
    assert opacity(wide.codes, lonely_code(window, wide.codes)) == 0


def test_that_the_posterior_ellipse_lies_on_the_hovered_code(window: MainWindow, codes: Codes, qtbot: QtBot) -> None:
    index = lonely_code(window, codes)
    mouse.move_to(window.latent_view, point(codes, index))
    settle(qtbot, window)
    ellipses = [item.path().boundingRect() for item in items(window, EllipseItem) if item.isVisible()]
    assert sorted(rect.width() / codes.std[index, 0] for rect in ellipses) == pytest.approx([2, 4])
    assert sorted(rect.height() / codes.std[index, 1] for rect in ellipses) == pytest.approx([2, 4])
    for rect in ellipses:
        assert (rect.center().x(), rect.center().y()) == pytest.approx(point(codes, index))


def test_that_shift_click_holds_the_nearest_code_and_a_second_one_lets_it_go(
    window: MainWindow, model: TrainedModel, codes: Codes, qtbot: QtBot
) -> None:
    index = lonely_code(window, codes)
    mouse.click(window.latent_view, point(codes, index), SHIFT)
    settle(qtbot, window)
    assert window.session.inspection.pinned == index
    assert not window.session.workspace.path.path.points
    assert "held" in text_of(window, "inspectedTitle")
    other = nearest(codes, mouse.move_to(window.latent_view, point(codes, int(np.argmax(codes.label != codes.label[index])))))
    settle(qtbot, window)
    current = window.session.inspection.current
    assert current is not None
    assert current.index == other
    mouse.leave(window.latent_view)
    settle(qtbot, window)
    assert window.session.inspection.current is not None
    assert window.session.inspection.current.index == index
    np.testing.assert_array_equal(picture(window, "inspectedReconstruction"), decoded(model, codes.mean[index])[0])
    mouse.click(window.latent_view, point(codes, index), SHIFT)
    assert window.session.inspection.pinned is None
    assert "held" not in text_of(window, "inspectedTitle")
