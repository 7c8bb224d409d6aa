"""The survey of a metric over all images of a data set. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer.codes import Split
from vae_explorer.data.base import Dataset
from vae_explorer.errors import UserError
from vae_explorer.gui.core.client import ModelClient
from vae_explorer.gui.core.model_thread import ModelFailure
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.metrics.column import MetricColumn
from vae_explorer.gui.features.metrics.thread import SURVEY, SurveyAnswer, SurveyRequest, SurveyThread
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.kept import MEMORY_ONLY, Kept
from vae_explorer.latent.scale import Scale
from vae_explorer.models.metrics import metrics_of
from vae_explorer.models.model_file import ModelFile

_EMIT_EVERY_MS = 300
_CURSOR_PAUSE = 0.25  # seconds after each move of the cursor
_Chosen = tuple[NDArray[np.uint8], tuple[Split, ...], NDArray[np.bool_]]  # split of the codes, splits, whether they hold it


@dataclass(frozen=True, slots=True)
class ModelMetrics:
    """Values that a record refers to while the program runs."""

    file: ModelFile
    columns: dict[str, MetricColumn]  # by metric


@dataclass(frozen=True)
class KeptMetrics(Kept):
    """The chosen metric and images. Without `computed` the survey begins anew."""

    metric: str
    all_images: bool
    stopped: bool
    computed: ModelMetrics | None = field(default=None, compare=False, repr=False, metadata=MEMORY_ONLY)


class MetricSurvey(SessionPart):
    """Computes the chosen metric of all images in a thread. Another model drops the values."""

    kept_as = "metrics"
    chosen = Signal(str)  # the metric; empty for none
    found = Signal()  # the values have changed
    progressed = Signal()  # the survey has begun, ended or made progress
    problem_raised = Signal(str, str)

    def __init__(self, training: TrainingState, parent: QObject) -> None:
        super().__init__(parent)
        self._training = training
        self._thread = SurveyThread(self)
        self._client = ModelClient(self._thread, self)
        self._client.progressed.connect(self._on_found)
        self._client.answered.connect(self._on_done)
        self._client.failed.connect(self._on_failed)
        self._model: OpenModel | None = None
        self._images: Dataset | None = None
        self._metric = ""
        self._model_is_new = False  # since the last `ask_again`
        self._put_off = ""  # a metric for a later model
        self.splits: tuple[Split, ...] = (Split.TEST,)
        self._chosen: _Chosen = (np.zeros(0, np.uint8), self.splits, np.zeros(0, bool))
        self._stopped, self._failure = False, ""
        self._columns: dict[str, MetricColumn] = {}  # by metric; made on demand, since each snapshot of a run needs new ones
        self._found_timer = QTimer(self)
        self._found_timer.setSingleShot(True)
        self._found_timer.setInterval(_EMIT_EVERY_MS)
        self._found_timer.timeout.connect(self.found)

    @property
    def metric(self) -> str:
        """The chosen metric, a name in IMAGE_METRICS; empty for none."""
        return self._metric

    @property
    def put_off(self) -> str:
        """The metric that waits for the end of the run."""
        return self._put_off if self._put_off in self.offered else ""

    @property
    def offered(self) -> tuple[str, ...]:
        return metrics_of(self._model.card.family, self._model.card.spec.latent_dim) if self._model is not None else ()

    @property
    def values(self) -> NDArray[np.float64]:
        """The metric of each code (n,), NaN where no value is known."""
        return self._column(self._metric).values

    def _column(self, metric: str) -> MetricColumn:
        if metric not in self._columns:
            self._columns[metric] = MetricColumn.empty(len(self._model.file.codes) if self._model is not None else 0)
        return self._columns[metric]

    @property
    def exact(self) -> NDArray[np.bool_]:
        return self._column(self._metric).exact

    @property
    def in_scale(self) -> NDArray[np.bool_]:
        """Whether each value counts in scale, mean and quartiles, (n,)."""
        return self.in_splits & self.exact & np.isfinite(self.values)

    @property
    def scale(self) -> Scale | None:
        """The colour scale; None without values."""
        return Scale.of(self.values[self.in_scale]) if self._metric else None

    @property
    def running(self) -> bool:
        return self._client.waiting

    @property
    def stopped(self) -> bool:
        """Whether a person or an error has stopped the survey."""
        return self._stopped and not self.running

    @property
    def failure(self) -> str:
        return self._failure if self.stopped else ""

    @property
    def all_images(self) -> bool:
        return Split.TRAIN in self.splits

    @property
    def progress(self) -> tuple[int, int]:
        """The number of images with a value, and of all images in the chosen splits."""
        chosen = self.in_splits
        return int(np.count_nonzero(np.isfinite(self.values[chosen]))), int(np.count_nonzero(chosen))

    @property
    def answered(self) -> tuple[int, int]:
        """As `progress`, but counts images whose metric is NaN as done."""
        chosen = self.in_splits
        return int(np.count_nonzero(self._column(self._metric).answered[chosen])), int(np.count_nonzero(chosen))

    @property
    def in_splits(self) -> NDArray[np.bool_]:
        """Whether each code belongs to the chosen splits, (n,)."""
        if self._model is None:
            return np.zeros(0, bool)
        split = self._model.file.codes.split
        of, splits, chosen = self._chosen
        if of is not split or splits != self.splits:
            chosen = np.isin(split, self.splits)
            self._chosen = (split, self.splits, chosen)
        return chosen

    @Slot(str)
    def choose(self, metric: str) -> None:
        """Survey a metric of IMAGE_METRICS once the images are loaded; with an empty name, stop."""
        is_unchanged = metric == self._metric and not self._put_off
        if is_unchanged or (metric and metric not in self.offered):
            return
        self._metric, self._put_off, self._stopped, self._failure = metric, "", False, ""
        self._cancel_request()
        self.chosen.emit(metric)
        self.found.emit()
        self._ask_next()

    @Slot(bool)
    def set_all_images(self, all_images: bool) -> None:
        """Include the training images after the test images, or not."""
        self.splits, self._stopped, self._failure = _splits(all_images), False, ""
        self._cancel_request()
        self.found.emit()
        self._ask_next()

    @Slot()
    def stop(self) -> None:
        self._stopped, self._failure = True, ""
        self._cancel_request()
        self._client.release_model()

    @Slot()
    def resume(self) -> None:
        self._stopped, self._failure = False, ""
        self._ask_next()

    @Slot(object)
    def pause_for_cursor(self, _: object) -> None:
        """Leave processor and interpreter to the decoder."""
        self._thread.pause(_CURSOR_PAUSE)

    def kept(self) -> KeptMetrics:
        computed = ModelMetrics(self._model.file, self._columns) if self._model is not None else None
        return KeptMetrics(self._metric, self.all_images, self._stopped, computed)

    def take_back(self, kept: Kept) -> None:
        """Choose the metric again, except for a model in training."""
        assert isinstance(kept, KeptMetrics)
        model, computed = self._model, kept.computed
        if model is not None and computed is not None and computed.file is model.file:
            self._restore(kept, computed.columns)
        elif not self._training.makes(model):
            self._restore(replace(kept, metric=kept.metric if kept.metric in self.offered else ""), self._columns)

    def _restore(self, kept: KeptMetrics, columns: dict[str, MetricColumn]) -> None:
        is_unchanged = (kept.metric, kept.all_images, kept.stopped) == (self._metric, self.all_images, self._stopped)
        if is_unchanged and columns is self._columns:
            return
        self._cancel_request()
        self._metric, self._columns, self._stopped, self._failure = kept.metric, columns, kept.stopped, ""
        self.splits = _splits(kept.all_images)
        self.chosen.emit(self._metric)
        self.found.emit()
        self._ask_next()

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Drop all values. Keep the metric if the model has this metric.

        A model in training changes every second, so its metric is put off until the run has ended.
        """
        self._model, self._stopped, self._failure = model, False, ""
        self._columns, self._model_is_new = {}, True
        if not same_data:
            self._images = None
        if self.running:
            self._thread.cancel()
        self._client.set_model(model)
        wanted = self._metric or self._put_off
        is_possible = model.path is not None and wanted in self.offered
        self._metric, self._put_off = (wanted, "") if is_possible else ("", wanted)

    def ask_again(self) -> None:
        """Begin the survey of another model. Classes and switches change no metric."""
        if not self._model_is_new:
            return
        self._model_is_new = False
        self.chosen.emit(self._metric)
        self.found.emit()
        self._ask_next()

    @Slot(object)
    def set_saved(self, model: OpenModel) -> None:
        self._model = model
        self.choose_put_off()

    @Slot()
    def choose_put_off(self) -> None:
        """Choose the metric that was put off, if the run's model is saved."""
        is_settled = self._model is not None and self._model.path is not None and not self._training.running
        if is_settled and self._put_off:
            self.choose(self._put_off)

    @Slot(object)
    def set_images(self, images: Dataset) -> None:
        self._images = images
        self._ask_next()

    def shut_down(self) -> None:
        self._found_timer.stop()
        self._client.shut_down()

    def _ask_next(self) -> None:
        request = None
        try:
            request = self._next_request() if self._metric and not self._stopped and not self.running else None
        except UserError as error:
            self._stopped, self._failure = True, str(error)
            self.problem_raised.emit(str(error), "")
        if request is not None:
            self._client.ask(request)
        elif not self.running:
            self._client.release_model()
        self.progressed.emit()

    def _next_request(self) -> SurveyRequest | None:
        """Return the next request. Raises `UserError` if a split has no image for each code."""
        if self._model is None or self._images is None:
            return None
        codes = self._model.file.codes
        for split in self.splits:
            own = np.flatnonzero(codes.split == split)
            rows = np.flatnonzero(~self._column(self._metric).answered[own])
            images = self._images.split(split).images
            if len(rows) and len(images) != len(own):
                raise UserError(
                    f"no metrics of the {split.title} images: {self._model.card.name} has {len(own):,} codes, but the data set has "
                    f"{len(images):,} images; open a model of this data set, or get the images that the model was trained on"
                )
            if len(rows):
                return SurveyRequest(self._metric, images, codes.label[own], codes.mean[own], rows, split)
        return None

    def _cancel_request(self) -> None:
        if self.running:
            self._client.forget(SURVEY)
            self._thread.cancel()
        self.progressed.emit()

    @Slot(object)
    def _on_found(self, answer: SurveyAnswer) -> None:
        if self._model is None:
            return
        index = answer.rows + int(np.searchsorted(self._model.file.codes.split, answer.request.split))
        for name, values in answer.values.items():
            self._column(name).add(index, values, answer.exact, name == answer.request.metric)
        self.progressed.emit()
        if not self._found_timer.isActive():
            self._found_timer.start()

    @Slot(object)
    def _on_done(self, _: object) -> None:
        self._ask_next()
        self.found.emit()

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        """Stop the survey, unless the request has no open ticket."""
        if isinstance(failure.request, SurveyRequest) and not ended:
            return
        self._stopped, self._failure = True, failure.message
        self._client.release_model()  # `resume` loads the model again
        self.progressed.emit()
        self.problem_raised.emit(failure.message, failure.details)


def _splits(all_images: bool) -> tuple[Split, ...]:
    return (Split.TEST, Split.TRAIN) if all_images else (Split.TEST,)
