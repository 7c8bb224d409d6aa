"""The survey of a metric below the window: what is asked, which answers count, and the order of the images."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.gui.fakes import FakeModelThread, FakeRuns, FakeWork
from tests.gui.made import SAVED, of_family
from vae_explorer.codes import Codes, Split
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.state import KeptMetrics, MetricSurvey
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Failed

from .metrics import find_all, find_some, finish, newest


@pytest.fixture
def survey(session: Session, work: FakeWork) -> MetricSurvey:
    """The survey, with the images at hand."""
    work.run()
    return session.part(MetricSurvey)


@pytest.fixture
def thread(survey_thread: FakeModelThread) -> FakeModelThread:
    return survey_thread


@pytest.fixture
def test_rows(codes: Codes) -> np.ndarray:
    """The codes of the test images."""
    return np.flatnonzero(codes.split == Split.TEST)


# What is asked


def test_that_a_metric_is_asked_of_the_test_images_once_they_are_at_hand(
    session: Session, thread: FakeModelThread, work: FakeWork, images: Dataset, codes: Codes, test_rows: np.ndarray
) -> None:
    survey = session.part(MetricSurvey)
    survey.choose("elbo")
    assert thread.keys() == []
    work.run()
    request = newest(thread)
    assert (request.metric, request.split) == ("elbo", Split.TEST)
    assert request.images is images.test.images
    np.testing.assert_array_equal(request.label, codes.label[test_rows])
    np.testing.assert_array_equal(request.codes, codes.mean[test_rows])
    np.testing.assert_array_equal(request.rows, np.arange(len(test_rows)))


def test_that_training_images_come_after_the_test_images(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("elbo")
    survey.set_all_images(True)
    assert newest(thread).split == Split.TEST
    find_all(thread, elbo=-100.0)
    assert newest(thread).split == Split.TRAIN
    asked = len(thread.requests)
    survey.set_all_images(False)
    assert not survey.running
    assert len(thread.requests) == asked


def test_that_a_survey_goes_on_with_the_images_that_have_no_value(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("elbo")
    find_some(thread, [0, 1, 5], elbo=-100.0)
    survey.stop()
    assert (survey.stopped, survey.running, thread.has_model) == (True, False, False)
    find_some(thread, [7], elbo=-100.0)  # on its way when the survey was stopped
    assert survey.progress[0] == 3
    survey.resume()
    assert thread.has_model
    assert not np.isin([0, 1, 5], newest(thread).rows).any()
    assert len(newest(thread).rows) == survey.progress[1] - 3


def test_that_a_metric_that_is_no_number_is_asked_once(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("elbo")
    values = np.where(np.arange(survey.progress[1]) % 2, -1.0, np.nan)
    find_all(thread, elbo=values)
    assert len(thread.requests) == 1
    assert not survey.running
    assert survey.progress == (np.count_nonzero(np.isfinite(values)), len(values))
    assert survey.answered == (len(values), len(values))


def test_that_a_by_product_that_is_not_exact_is_asked_for_by_itself(survey: MetricSurvey, thread: FakeModelThread) -> None:
    """The bound is exact nowhere, the evidence everywhere."""
    survey.choose("elbo")
    find_all(thread, exact=False, elbo=-2.0, log_evidence=-1.0)
    survey.choose("log_evidence")
    assert len(newest(thread).rows) == survey.progress[1]
    find_all(thread, exact=True, log_evidence=-1.5)
    assert survey.exact.all()
    assert np.nanmax(survey.values) == -1.5
    survey.choose("elbo")
    assert not survey.running
    assert not survey.exact[survey.in_splits].any()


def test_that_an_exact_by_product_is_not_asked_for_again(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("approximation_gap")
    find_all(thread, approximation_gap=0.5, elbo=-2.0)
    survey.choose("elbo")
    assert len(thread.requests) == 1
    assert survey.progress[0] == survey.progress[1]


def test_that_the_survey_pauses_while_the_cursor_moves(session: Session, survey: MetricSurvey, thread: FakeModelThread) -> None:
    thread.seconds_paused = 0.0
    session.cursor.move((0.5, 0.5), 0.0)
    assert thread.seconds_paused > 0


# Which answers count


def test_that_values_are_those_of_the_codes_of_the_split(
    survey: MetricSurvey, thread: FakeModelThread, test_rows: np.ndarray
) -> None:
    survey.choose("elbo")
    values = -100.0 - np.arange(len(test_rows))
    find_all(thread, elbo=values)
    np.testing.assert_array_equal(survey.values[test_rows], values)
    assert np.isnan(np.delete(survey.values, test_rows)).all()
    assert survey.scale is not None
    assert (survey.scale.low, survey.scale.middle, survey.scale.high) == pytest.approx(
        tuple(np.quantile(values, (0.01, 0.5, 0.99)))
    )


def test_that_the_scale_is_of_the_exact_values_of_the_chosen_images(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("elbo")
    survey.set_all_images(True)
    test_values = np.linspace(0.0, 1.0, len(newest(thread).rows))
    exact = test_values > 0.3
    find_all(thread, exact=exact, elbo=np.where(exact, test_values, 1000.0))
    train_values = np.full(len(newest(thread).rows), 7.0)
    find_all(thread, elbo=train_values)
    for all_images, counted in ((True, np.r_[test_values[exact], train_values]), (False, test_values[exact])):
        survey.set_all_images(all_images)
        assert survey.scale is not None
        found = (survey.scale.low, survey.scale.middle, survey.scale.high)
        assert found == pytest.approx(tuple(np.quantile(counted, (0.01, 0.5, 0.99))))


def test_that_an_answer_about_the_metric_before_is_dropped(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("log_evidence")
    old = newest(thread)
    survey.choose("elbo")
    assert thread.times_cancelled == 1
    find_some(thread, [0], request=old, log_evidence=-1.0, elbo=-1.0)
    finish(thread, old)
    assert survey.progress[0] == 0
    assert survey.running


def test_that_an_answer_about_an_older_model_is_dropped(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile
) -> None:
    survey.choose("elbo")
    find_some(thread, [0], elbo=-1.0)
    old = newest(thread)
    session.show_model(file, SAVED)
    assert (survey.metric, survey.progress[0]) == ("elbo", 0)
    find_some(thread, [1], request=old, elbo=-1.0)
    finish(thread, old)
    assert survey.progress[0] == 0
    assert newest(thread).revision == old.revision + 1
    assert thread.times_cancelled == 1


def test_that_a_metric_that_the_model_lacks_waits_for_a_model_that_has_it(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile
) -> None:
    survey.choose("log_evidence")
    session.show_model(of_family(file, "ae"), SAVED)
    assert (survey.metric, survey.put_off, survey.offered) == ("", "", ("reconstruction_error",))
    survey.choose("log_evidence")
    assert survey.metric == ""
    session.show_model(file, SAVED)
    assert survey.metric == "log_evidence"


def test_that_a_failure_stops_the_survey_until_it_is_resumed(
    survey: MetricSurvey, thread: FakeModelThread, problems: list[str]
) -> None:
    survey.choose("elbo")
    old = newest(thread)
    thread.fail("no room for the model", replace(thread.models[-1], revision=-7))
    assert survey.running
    thread.fail("no room for the model", thread.models[-1])
    assert (survey.stopped, survey.failure, survey.running) == (True, "no room for the model", False)
    assert problems == ["no room for the model"]
    assert not thread.has_model
    survey.resume()
    assert (survey.failure, survey.running, thread.has_model) == ("", True, True)
    thread.fail("late news", old)
    assert survey.running
    assert problems == ["no room for the model"]
    thread.fail("no number", newest(thread))
    assert survey.failure == "no number"


def test_that_images_that_are_not_those_of_the_codes_are_refused_in_one_line(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile, problems: list[str]
) -> None:
    codes = file.codes
    fewer = Codes(codes.mean[:-1], codes.std[:-1], codes.label[:-1], codes.split[:-1])
    session.show_model(replace(file, codes=fewer), SAVED)
    survey.choose("elbo")
    n = np.count_nonzero(fewer.split == Split.TEST)
    (problem,) = problems
    assert problem.startswith(f"no metrics of the test images: {file.card.name} has {n:,} codes")
    assert "\n" not in problem
    assert (survey.stopped, survey.failure, thread.keys()) == (True, problem, [])
    session.show_model(file, SAVED)
    assert survey.running


# Beside a run


def test_that_the_metric_comes_back_when_the_model_of_a_run_is_saved(
    session: Session, survey: MetricSurvey, runs: FakeRuns, file: ModelFile
) -> None:
    survey.choose("elbo")
    chosen: list[str] = []
    survey.chosen.connect(chosen.append)
    for _ in range(2):  # epochs, which have no file
        model = session.show_model(file)
        assert (survey.metric, survey.put_off) == ("", "elbo")
    session.part(TrainingState).start(TrainConfig(epochs=1))
    session.saving.model_saved.emit(model.revision, SAVED)
    assert survey.metric == ""  # the run has not ended yet
    runs.newest.end(Failed("stopped", cancelled=True))
    assert (survey.metric, survey.put_off) == ("elbo", "")
    assert chosen == ["", "", "elbo"]


def test_that_colours_by_class_that_were_chosen_stay(session: Session, survey: MetricSurvey, file: ModelFile) -> None:
    for metric in ("elbo", ""):
        survey.choose(metric)
    model = session.show_model(file)
    session.saving.model_saved.emit(model.revision, SAVED)
    assert (survey.metric, survey.put_off) == ("", "")


def test_that_a_metric_that_waits_can_be_taken_back(session: Session, survey: MetricSurvey, file: ModelFile) -> None:
    session.show_model(file)  # a snapshot of a run
    survey.choose("elbo")
    session.show_model(file)
    assert (survey.metric, survey.put_off) == ("", "elbo")
    survey.choose("")
    session.show_model(file, SAVED)
    assert (survey.metric, survey.put_off) == ("", "")


# What is kept


def through_json(kept: KeptMetrics) -> KeptMetrics:
    return KeptMetrics.from_json(json.loads(json.dumps(kept.as_json())))


def test_that_a_record_brings_metric_and_values_back(
    survey: MetricSurvey, thread: FakeModelThread, test_rows: np.ndarray
) -> None:
    survey.choose("elbo")
    survey.set_all_images(True)
    find_some(thread, [0, 1], elbo=-3.0)
    survey.stop()
    kept = survey.kept()
    survey.choose("log_evidence")
    survey.set_all_images(False)
    survey.take_back(kept)
    assert survey.kept() == kept
    assert (survey.metric, survey.all_images, survey.stopped) == ("elbo", True, True)
    np.testing.assert_array_equal(survey.values[test_rows[:2]], [-3.0, -3.0])


def test_that_a_record_of_a_survey_as_it_is_begins_nothing_anew(survey: MetricSurvey, thread: FakeModelThread) -> None:
    survey.choose("elbo")
    find_some(thread, [0, 1], elbo=-3.0)
    asked, chosen = len(thread.requests), list[str]()
    survey.chosen.connect(chosen.append)
    survey.take_back(survey.kept())
    assert chosen == []
    assert (len(thread.requests), thread.times_cancelled) == (asked, 0)
    assert survey.running


def test_that_a_record_brings_the_values_back_with_their_model(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile
) -> None:
    survey.choose("elbo")
    find_all(thread, elbo=-3.0)
    kept, values = survey.kept(), survey.values.copy()
    for model in (replace(file), file):
        session.show_model(model, SAVED)
    assert survey.progress[0] == 0
    survey.take_back(kept)
    np.testing.assert_array_equal(survey.values, values)
    assert not survey.running


def test_that_a_record_from_a_file_begins_the_survey_of_another_model_anew(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile
) -> None:
    survey.choose("elbo")
    find_some(thread, [0, 1], elbo=-3.0)
    kept = through_json(survey.kept())
    survey.choose("")
    session.show_model(replace(file), SAVED)
    survey.take_back(kept)
    assert survey.kept() == kept
    assert survey.progress[0] == 0
    assert newest(thread).revision == 1
    session.show_model(of_family(file, "gan"), SAVED)
    survey.take_back(kept)
    assert survey.metric == ""


def test_that_a_model_in_training_takes_no_metric_back(
    session: Session, survey: MetricSurvey, runs: FakeRuns, file: ModelFile
) -> None:
    survey.choose("elbo")
    kept = through_json(survey.kept())
    survey.choose("")
    session.part(TrainingState).start(TrainConfig(epochs=1))
    session.show_model(file)
    survey.take_back(kept)
    assert survey.metric == ""


# The order


@pytest.fixture
def extremes(session: Session, survey: MetricSurvey) -> Extremes:
    return session.part(Extremes)


@pytest.mark.parametrize(("metric", "sign"), [("elbo", 1), ("amortisation_gap", -1)])
def test_that_the_order_goes_from_bad_to_good_and_back(
    extremes: Extremes, survey: MetricSurvey, thread: FakeModelThread, test_rows: np.ndarray, metric: str, sign: int
) -> None:
    survey.choose(metric)
    values = np.random.default_rng(0).permutation(len(test_rows)).astype(float)
    find_all(thread, **{metric: np.where(values < 5, np.nan, values)})
    best_last = test_rows[np.argsort(sign * values)]
    known = best_last[np.isin(best_last, test_rows[values >= 5])]
    np.testing.assert_array_equal(extremes.order(), known)
    extremes.set_bad_first(False)
    np.testing.assert_array_equal(extremes.order(), known[::-1])


def test_that_a_step_holds_the_next_image_and_is_refused_at_the_end(
    session: Session, extremes: Extremes, survey: MetricSurvey, thread: FakeModelThread, codes: Codes, test_rows: np.ndarray
) -> None:
    refused: list[bool] = []
    extremes.step_refused.connect(lambda: refused.append(True))
    extremes.step(1)
    assert len(refused) == 1
    survey.choose("elbo")
    find_some(thread, [4, 2, 9], elbo=[-30.0, -20.0, -10.0])
    for by, row in ((1, 4), (1, 2), (5, 9), (-1, 2)):
        extremes.step(by)
        index = int(test_rows[row])
        assert extremes.current == session.inspection.pinned == index
        assert session.cursor.state.z == tuple(codes.mean[index].tolist())
    extremes.step(-1)
    assert len(refused) == 1
    extremes.step(-1)
    assert len(refused) == 2


def test_that_another_model_has_no_current_image(
    session: Session, extremes: Extremes, survey: MetricSurvey, thread: FakeModelThread, file: ModelFile
) -> None:
    survey.choose("elbo")
    find_some(thread, [4], elbo=-30.0)
    extremes.step(1)
    session.show_model(file, SAVED)
    assert extremes.current == -1
    assert not len(extremes.order())


Change = Callable[[MetricSurvey, Extremes], None]


@pytest.mark.parametrize(
    "change",
    [lambda survey, _: survey.choose("elbo"), lambda _, extremes: extremes.set_bad_first(False)],
    ids=["metric", "order"],
)
def test_that_a_changed_order_is_told(survey: MetricSurvey, extremes: Extremes, change: Change) -> None:
    told: list[bool] = []
    extremes.changed.connect(lambda: told.append(True))
    change(survey, extremes)
    assert told
