"""What the bar below the maps says, and what is chosen on it."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeDecoder, made_images
from tests.gui.looking import find, go_down_to, text_of
from tests.gui.made import of_family
from vae_explorer.gui.compare.bar import BY_CLASS, CompareBar
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.compare.presenter import ComparePresenter
from vae_explorer.gui.core.decode_thread import CURSOR, DecodeAnswer
from vae_explorer.gui.features.metrics.colours import CodeColours
from vae_explorer.models.card import measured_by
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.terms import number

from .conftest import AddMap
from .maps import FakeMap, joined, named


@pytest.fixture
def bar(link: Link, colouring: Colouring, qtbot: QtBot) -> CompareBar:
    bar = CompareBar()
    qtbot.addWidget(bar)
    ComparePresenter(bar, link, colouring)
    return bar


def put(add_map: AddMap, link: Link, *files: ModelFile) -> list[FakeMap]:
    """Show these models side by side."""
    maps = [add_map(file) for file in files]
    joined(link, *maps)
    return maps


def said(bar: QWidget, name: str) -> str:
    """The whole text of a label, which may have room for less."""
    return find(bar, QLabel, name).accessibleName()


# Pictures


def test_that_the_difference_of_the_pictures_is_told_before_the_mouse_moves(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    put(add_map, link, file, file)
    assert said(bar, "compareDifference1") == ""
    assert said(bar, "compareDifference2") == "0.000 a pixel apart"


def test_that_the_difference_is_the_mean_over_the_pixels_of_both_pictures(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile, moved: ModelFile
) -> None:
    left, right = put(add_map, link, file, moved)
    go_down_to(bar, "compareCursor", "Same image")
    left.move((0.4, 0.3))
    first, other = (made_images(np.array([each.z], np.float32)).astype(float) for each in (left, right))
    expected = np.abs(first - other).mean() / 255
    assert expected > 0.01
    assert said(bar, "compareDifference2") == f"{expected:.3f} a pixel apart"


def test_that_no_difference_is_told_until_a_new_model_has_a_picture(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile, moved: ModelFile
) -> None:
    _, right = put(add_map, link, file, file)
    decoder = cast(FakeDecoder, right.session.decoder)
    decoder.hold()
    right.session.show_model(moved)
    assert said(bar, "compareDifference2") == "…"
    decoder.answer(decoder.newest(CURSOR))
    assert said(bar, "compareDifference2") == "0.000 a pixel apart"


def test_that_pictures_of_two_sizes_do_not_differ_by_a_number(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    left, right = put(add_map, link, file, file)
    decoder = cast(FakeDecoder, right.session.decoder)
    decoder.hold()
    left.move((1.0, -2.0))
    z = decoder.requests[-1].z
    decoder.answered.emit(DecodeAnswer(CURSOR, z, made_images(z, 12), 0, 1.0))
    assert said(bar, "compareDifference2") == "of another size"


# Metrics


def test_that_metrics_that_compare_stand_side_by_side_with_their_difference(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    better = {**file.card.metrics, "elbo": file.card.metrics["elbo"] + 1.5}
    put(add_map, link, file, named(file, "better", metrics=better))
    value = number(better["elbo"], 2, file.card.errors.get("elbo"))
    assert text_of(bar, "compareMetric2.1") == measured_by(file.card)
    assert text_of(bar, "compareMetric2.2") == f"{value}  (+1.50)"


def test_that_metrics_of_other_data_stand_alone_with_the_reason(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    put(add_map, link, file, named(file, "other", dataset="fashion-mnist"))
    assert said(bar, "compareOwn2").endswith(f"({measured_by(file.card)})")
    assert said(bar, "compareReason2") == "Does not compare: its data set is fashion-mnist, not digits."
    assert not bar.findChildren(QLabel, "compareMetric1.1")


def test_that_the_table_follows_the_models_and_stays_for_a_snapshot(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    _, right = put(add_map, link, file, file)
    before = find(bar, QLabel, "compareModel2")
    right.session.show_model(file)
    assert find(bar, QLabel, "compareModel2") is before
    right.session.show_model(named(file, "new"))
    assert said(bar, "compareModel2") == "new"
    link.remove(right)  # type: ignore[arg-type]
    assert bar.findChild(QLabel, "compareModel2") is None


# Colours


def test_that_the_colours_are_classes_planes_and_metrics_of_any_model(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    put(add_map, link, of_family(file, "ae"), file)
    box = find(bar, QComboBox, "compareColour")
    texts = [box.itemText(index) for index in range(box.count())]
    assert texts[:3] == ["By class", "By place in ae", "By place in digits-vae"]
    assert {"By ELBO", "By log p(x)", "By reconstruction error"} <= set(texts)


def test_that_metrics_are_given_the_class_where_all_models_take_one(
    bar: CompareBar, add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile
) -> None:
    maps = put(add_map, link, of_family(file, "cvae"), of_family(file, "cvae"))
    go_down_to(bar, "compareColour", "By log p(x|c)")
    assert colouring.by == "log_evidence"
    assert [each.metric for each in maps] == ["log_evidence"] * 2


def test_that_the_box_colours_the_maps_and_shows_what_was_chosen_elsewhere(
    bar: CompareBar, add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile
) -> None:
    maps = put(add_map, link, file, file)
    box = find(bar, QComboBox, "compareColour")
    go_down_to(bar, "compareColour", "By place in digits-vae")
    assert colouring.by == 0
    maps[1].session.part(CodeColours).choose("elbo")
    assert box.currentText() == "By ELBO"
    go_down_to(bar, "compareColour", "By class")
    assert colouring.by == BY_CLASS


def test_that_the_note_joins_what_is_not_linked(bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile) -> None:
    put(add_map, link, file, named(file, "other", dataset="fashion-mnist"))
    reason = "other is of fashion-mnist, not digits"
    go_down_to(bar, "compareCursor", "Same image")
    assert said(bar, "compareNote") == f"cursor by z: {reason}"
    go_down_to(bar, "compareColour", "By place in digits-vae")
    assert said(bar, "compareNote") == f"cursor by z: {reason}; coloured by class: {reason}"
    go_down_to(bar, "compareCursor", "Same z")
    assert said(bar, "compareNote") == f"coloured by class: {reason}"


# Classes


def test_that_a_class_is_taken_off_every_map_by_the_strip(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    maps = put(add_map, link, file, file)
    assert find(bar.classes, QLabel, "classStripTitle").accessibleName() == "Classes"
    assert [find(bar.classes, QCheckBox, f"compareClass{number}").text() for number in range(10)] == list("0123456789")
    find(bar.classes, QCheckBox, "compareClass3").click()
    assert [each.ticks.legend.hidden() for each in maps] == [{3}, {3}]
    maps[1].ticks.legend.set_hidden(frozenset({5}))
    maps[1].ticks.legend.hidden_chosen.emit(frozenset({5}))
    assert bar.classes.hidden() == {5}


def test_that_the_strip_names_the_data_set_where_the_maps_have_other_classes(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    maps = put(add_map, link, file, named(file, "letters", dataset="letters", classes=tuple("abcdefghij")))
    assert find(bar.classes, QLabel, "classStripTitle").accessibleName() == "Classes of digits"
    find(bar.classes, QCheckBox, "compareClass3").click()
    assert [each.ticks.legend.hidden() for each in maps] == [{3}, frozenset()]


def test_that_there_is_a_strip_while_a_map_has_the_colours_of_classes(
    bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile
) -> None:
    put(add_map, link, file, file)
    assert not bar.classes.isHidden()
    go_down_to(bar, "compareColour", "By place in digits-vae")
    assert bar.classes.isHidden()
    go_down_to(bar, "compareColour", "By class")
    assert not bar.classes.isHidden()


# Views


def test_that_the_box_parts_the_views(bar: CompareBar, add_map: AddMap, link: Link, file: ModelFile) -> None:
    left, right = put(add_map, link, file, file)
    find(bar, QCheckBox, "compareViews").click()
    before = left.latent_view.rect
    right.latent_view.zoom(before.adjusted(-1, -1, 1, 1))
    assert left.latent_view.rect == before
