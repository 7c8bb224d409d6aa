"""The thread that works out metrics of all images of a data set, chunk by chunk, and steps aside while the cursor moves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from vae_explorer.codes import Labels
from vae_explorer.gui.core.measured import MeasuredSplit
from vae_explorer.gui.core.model_thread import ModelThread

if TYPE_CHECKING:
    from vae_explorer.inference.metrics import MetricCalculator
    from vae_explorer.inference.trained import TrainedModel

SURVEY = "survey"
_FIRST, _FEW, _MANY = 64, 8, 256  # images that come first, from all over; neighbours at once among those, and among the others
_NAP = 0.01  # seconds between two looks at whether the cursor still moves


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    """A metric of some images of one split, and those that come along with it."""

    metric: str
    images: NDArray[np.uint8]  # (n, H, W), all of the split
    label: Labels  # (n,)
    codes: NDArray[np.float32]  # (n, 2)
    rows: NDArray[np.int64]  # (m,) which images of it; none: what is at work is given up
    split: int  # TRAIN or TEST
    revision: int = -1
    ticket: int = -1
    key: str = SURVEY


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """Metrics of some of the images that were asked for."""

    request: SurveyRequest
    rows: NDArray[np.int64]  # (k,) of the split
    values: dict[str, NDArray[np.float64]]  # (k,) by name of the metric
    exact: NDArray[np.bool_]  # (k,)

    @property
    def key(self) -> str:
        return SURVEY

    @property
    def ticket(self) -> int:
        return self.request.ticket


@dataclass(frozen=True, slots=True)
class SurveyDone:
    """Every image of the request has been answered."""

    ticket: int
    key: str = SURVEY


class SurveyThread(ModelThread[SurveyRequest]):
    """Answers by `progressed` with a `SurveyAnswer` for some images, and by `answered` with `SurveyDone`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("surveyThread", (SURVEY,), "no metrics can be worked out", parent)
        self._calculator: MetricCalculator | None = None  # of the model
        self._split = MeasuredSplit()
        self._quiet_until = 0.0

    def give_up(self) -> None:
        """What is at work is not wanted any more."""
        nothing = np.zeros((0, 2), np.float32)
        self.post(SurveyRequest("", np.zeros((0, 1, 1), np.uint8), np.zeros(0, np.uint8), nothing, np.zeros(0, np.int64), 0))

    def step_aside(self, seconds: float) -> None:
        """Leave processor and interpreter to others for a while. Any thread."""
        self._quiet_until = time.monotonic() + seconds

    def forget(self) -> None:
        self._calculator = None

    def answer(self, model: TrainedModel, request: SurveyRequest) -> None:
        from vae_explorer.data.base import Cancelled

        try:
            for rows in _blocks(request.codes, request.rows):
                self._work_out(model, request, rows)
        except Cancelled:
            return
        self.answered.emit(SurveyDone(request.ticket))

    def _work_out(self, model: TrainedModel, request: SurveyRequest, rows: NDArray[np.int64]) -> None:
        from vae_explorer.inference.metrics import MetricCalculator

        if self._calculator is None:
            self._calculator = MetricCalculator(model)
        images = self._split.rows(request.images, rows, model.card.binarised)
        calculator, label, codes = self._calculator, request.label[rows], request.codes[rows]
        for part in calculator.stream(request.metric, images, label, codes, self._should_stop):
            self.progressed.emit(SurveyAnswer(request, rows[part.rows], part.values, part.exact))

    def _should_stop(self) -> bool:
        """Asked between pieces of the work, which is where it waits while the cursor moves."""
        while time.monotonic() < self._quiet_until and not self._mailbox.is_stale(SURVEY):
            time.sleep(_NAP)
        return self._mailbox.is_stale(SURVEY)


def _blocks(codes: NDArray[np.float32], rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """First a few images from all over, so that the scale is soon what it will be. Each block lies in one place, for neighbours share
    work, and the blocks come in random order, so that the map fills everywhere."""
    from vae_explorer.inference.evidence.grouping import morton

    random = np.random.default_rng(0)
    first = rows[:: max(1, -(-len(rows) // _FIRST))]
    for part, size in ((first, _FEW), (np.setdiff1d(rows, first), _MANY)):
        near = part[np.argsort(morton(np.nan_to_num(codes[part])), kind="stable")]
        for start in random.permutation(np.arange(0, len(near), size)):
            yield near[start : start + size]
