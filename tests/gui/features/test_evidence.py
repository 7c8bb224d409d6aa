"""The analysis of one image below the window: which image is asked about, and which answers count."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.gui.fakes import FakeModelThread, FakeWork
from tests.gui.made import SEEN, a_drawing, answer_analysis, of_family
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import (
    EVIDENCE,
    OBJECTIVE,
    POSTERIOR,
)
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def thread(analysis_thread: FakeModelThread) -> FakeModelThread:
    return analysis_thread


def heard(analysis: ImageAnalysis) -> list[tuple[str, Any]]:
    """(key, analysis) of every news from now on."""
    news: list[tuple[str, Any]] = []
    signals = (
        (OBJECTIVE, analysis.objective_found),
        (POSTERIOR, analysis.posterior_found),
        (EVIDENCE, analysis.evidence_found),
    )
    for key, signal in signals:
        signal.connect(lambda found, key=key: news.append((key, found)))
    return news


# Which image is analysed


def test_that_nothing_is_asked_until_somebody_looks(analysis: ImageAnalysis, thread: FakeModelThread) -> None:
    assert thread.keys() == []
    analysis.watch(OBJECTIVE, True)
    assert thread.keys() == [OBJECTIVE]
    analysis.watch(EVIDENCE, True)
    assert thread.keys() == [OBJECTIVE, POSTERIOR, EVIDENCE]
    analysis.watch(EVIDENCE, True, "another panel")
    assert len(thread.requests) == 3


def test_that_the_inspected_image_is_asked_about_with_its_class_and_its_split(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, images: Dataset, codes: Codes
) -> None:
    analysis.watch(EVIDENCE, True)
    first_test = int(np.flatnonzero(codes.split == Split.TEST)[0])
    for index, split, place in ((3, images.train, 3), (first_test + 5, images.test, 5)):
        session.inspection.hold(index)
        asked = thread.newest(EVIDENCE).image
        np.testing.assert_array_equal(asked.pixels, split.images[place])
        assert (asked.label, asked.place) == (codes.label[index], place)
        assert asked.split is split.images


def test_that_a_code_without_its_image_is_not_asked_about(session: Session, thread: FakeModelThread, work: FakeWork) -> None:
    analysis = session.part(ImageAnalysis)
    analysis.watch(EVIDENCE, True)
    session.inspection.hold(3)
    assert thread.keys() == []
    assert not analysis.has_image
    work.run("images")
    assert thread.keys() == [POSTERIOR, EVIDENCE]


def test_that_a_drawing_stays_analysed_while_codes_are_hovered_and_goes_when_a_code_is_held(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    analysis.set_drawing(a_drawing(), SEEN)
    asked = len(thread.requests)
    session.inspection.hover(9)
    assert analysis.subject.is_drawing
    assert len(thread.requests) == asked
    session.inspection.hold(9)
    assert not analysis.subject.is_drawing
    assert thread.newest(EVIDENCE).image.place == 9


def test_that_one_can_change_between_drawing_and_code(analysis: ImageAnalysis, thread: FakeModelThread) -> None:
    analysis.watch(EVIDENCE, True)
    drawing = a_drawing()
    analysis.set_drawing(drawing, SEEN)
    for show, is_drawing in ((analysis.show_code, False), (analysis.show_drawing, True)):
        show()
        assert analysis.subject.is_drawing is is_drawing
        assert (thread.newest(EVIDENCE).image.pixels is drawing) is is_drawing
    analysis.drop_drawing()
    assert not analysis.subject.has_drawing
    analysis.show_drawing()
    assert not analysis.subject.is_drawing


def test_that_a_drawing_waits_for_a_model_of_its_size(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    analysis.watch(EVIDENCE, True)
    drawing = a_drawing()
    analysis.set_drawing(drawing, SEEN)
    session.show_model(file, Path("again.safetensors"))
    assert analysis.subject.is_drawing
    assert thread.newest(EVIDENCE).image.pixels is drawing
    wide = replace(file.card, spec=replace(file.card.spec, image_shape=(12, 12, 1)))
    session.show_model(replace(file, card=wide), Path("wide.safetensors"))
    assert not analysis.subject.has_drawing
    analysis.restore_drawing(drawing, SEEN)
    assert analysis.subject.is_drawing


def test_that_a_drawing_has_the_class_of_the_wheel_and_an_image_its_own(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile, codes: Codes
) -> None:
    session.show_model(of_family(file, "cvae"), Path("cvae.safetensors"))
    analysis.watch(EVIDENCE, True)
    assert thread.newest(EVIDENCE).image.label == codes.label[3]
    analysis.set_drawing(a_drawing(), SEEN)
    for label in (7, 2):
        session.options.set_label(label)
        assert thread.newest(EVIDENCE).image.label == label
        assert analysis.subject.class_name == file.card.classes[label]


def test_that_no_image_of_another_data_set_is_asked_of_a_model_that_is_opened(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile, work: FakeWork
) -> None:
    analysis.watch(EVIDENCE, True)
    asked = len(thread.requests)
    other = replace(file, card=replace(file.card, dataset="fashion-mnist"))
    session.show_model(other, Path("other.safetensors"))
    session.inspection.hold(5)
    assert len(thread.requests) == asked
    assert not analysis.has_image
    work.run()
    assert thread.newest(EVIDENCE).image.place == 5


# Which answers count


def test_that_the_posterior_of_an_image_is_on_the_map_until_nobody_looks(
    analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    news = heard(analysis)
    found = [answer_analysis(thread, thread.newest(key)) for key in (POSTERIOR, EVIDENCE)]
    assert news == [(POSTERIOR, found[0]), (EVIDENCE, found[1])]
    assert not analysis.busy
    assert analysis.posterior is found[0]
    assert (analysis.posterior_on_map, analysis.posterior_is_of_code) == (True, True)
    analysis.show_posteriors(False)
    assert (analysis.posterior_on_map, analysis.posterior_is_of_code) == (False, False)
    analysis.show_posteriors(True)
    analysis.watch(EVIDENCE, False)
    assert news[2:] == [(POSTERIOR, None), (EVIDENCE, None)]
    assert not analysis.posterior_on_map


def test_that_the_model_is_released_with_the_last_one_that_looks_and_lent_again(
    analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    analysis.watch(OBJECTIVE, True)
    analysis.watch(EVIDENCE, False)
    assert thread.has_model
    analysis.watch(OBJECTIVE, False)
    assert not thread.has_model
    analysis.watch(EVIDENCE, True)
    assert thread.has_model


def test_that_an_answer_about_the_image_before_is_dropped(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    old = [thread.newest(key) for key in (POSTERIOR, EVIDENCE)]
    session.inspection.hold(9)
    news = heard(analysis)
    for request in old:
        answer_analysis(thread, request)
    assert news == []
    assert analysis.busy
    for key in (POSTERIOR, EVIDENCE):
        answer_analysis(thread, thread.newest(key))
    assert [key for key, _ in news] == [POSTERIOR, EVIDENCE]


def test_that_the_posterior_on_the_map_is_not_said_to_be_of_another_code(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    answer_analysis(thread, thread.newest(POSTERIOR))
    changed: list[bool] = []
    analysis.image_changed.connect(lambda: changed.append(True))
    session.inspection.hover(9)
    assert changed
    assert (analysis.posterior_on_map, analysis.posterior_is_of_code) == (True, False)
    answer_analysis(thread, thread.newest(POSTERIOR))
    assert analysis.posterior_is_of_code
    analysis.set_drawing(a_drawing(), SEEN)
    answer_analysis(thread, thread.newest(POSTERIOR))
    assert (analysis.posterior_on_map, analysis.posterior_is_of_code) == (True, False)


def test_that_while_a_person_draws_posteriors_of_a_moment_ago_count_and_evidence_does_not(
    analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    analysis.set_drawing(a_drawing(1), SEEN)
    first = {key: thread.newest(key) for key in (POSTERIOR, EVIDENCE)}
    changed: list[bool] = []
    analysis.image_changed.connect(lambda: changed.append(True))
    analysis.set_drawing(a_drawing(2), SEEN)
    second = thread.newest(POSTERIOR)
    news = heard(analysis)
    for request in (*first.values(), second):
        answer_analysis(thread, request)
    assert [key for key, _ in news] == [POSTERIOR, POSTERIOR]
    assert not changed
    analysis.set_drawing(a_drawing(3), SEEN, continues=False)
    assert changed


def test_that_an_answer_about_an_older_model_is_dropped(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    analysis.watch(EVIDENCE, True)
    old = [thread.newest(key) for key in (POSTERIOR, EVIDENCE)]
    session.show_model(file, Path("again.safetensors"))
    news = heard(analysis)
    for request in old:
        answer_analysis(thread, request)
    assert news == []
    assert thread.keys() == [POSTERIOR, EVIDENCE] * 2
    assert thread.newest(EVIDENCE).revision == old[0].revision + 1
    assert [model.revision if model is not None else None for model in thread.models] == [0, None, 1]


def test_that_a_family_without_evidence_is_asked_for_its_objective_alone(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    session.show_model(of_family(file, "ae"), Path("ae.safetensors"))
    news = heard(analysis)
    for key in (OBJECTIVE, EVIDENCE):
        analysis.watch(key, True)
    assert thread.keys() == [OBJECTIVE]
    assert news == [(POSTERIOR, None), (EVIDENCE, None)]
    assert not analysis.has_evidence
    assert analysis.why_no_evidence


def test_that_a_failure_is_kept_until_another_image_is_asked_about(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, problems: list[str]
) -> None:
    analysis.watch(EVIDENCE, True)
    answer_analysis(thread, thread.newest(POSTERIOR))
    thread.fail("no memory", thread.newest(EVIDENCE))
    assert (analysis.failure(EVIDENCE), analysis.failure(OBJECTIVE)) == ("no memory", "")
    assert analysis.posterior is not None
    assert problems == ["no memory"]
    assert thread.has_model
    analysis.watch(EVIDENCE, False)
    session.inspection.hold(9)
    assert analysis.failure(EVIDENCE) == ""


def test_that_a_model_that_was_refused_is_tried_again_with_the_next_image(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    analysis.watch(EVIDENCE, True)
    news = heard(analysis)
    thread.fail("no room for the model", thread.models[-1])
    assert news == [(POSTERIOR, None), (EVIDENCE, None)]
    assert analysis.failure(EVIDENCE) == "no room for the model"
    assert not thread.has_model
    assert not analysis.busy
    session.inspection.hold(9)
    assert thread.has_model
    assert thread.newest(EVIDENCE).image.place == 9
