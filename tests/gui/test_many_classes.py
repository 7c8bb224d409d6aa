"""Thousands of classes: the window names the largest of them and holds the rest together."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from vae_explorer.gui.kit.class_legend import MOST, ClassLegend
from vae_explorer.gui.kit.class_strip import ClassStrip
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.gui.map.class_labels import ClassLabels

from .looking import find

CLASSES = 20_000
NAMES = tuple(f"class {number}" for number in range(CLASSES))


def test_that_the_legend_holds_classes_beyond_its_rows_together(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    legend.set_classes(NAMES, [1] * CLASSES)
    assert len(legend.findChildren(QCheckBox)) == MOST + 1
    rest = find(legend, QCheckBox, "classesWithoutRow")
    assert rest.text() == "19,900 more"
    rest.click()
    assert legend.hidden() == frozenset(range(MOST, CLASSES))
    legend.set_hidden(frozenset({3}))
    assert (legend.hidden(), rest.isChecked()) == (frozenset({3}), True)
    find(legend, QPushButton, "allClasses").click()
    find(legend, QPushButton, "allClasses").click()
    assert legend.hidden() == frozenset(range(CLASSES))


def test_that_the_strip_and_the_wheel_draw_no_more_than_they_can(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    strip, wheel = ClassStrip(), ClassWheel("wheel")
    for widget in (strip, wheel):
        qtbot.addWidget(widget)
    strip.set_classes(NAMES, "Classes")
    assert len(strip.findChildren(QCheckBox)) == MOST
    wheel.set_classes(NAMES)
    wheel.set_label(7)
    drawn: list[int] = []
    point_of = wheel.point_of
    monkeypatch.setattr(wheel, "point_of", lambda label: drawn.append(label) or point_of(label))
    wheel.grab()
    assert set(drawn) == {7}


def test_that_the_map_names_the_largest_classes(qtbot: QtBot) -> None:
    label = np.concatenate([np.arange(CLASSES), np.arange(0, CLASSES, 250).repeat(5)]).astype(np.uint16)
    mean = np.random.default_rng(0).normal(size=(len(label), 2)).astype(np.float32)
    labels = ClassLabels()
    labels.set_codes(mean, label, NAMES)
    shown = labels.shown()
    assert len(shown) == MOST
    assert {NAMES[number] for number in range(0, CLASSES, 250)} <= shown.keys()
