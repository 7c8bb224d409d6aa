"""What colours the codes on all maps: what was chosen last, where a model can have it, and why where it cannot."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.fakes import FakeRuns
from tests.gui.made import SAVED, made_columns, of_family, without_codes
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.compare.bar import BY_CLASS
from vae_explorer.gui.compare.colouring import Colouring
from vae_explorer.gui.compare.link import Link
from vae_explorer.gui.core import data_images
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.metrics.colours import CodeColours, by_column
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.latent.places import places
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished

from .conftest import AddMap
from .maps import FakeMap, joined


@pytest.fixture
def other_data(file: ModelFile) -> ModelFile:
    return replace(file, card=replace(file.card, name="other", dataset="fashion-mnist"))


@pytest.fixture
def two(add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile, moved: ModelFile) -> tuple[FakeMap, FakeMap]:
    maps = add_map(file), add_map(moved)
    joined(link, *maps)
    return maps


def choose_in_panel(each: FakeMap, metric: str) -> None:
    each.session.part(CodeColours).choose(metric)


# Places


def test_that_at_first_the_classes_have_the_colours(two: tuple[FakeMap, FakeMap], colouring: Colouring) -> None:
    assert (colouring.by, colouring.by_class, colouring.note) == (BY_CLASS, True, "")
    assert all(each.latent_view.place is None for each in two)


def test_that_codes_of_one_image_have_the_place_in_the_chosen_plane_on_all_maps(
    two: tuple[FakeMap, FakeMap], colouring: Colouring, moved: ModelFile
) -> None:
    colouring.set_plane_of(1)
    assert (colouring.by, colouring.by_class) == (1, False)
    for each in two:
        np.testing.assert_array_equal(each.latent_view.place, places(moved.codes.mean))
    colouring.set_plane_of(BY_CLASS)
    assert all(each.latent_view.place is None for each in two)


def test_that_a_map_gets_the_array_that_it_has_while_the_chosen_model_stays(
    two: tuple[FakeMap, FakeMap], colouring: Colouring, moved: ModelFile
) -> None:
    """A map draws nothing anew for the array that it has."""
    colouring.set_plane_of(0)
    before = two[0].latent_view.place
    two[1].session.show_model(moved)
    assert two[0].latent_view.place is before
    assert two[1].latent_view.place is before


def test_that_a_model_of_other_images_keeps_its_classes_and_the_note_says_why(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, colouring: Colouring, other_data: ModelFile
) -> None:
    third = add_map(other_data)
    joined(link, third)
    colouring.set_plane_of(0)
    assert third.latent_view.place is None
    assert colouring.note == "coloured by class: other is of fashion-mnist, not digits"
    colouring.set_colour("elbo")
    colouring.set_plane_of(0)  # the metric waits
    third.latent_view.codes_item.by_class = False  # as where it has the colours of its metric
    assert colouring.note == "coloured by its metric: other is of fashion-mnist, not digits"
    colouring.set_plane_of(BY_CLASS)
    assert colouring.note == ""


def test_that_a_model_without_codes_has_no_places_and_the_note_says_why(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile
) -> None:
    third = add_map(without_codes(file))
    joined(link, third)
    colouring.set_plane_of(0)
    assert third.latent_view.place is None
    assert colouring.note == "coloured by class: digits-vae has no codes"
    assert two[1].latent_view.place is not None


def test_that_the_classes_come_back_when_the_chosen_models_map_goes(
    two: tuple[FakeMap, FakeMap], link: Link, colouring: Colouring, add_map: AddMap, file: ModelFile
) -> None:
    third = add_map(file)
    joined(link, third)
    colouring.set_plane_of(2)
    link.remove(third)
    assert colouring.by == BY_CLASS
    assert all(each.latent_view.place is None for each in (*two, third))


# Metrics


def test_that_a_metric_is_chosen_on_every_map(two: tuple[FakeMap, FakeMap], colouring: Colouring) -> None:
    told: list[object] = []
    colouring.chosen.connect(told.append)
    colouring.set_colour("elbo")
    assert (colouring.by, [each.metric for each in two]) == ("elbo", ["elbo", "elbo"])
    colouring.set_plane_of(BY_CLASS)
    assert [each.metric for each in two] == ["", ""]
    assert told == ["elbo", BY_CLASS]


def test_that_a_metric_chosen_in_a_panel_has_the_colours_of_all(two: tuple[FakeMap, FakeMap], colouring: Colouring) -> None:
    colouring.set_plane_of(0)
    choose_in_panel(two[1], "log_evidence")
    assert colouring.by == "log_evidence"
    assert [each.metric for each in two] == ["log_evidence"] * 2
    assert all(each.latent_view.place is None for each in two)


def test_that_a_metric_waits_while_places_have_the_colours(two: tuple[FakeMap, FakeMap], colouring: Colouring) -> None:
    colouring.set_colour("elbo")
    colouring.set_plane_of(1)
    assert (colouring.by, [each.metric for each in two]) == (1, ["elbo", "elbo"])
    choose_in_panel(two[0], "")  # no metric in the panels; the places stay
    assert (colouring.by, [each.metric for each in two]) == (1, ["", ""])


def test_that_the_metric_of_the_first_map_is_brought_along(
    add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile, application: QApplication
) -> None:
    first = add_map(file)
    choose_in_panel(first, "elbo")
    second = add_map(None)
    joined(link, first, second)
    second.session.show_model(file)
    application.processEvents()
    assert colouring.by == second.metric == "elbo"


def test_that_a_model_that_comes_later_has_the_metric_of_the_others(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile, application: QApplication
) -> None:
    colouring.set_colour("elbo")
    third = add_map(file)
    joined(link, third)
    two[1].session.show_model(file, SAVED)
    application.processEvents()
    assert [each.metric for each in (*two, third)] == ["elbo"] * 3


def test_that_a_metric_survives_a_snapshot_and_another_model_after_it(
    two: tuple[FakeMap, FakeMap], colouring: Colouring, file: ModelFile, other_data: ModelFile, application: QApplication
) -> None:
    colouring.set_colour("elbo")
    two[0].session.show_model(file)  # without a path, as a snapshot is shown
    two[0].session.show_model(other_data, SAVED)
    application.processEvents()
    assert [each.metric for each in two] == ["elbo", "elbo"]


def test_that_a_model_without_the_metric_keeps_its_classes_and_the_note_says_why(
    two: tuple[FakeMap, FakeMap], add_map: AddMap, link: Link, colouring: Colouring, file: ModelFile
) -> None:
    third = add_map(of_family(file, "ae"))
    joined(link, third)
    colouring.set_colour("log_evidence")
    assert [each.metric for each in (*two, third)] == ["log_evidence", "log_evidence", ""]
    assert colouring.note == "coloured by class: ae has no log p(x)"


def test_that_a_model_in_training_has_the_metric_once_its_run_has_ended(
    two: tuple[FakeMap, FakeMap], colouring: Colouring, runs: FakeRuns, file: ModelFile, application: QApplication
) -> None:
    colouring.set_colour("elbo")
    two[1].session.show_model(file, SAVED)
    two[0].session.part(TrainingState).start(TrainConfig(dataset="digits"))
    two[0].session.show_model(file)
    application.processEvents()
    assert [each.metric for each in two] == ["", "elbo"]
    assert colouring.note == "coloured by class: digits-vae is in training"
    runs.newest.end(Finished(file, stopped=False))
    two[0].session.show_model(file, SAVED)
    application.processEvents()
    assert [each.metric for each in two] == ["elbo", "elbo"]
    assert colouring.note == ""


def test_that_one_map_alone_begins_no_metric_anew(
    two: tuple[FakeMap, FakeMap], link: Link, colouring: Colouring, application: QApplication
) -> None:
    left, right = two
    colouring.set_colour("elbo")
    colouring.set_plane_of(1)
    chosen: list[str] = []
    left.session.part(MetricSurvey).chosen.connect(chosen.append)
    link.remove(right)
    link.remove(left)
    application.processEvents()
    choose_in_panel(right, "log_evidence")
    assert chosen == []
    assert left.metric == "elbo"
    assert left.latent_view.place is None


# Labels


@pytest.fixture
def with_kinds(images: Dataset, codes: Codes, monkeypatch: pytest.MonkeyPatch) -> None:
    labelled = replace(images, columns=made_columns(codes))
    without = images
    monkeypatch.setattr(data_images, "load_dataset", lambda name, _: labelled if name == "digits" else without)


def test_that_a_label_chosen_in_a_panel_has_the_colours_of_all_maps_that_have_it(
    with_kinds: None,
    two: tuple[FakeMap, FakeMap],
    add_map: AddMap,
    link: Link,
    colouring: Colouring,
    other_data: ModelFile,
    application: QApplication,
) -> None:
    third = add_map(other_data)
    joined(link, third)
    choose_in_panel(two[1], by_column("kind"))
    application.processEvents()
    assert colouring.by == by_column("kind")
    assert [each.session.part(CodeLabels).grouping.column for each in (*two, third)] == ["kind", "kind", ""]
    assert colouring.note == "coloured by class: other has no label kind"
    choose_in_panel(two[0], "elbo")
    assert [each.metric for each in (*two, third)] == ["elbo"] * 3
    assert [each.session.part(CodeLabels).wanted for each in (*two, third)] == ["", "", ""]
