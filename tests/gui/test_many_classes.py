"""More classes than 8 bits hold: the map colours and hides each of them, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from vae_explorer.gui.theme import PALETTE
from vae_explorer.gui.views.latent_view import LatentView

CLASSES = 300
LABELS = np.repeat(np.arange(CLASSES, dtype=np.uint16), 2)
MEAN = np.random.default_rng(0).uniform(-3, 3, (len(LABELS), 2)).astype(np.float32)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[LatentView]:
    """A map of codes of 300 classes, on screen."""
    view = LatentView()
    view.resize(400, 300)
    with qtbot.waitExposed(view):
        view.show()
    view.set_codes(MEAN, LABELS, tuple(f"class {number}" for number in range(CLASSES)))
    qtbot.waitUntil(lambda: view.rests)
    yield view
    qtbot.waitUntil(lambda: view.rests)
    view.hide()
    view.deleteLater()


def colours(view: LatentView) -> dict[tuple[float, float], int]:
    """Number of the colour of each code on the map, by its place."""
    points = view.codes_item._points
    return {(x, y): key & 255 for x, y, key in zip(points.x.tolist(), points.y.tolist(), points.key.tolist(), strict=True)}


def test_that_each_code_has_the_colour_of_its_class(view: LatentView) -> None:
    wanted = {tuple(z): label % len(PALETTE) for z, label in zip(MEAN.tolist(), LABELS.tolist(), strict=True)}
    assert colours(view) == wanted
    assert view.codes_item.by_class


def test_that_a_hidden_class_beyond_the_256th_takes_only_its_own_codes_off_the_map(view: LatentView, qtbot: QtBot) -> None:
    view.set_hidden_classes(frozenset({299}))
    qtbot.waitUntil(lambda: view.rests)
    assert set(colours(view)) == {tuple(z) for z in MEAN[LABELS != 299].tolist()}
    view.set_hidden_classes(frozenset())
    assert len(colours(view)) == len(MEAN)


def test_that_few_classes_after_many_are_drawn_by_their_own_number(view: LatentView, qtbot: QtBot) -> None:
    view.set_hidden_classes(frozenset({299}))
    view.set_codes(MEAN[:20], np.arange(20, dtype=np.uint8), ())
    qtbot.waitUntil(lambda: len(colours(view)) == 20)
    assert sorted(colours(view).values()) == list(range(20))
