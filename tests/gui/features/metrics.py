"""Answers of a survey thread, made by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tests.gui.fakes import FakeModelThread
from vae_explorer.gui.features.metrics.thread import SURVEY, SurveyAnswer, SurveyDone, SurveyRequest


def newest(thread: FakeModelThread) -> SurveyRequest:
    request: SurveyRequest = thread.newest(SURVEY)
    return request


def find_some(
    thread: FakeModelThread, rows: ArrayLike, request: SurveyRequest | None = None, exact: ArrayLike = True, **values: ArrayLike
) -> None:
    """As if the thread had found `values`, by metric, of some rows of the split."""
    request, rows = request or newest(thread), np.asarray(rows)
    columns = {name: np.broadcast_to(np.asarray(column, float), rows.shape) for name, column in values.items()}
    answer = SurveyAnswer(request, rows, columns, np.broadcast_to(np.asarray(exact, bool), rows.shape))
    thread.progressed.emit(answer)


def finish(thread: FakeModelThread, request: SurveyRequest | None = None) -> None:
    """As if the thread were done with its request."""
    thread.answered.emit(SurveyDone((request or newest(thread)).ticket))


def find_all(thread: FakeModelThread, exact: ArrayLike = True, **values: ArrayLike) -> None:
    """As if the thread had found `values` of all rows of its request, in their order, and were done."""
    find_some(thread, newest(thread).rows, exact=exact, **values)
    finish(thread)
