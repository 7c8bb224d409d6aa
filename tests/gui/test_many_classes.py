"""Thousands of classes: the window names the largest of them and holds the rest together."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from vae_explorer.codes import UNKNOWN
from vae_explorer.gui.kit.class_legend import MOST, ClassLegend
from vae_explorer.gui.kit.class_palette import class_palette, palette_of
from vae_explorer.gui.kit.class_strip import ClassStrip
from vae_explorer.gui.kit.class_wheel import ClassWheel
from vae_explorer.gui.map.class_labels import ClassLabels

from .looking import find

CLASSES = 20_000
NAMES = tuple(f"class {number}" for number in range(CLASSES))
PALETTE = class_palette(np.ones(CLASSES, np.int64))


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


def test_that_many_classes_are_sorted_by_count_and_found_by_name(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    names = tuple(f"Kind {number}" for number in range(300))
    legend.set_classes(names, list(range(300)))
    legend.show()
    assert find(legend, QLabel, "classColours").text() == "23 of 300 have a colour of their own; all others are grey."
    rows = [box.text() for box in legend.findChildren(QCheckBox)]
    assert rows[:3] == ["Kind 299", "Kind 298", "Kind 297"]
    chosen: list[frozenset[int]] = []
    legend.hidden_chosen.connect(chosen.append)
    with qtbot.waitSignal(find(legend, QLineEdit, "classSearch").textChanged):
        qtbot.keyClicks(find(legend, QLineEdit, "classSearch"), "kind 7")
    expected = [*(f"Kind {number}" for number in range(79, 69, -1)), "Kind 7"]
    qtbot.waitUntil(lambda: [box.text() for box in legend.findChildren(QCheckBox) if box.isVisible()] == expected)
    find(legend, QCheckBox, "class7").click()
    assert chosen == [frozenset({7})]
    find(legend, QLineEdit, "classSearch").clear()
    assert legend.hidden() == frozenset({7})


def test_that_few_classes_have_neither_a_search_nor_a_sentence_on_colours(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    legend.show()
    legend.set_classes(("a", "b"), [1, 5])
    assert [box.text() for box in legend.findChildren(QCheckBox)] == ["a", "b"]
    assert not find(legend, QLineEdit, "classSearch").isVisible()
    assert not find(legend, QLabel, "classColours").isVisible()
    legend.set_classes((), [])
    assert not legend.isVisible()


def test_that_the_strip_and_the_wheel_draw_no_more_than_they_can(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    strip, wheel = ClassStrip(), ClassWheel("wheel")
    for widget in (strip, wheel):
        qtbot.addWidget(widget)
    strip.set_classes(NAMES, "Classes", PALETTE)
    assert len(strip.findChildren(QCheckBox)) == MOST
    wheel.set_classes(NAMES, PALETTE)
    wheel.set_label(7)
    drawn: list[int] = []
    point_of = wheel.point_of
    monkeypatch.setattr(wheel, "point_of", lambda label: drawn.append(label) or point_of(label))
    wheel.grab()
    assert set(drawn) == {7}


def test_that_the_map_names_the_classes_with_colours_of_their_own() -> None:
    largest = np.arange(0, CLASSES, 900)
    label = np.concatenate([np.arange(CLASSES), largest.repeat(5)]).astype(np.uint16)
    mean = np.random.default_rng(0).normal(size=(len(label), 2)).astype(np.float32)
    labels = ClassLabels()
    labels.set_codes(mean, label, NAMES, palette_of(label, NAMES))
    assert labels.shown().keys() == {NAMES[number] for number in largest}


def test_that_the_map_does_not_name_the_unknown() -> None:
    label, names = np.array([0, 1, 2, 2], np.uint8), ("cat", "dog", UNKNOWN)
    labels = ClassLabels()
    labels.set_codes(np.zeros((4, 2), np.float32), label, names, palette_of(label, names))
    assert labels.shown().keys() == {"cat", "dog"}


def test_that_the_legend_counts_no_unknown_class(qtbot: QtBot) -> None:
    legend = ClassLegend()
    qtbot.addWidget(legend)
    legend.set_classes((*(f"Kind {number}" for number in range(300)), UNKNOWN), [*range(1, 301), 7])
    assert find(legend, QLabel, "classColours").text() == "23 of 300 have a colour of their own; all others are grey."


def test_that_the_strip_keeps_hidden_classes_without_a_box(qtbot: QtBot) -> None:
    strip = ClassStrip()
    qtbot.addWidget(strip)
    strip.set_classes(NAMES, "Classes", PALETTE)
    strip.set_hidden(frozenset({3, MOST + 7}))
    heard: list[frozenset[int]] = []
    strip.hidden_chosen.connect(heard.append)
    find(strip, QCheckBox, "compareClass5").click()
    assert heard == [{3, 5, MOST + 7}]


def test_that_a_visible_strip_has_room_for_other_classes(qtbot: QtBot) -> None:
    strip = ClassStrip()
    qtbot.addWidget(strip)
    strip.set_classes(NAMES, "Classes", PALETTE)
    strip.resize(600, 60)
    strip.show()
    strip.set_classes(("high", "low"), "level", class_palette(np.ones(2, np.int64)))

    def is_whole() -> bool:
        boxes = [box for box in strip.findChildren(QCheckBox) if box.text() in ("high", "low")]
        return len(boxes) == 2 and all(box.visibleRegion().boundingRect().height() == box.height() > 0 for box in boxes)

    qtbot.waitUntil(is_whole)
