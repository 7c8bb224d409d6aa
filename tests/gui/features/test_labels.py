"""Labels of the images below the window: which colour the codes, what legend, scale and inspector say of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeMap, FakeModelThread, FakeWork
from tests.gui.looking import find, text_of
from tests.gui.made import KINDS, SAVED, without_codes
from vae_explorer.codes import UNKNOWN, Codes
from vae_explorer.data.base import Dataset
from vae_explorer.data.columns import Column, ColumnKind, Columns
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.state import CodeLabels, KeptColumn
from vae_explorer.gui.features.inspector.panel import InspectorPanel
from vae_explorer.gui.features.inspector.presenter import InspectorPresenter
from vae_explorer.gui.features.metrics.colour_presenter import ColourPresenter
from vae_explorer.gui.features.metrics.colours import CodeColours, by_column
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.model.presenter import ModelPresenter
from vae_explorer.gui.kit.class_legend import ClassLegend
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.metric_choice import MetricChoice
from vae_explorer.gui.kit.theme import LIGHT, rgb, scale_table
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent import scale
from vae_explorer.models.model_file import ModelFile

from .metrics import find_all

BY_KIND, BY_WEIGHT = by_column("kind"), by_column("weight")


@pytest.fixture
def view(application: object) -> FakeMap:
    return FakeMap()


@pytest.fixture
def bar(session: Session, view: FakeMap) -> Iterator[ColourBar]:
    """The scale in a window that is not shown; the colour choice lies in it too."""
    window = QWidget()
    bar = ColourBar("colourBar", scale_table, window)
    ColourPresenter(MetricChoice("mapColour", "By class", "", bar), bar, cast("LatentView", view), session)
    yield bar
    window.deleteLater()


@pytest.fixture
def legend(session: Session, qtbot: QtBot) -> ClassLegend:
    panel = ModelPanel()
    qtbot.addWidget(panel)
    ModelPresenter(panel, session)
    session.show_model(session.model.file, SAVED)  # type: ignore[union-attr]
    return panel.legend


# The state


def test_that_categories_and_numbers_are_offered_and_texts_and_the_class_are_not(labels: CodeLabels) -> None:
    assert [column.name for column in labels.offered] == ["kind", "weight"]


def test_that_a_column_of_categories_groups_the_codes(session: Session, labels: CodeLabels, codes: Codes) -> None:
    assert (labels.grouping.column, labels.grouping.names) == ("", tuple("0123456789"))
    session.part(CodeColours).choose(BY_KIND)
    groups = labels.grouping
    assert (groups.column, groups.names, labels.values) == ("kind", (*KINDS, UNKNOWN), None)
    n = np.arange(len(codes))
    np.testing.assert_array_equal(groups.label, np.where(n % 5 == 4, 3, n % 3))


def test_that_numbers_leave_the_groups_to_the_classes(session: Session, labels: CodeLabels, codes: Codes) -> None:
    session.part(CodeColours).choose(BY_WEIGHT)
    np.testing.assert_array_equal(labels.grouping.label, codes.label)
    assert labels.values is not None
    assert np.isnan(labels.values[6::7]).all()


def test_that_a_metric_and_a_column_exclude_each_other(session: Session, labels: CodeLabels) -> None:
    colours, survey = session.part(CodeColours), session.part(MetricSurvey)
    heard: list[str] = []
    colours.chosen_by_user.connect(heard.append)
    colours.choose("elbo")
    colours.choose(BY_KIND)
    assert (colours.by, survey.metric, survey.running) == (BY_KIND, "", False)
    survey.choose("elbo")  # as where a record is restored
    assert (colours.by, labels.wanted) == ("elbo", "")
    colours.choose("")
    assert (colours.by, survey.metric) == ("", "")
    assert heard == ["elbo", BY_KIND, ""]


def test_that_a_choice_is_restored_before_the_images_are_here(
    session: Session, work: FakeWork, labels: CodeLabels, file: ModelFile
) -> None:
    session.part(CodeColours).choose(BY_KIND)
    kept = labels.kept()
    session.part(CodeColours).choose("")
    other = replace(file, card=replace(file.card, dataset="other"))
    session.show_model(other, SAVED)
    labels.take_back(KeptColumn.from_json(kept.as_json()))
    assert labels.column is None
    assert labels.grouping.column == ""
    work.run()
    assert labels.grouping.column == "kind"


def test_that_a_choice_survives_snapshots_and_waits_where_images_lack_the_column(
    session: Session, work: FakeWork, labels: CodeLabels, file: ModelFile, images: Dataset
) -> None:
    session.part(CodeColours).choose(BY_KIND)
    session.show_model(file)
    assert labels.grouping.column == "kind"
    session.show_model(without_codes(file))
    assert (labels.offered, labels.grouping.column) == ((), "")
    session.show_model(file, SAVED)
    assert labels.grouping.column == "kind"
    labels.set_images(images)  # without columns
    assert labels.grouping.column == ""


# Choice, scale and legend


def test_that_the_choice_lists_columns_before_metrics(bar: ColourBar, labels: CodeLabels) -> None:
    box = find(bar, QComboBox, "mapColour")
    assert [box.itemText(place) for place in range(5)] == ["By class", "kind", "weight", "", "log p(x)"]
    box.setCurrentIndex(2)
    box.activated.emit(2)
    assert labels.wanted == "weight"


def test_that_numbers_have_the_colours_of_the_scale_and_missing_ones_are_grey(
    session: Session, bar: ColourBar, view: FakeMap, labels: CodeLabels, codes: Codes
) -> None:
    session.part(CodeColours).choose(BY_WEIGHT)
    n = np.arange(len(codes))
    assert view.steps is not None
    np.testing.assert_array_equal(view.steps == scale.UNKNOWN, n % 7 == 6)
    known = view.steps[n % 7 != 6]
    assert (np.diff(known.astype(int)) >= 0).all()
    assert (known.min(), known.max()) == (0, scale.STEPS - 1)
    assert not bar.isHidden()
    assert (text_of(bar, "colourBar.title"), text_of(bar, "colourBar.unit")) == ("weight", "mg")
    weights = n[n % 7 != 6] / 10
    low, middle, high = np.quantile(weights, (0.01, 0.5, 0.99))
    ends = [float(text_of(bar, f"colourBar.{end}")) for end in ("low", "middle", "high")]
    assert ends == pytest.approx([low, middle, high], rel=1e-3)
    assert f"range 0 to {weights.max():.4g}" in text_of(bar, "colourBar.note")
    assert f"grey: {np.count_nonzero(n % 7 == 6)} without a value" in text_of(bar, "colourBar.note")
    session.part(CodeColours).choose("")
    assert view.steps is None
    assert bar.isHidden()


def test_that_angles_have_a_scale_whose_ends_are_equal(
    session: Session, bar: ColourBar, view: FakeMap, labels: CodeLabels, codes: Codes, images: Dataset
) -> None:
    n = np.arange(len(codes))
    angle = Column("angle", ColumnKind.CONTINUOUS, np.where(n % 7 == 6, np.nan, n * 90.0 % 450), unit="°")
    labels.set_images(replace(images, columns=Columns((labels.offered[1], angle))))
    assert labels.offered[0].name == "weight"
    session.part(CodeColours).choose(by_column("angle"))
    assert view.steps is not None
    assert view.circular
    turned = n[n % 7 != 6] * 90 % 450 % 360 // 90
    np.testing.assert_array_equal(view.steps[n % 7 != 6], turned * scale.STEPS // 4)
    assert (view.steps[n % 7 == 6] == scale.UNKNOWN).all()
    assert [text_of(bar, f"colourBar.{end}") for end in ("low", "middle", "high")] == ["0", "180", "360"]
    assert text_of(bar, "colourBar.note").startswith("0 and 360 are equal; grey: ")
    assert distance_of_ends(bar) < 40
    session.part(CodeColours).choose(BY_WEIGHT)
    assert not view.circular
    assert distance_of_ends(bar) > 100


def distance_of_ends(bar: ColourBar) -> float:
    """The distance in RGB between the first and the last colour of the bar."""
    scale = find(bar, QWidget, "colourBar.scale")
    bar.set_theme(LIGHT)
    scale.resize(scale.sizeHint())
    pixels = scale.grab().toImage()
    ends = [pixels.pixelColor(x, scale.height() // 2) for x in (2, scale.width() - 3)]
    return float(np.linalg.norm(np.subtract(*(rgb(colour) for colour in ends))))


def test_that_a_metric_after_a_column_has_its_own_scale(
    session: Session, bar: ColourBar, view: FakeMap, labels: CodeLabels, survey_thread: FakeModelThread
) -> None:
    session.part(CodeColours).choose(BY_WEIGHT)
    session.part(CodeColours).choose("elbo")
    find_all(survey_thread, elbo=-1.0)
    assert text_of(bar, "colourBar.title") == "ELBO"
    assert "range" not in text_of(bar, "colourBar.note")
    session.part(CodeColours).choose(BY_KIND)
    assert bar.isHidden()
    assert view.steps is None


def test_that_the_legend_lists_the_categories_with_their_own_ticks(
    session: Session, legend: ClassLegend, labels: CodeLabels, codes: Codes
) -> None:
    legend.set_hidden(frozenset({2}))
    session.part(CodeColours).choose(BY_KIND)
    assert find(legend, QLabel, "legendTitle").accessibleName() == "kind"
    assert (legend.classes, legend.hidden()) == ((*KINDS, UNKNOWN), frozenset())
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # the rows of the classes
    boxes = [find(legend, QCheckBox, f"class{number}") for number in range(4)]
    counts = np.bincount(labels.grouping.label).tolist()
    assert [box.accessibleName() for box in boxes] == [
        f"{name}, {count} codes" for name, count in zip((*KINDS, UNKNOWN), counts, strict=True)
    ]
    assert boxes[2].text().startswith("<i>")
    session.part(CodeColours).choose("")
    assert find(legend, QLabel, "legendTitle").accessibleName() == "CLASSES"


# The inspector


def test_that_the_inspector_shows_all_labels_as_plain_text(
    session: Session, labels: CodeLabels, images: Dataset, qtbot: QtBot
) -> None:
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    panel.resize(400, 400)
    panel.show()
    InspectorPresenter(panel, session)
    for index in (6, 13):
        session.inspection.hold(index)
        kind = [*KINDS, "–"][3 if index % 5 == 4 else index % 3]
        lines = [find(panel, QLabel, f"inspectedLabel{place}").accessibleName() for place in range(4)]
        digit = session.inspection.current.label  # type: ignore[union-attr]
        assert lines == [f"digit:  {digit}", f"kind:  {kind}", "weight:  –", f"note:  <b>image {index}</b>"]
    session.inspection.hold(12)
    assert find(panel, QLabel, "inspectedLabel2").accessibleName() == "weight:  1.2 mg"
    labels.set_images(images)  # without columns
    qtbot.waitUntil(lambda: panel.findChild(QLabel, "inspectedLabel0") is None)


def test_that_the_inspector_lays_out_no_thousand_labels(session: Session, labels: CodeLabels, qtbot: QtBot) -> None:
    codes = session.model.file.codes  # type: ignore[union-attr]
    numbers = np.arange(len(codes), dtype=np.float64)
    columns = tuple(Column(f"gene {place}", ColumnKind.CONTINUOUS, numbers) for place in range(2000))
    panel = InspectorPanel()
    qtbot.addWidget(panel)
    InspectorPresenter(panel, session)
    labels.set_images(Dataset(None, None, columns=Columns(columns)))  # type: ignore[arg-type]
    session.inspection.hold(7)
    assert find(panel, QLabel, "inspectedLabel59").accessibleName() == "gene 59:  7"
    assert find(panel, QLabel, "inspectedLabel60").accessibleName() == "and 1,940 more labels"
    assert panel.findChild(QLabel, "inspectedLabel61") is None
