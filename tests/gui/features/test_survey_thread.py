"""The thread of the survey with a real model: its values, and what it frees."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from tests.gui.conftest import FileOf
from tests.gui.looking import PATIENCE, engines
from vae_explorer import locations
from vae_explorer.codes import Split
from vae_explorer.data.base import Dataset, Fetching
from vae_explorer.data.sources import load_dataset
from vae_explorer.gui.core.model_thread import ModelRequest
from vae_explorer.gui.features.metrics.thread import SurveyAnswer, SurveyDone, SurveyRequest, SurveyThread
from vae_explorer.models.measure import measured_images
from vae_explorer.models.model_file import ModelFile, read_model_file

Begin = Callable[[Path], SurveyThread]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load_dataset("digits", Fetching(locations.data(None), False))


@pytest.fixture
def begin(watch: object) -> Iterator[Begin]:
    """Starts a thread with the model of a file."""
    threads: list[SurveyThread] = []

    def begin(path: Path) -> SurveyThread:
        thread = SurveyThread()
        threads.append(thread)
        thread.set_model(ModelRequest(read_model_file(path), str(path), 0))
        thread.start()
        return thread

    yield begin
    for thread in threads:
        thread.shut_down()


def request(file: ModelFile, digits: Dataset, metric: str, rows: Any, ticket: int = 0) -> SurveyRequest:
    codes = file.codes.of_split(Split.TEST)
    images = digits.test.images
    return SurveyRequest(metric, images, codes.label, codes.mean, np.asarray(rows), Split.TEST, 0, ticket)


def ask(qtbot: QtBot, thread: SurveyThread, asked: SurveyRequest) -> dict[int, float]:
    """The values by row, once the thread is done."""
    values: dict[int, float] = {}

    def note(answer: SurveyAnswer) -> None:
        values.update(zip(answer.rows.tolist(), answer.values[asked.metric].tolist(), strict=True))

    thread.progressed.connect(note)
    with qtbot.waitSignal(thread.answered, timeout=PATIENCE) as done:
        thread.post(asked)
    thread.progressed.disconnect(note)
    assert done.args == [SurveyDone(asked.ticket)]
    return values


def test_that_each_image_is_measured_as_the_model_was_trained_and_given_its_own_class(
    begin: Begin, file_of: FileOf, digits: Dataset, qtbot: QtBot
) -> None:
    path, rows = file_of("cvae"), [5, 40, 7, 211]
    model = vx.load(path)
    found = ask(qtbot, begin(path), request(read_model_file(path), digits, "log_evidence", rows))
    images = measured_images(digits.test.images, model.card.binarised).numpy().reshape(digits.test.images.shape)[rows]
    wanted = vx.evidence(model, images, digits.test.labels[rows]).log_evidence
    assert [found[row] for row in rows] == pytest.approx(wanted.tolist(), abs=2e-3)


def test_that_a_released_model_takes_its_decoded_plane_along(
    begin: Begin, digits_path: Path, digits: Dataset, qtbot: QtBot
) -> None:
    gc.collect()  # what tests before this one left
    before, thread = engines(), begin(digits_path)
    ask(qtbot, thread, request(read_model_file(digits_path), digits, "elbo", [0]))
    ask(qtbot, thread, request(read_model_file(digits_path), digits, "amortisation_gap", [0], ticket=1))
    assert engines() == before + 1
    thread.release_model()
    qtbot.waitUntil(lambda: engines() == before, timeout=PATIENCE)


def test_that_a_cancelled_request_is_not_answered_and_the_next_one_is(
    begin: Begin, digits_path: Path, digits: Dataset, qtbot: QtBot
) -> None:
    thread, file = begin(digits_path), read_model_file(digits_path)
    with qtbot.waitSignal(thread.progressed, timeout=PATIENCE):
        thread.post(request(file, digits, "amortisation_gap", np.arange(300)))
    answered: list[int] = []
    thread.answered.connect(lambda done: answered.append(done.ticket))
    thread.pause(PATIENCE / 1000)
    thread.cancel()
    thread.pause(0.0)
    assert list(ask(qtbot, thread, request(file, digits, "elbo", [3], ticket=2))) == [3]
    assert 0 not in answered
