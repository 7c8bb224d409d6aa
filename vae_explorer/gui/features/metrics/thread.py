"""The thread that computes metrics of all images, and pauses while the cursor moves."""

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
_FIRST = 64  # images from all over the plane, which come first
_FIRST_BLOCK, _BLOCK = 8, 256  # neighbours in a block, of the first images and of the rest
_POLL = 0.01  # seconds


@dataclass(frozen=True, slots=True)
class SurveyRequest:
    metric: str
    images: NDArray[np.uint8]  # (n, H, W, C), the whole split
    label: Labels  # (n,)
    codes: NDArray[np.float32]  # (n, d)
    rows: NDArray[np.int64]  # (m,) of the split; no rows cancel the current request
    split: int  # TRAIN or TEST
    revision: int = -1
    ticket: int = -1
    key: str = SURVEY


@dataclass(frozen=True, slots=True)
class SurveyAnswer:
    """Values of some images, of the requested metric and of by-products."""

    request: SurveyRequest
    rows: NDArray[np.int64]  # (k,) of the split
    values: dict[str, NDArray[np.float64]]  # (k,) by metric
    exact: NDArray[np.bool_]  # (k,)

    @property
    def key(self) -> str:
        return SURVEY

    @property
    def ticket(self) -> int:
        return self.request.ticket


@dataclass(frozen=True, slots=True)
class SurveyDone:
    ticket: int
    key: str = SURVEY


class SurveyThread(ModelThread[SurveyRequest]):
    """Emits a `SurveyAnswer` for each chunk, then `SurveyDone`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__("surveyThread", (SURVEY,), "no metrics can be computed", parent)
        self._calculator: MetricCalculator | None = None
        self._split = MeasuredSplit()
        self._paused_until = 0.0

    def cancel(self) -> None:
        nothing = np.zeros((0, 2), np.float32)
        self.post(SurveyRequest("", np.zeros((0, 1, 1, 1), np.uint8), np.zeros(0, np.uint8), nothing, np.zeros(0, np.int64), 0))

    def pause(self, seconds: float) -> None:
        """Pause the computation. Any thread."""
        self._paused_until = time.monotonic() + seconds

    def forget(self) -> None:
        self._calculator = None

    def answer(self, model: TrainedModel, request: SurveyRequest) -> None:
        from vae_explorer.data.base import Cancelled

        try:
            for rows in _blocks(request.codes, request.rows):
                self._compute(model, request, rows)
        except Cancelled:
            return
        self.answered.emit(SurveyDone(request.ticket))

    def _compute(self, model: TrainedModel, request: SurveyRequest, rows: NDArray[np.int64]) -> None:
        from vae_explorer.inference.metrics import MetricCalculator

        if self._calculator is None:
            self._calculator = MetricCalculator(model)
        images = self._split.rows(request.images, rows, model.card.binarised)
        calculator, label, codes = self._calculator, request.label[rows], request.codes[rows]
        for chunk in calculator.stream(request.metric, images, label, codes, self._should_stop):
            self.progressed.emit(SurveyAnswer(request, rows[chunk.rows], chunk.values, chunk.exact))

    def _should_stop(self) -> bool:
        """Wait while the thread is paused, and return whether the request is stale."""
        while time.monotonic() < self._paused_until and not self._mailbox.is_stale(SURVEY):
            time.sleep(_POLL)
        return self._mailbox.is_stale(SURVEY)


def _blocks(codes: NDArray[np.float32], rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Yield blocks of neighbours, which share decoded grids.

    The first blocks lie all over the plane, so that the colour scale settles early. The random order fills the map evenly.
    """
    from vae_explorer.inference.evidence.grouping import morton

    random = np.random.default_rng(0)
    first = rows[:: max(1, -(-len(rows) // _FIRST))]
    for chosen, size in ((first, _FIRST_BLOCK), (np.setdiff1d(rows, first), _BLOCK)):
        near = chosen[np.argsort(morton(np.nan_to_num(codes[chosen, :2])), kind="stable")]
        for start in random.permutation(np.arange(0, len(near), size)):
            yield near[start : start + size]
