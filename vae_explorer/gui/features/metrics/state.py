"""Metrics of all images of the data set: which one is looked at, and what is known of it. GUI thread only."""

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
from vae_explorer.gui.kit.kept import BESIDE, Kept
from vae_explorer.latent.scale import Scale
from vae_explorer.models.metrics import metrics_of
from vae_explorer.models.model_file import ModelFile

_REST = 300  # milliseconds between two pictures of what has been found
_ASIDE = 0.25  # seconds for which a move of the cursor has processor and interpreter to itself


@dataclass(frozen=True, slots=True)
class KnownMetrics:
    """The metrics of a model's images, which a record refers to while the program runs."""

    file: ModelFile
    columns: dict[str, MetricColumn]


@dataclass(frozen=True)
class KeptMetrics(Kept):
    """The metric, and the images that are looked at. Without what is known, the work begins anew."""

    metric: str
    whole: bool
    stopped: bool
    known: KnownMetrics | None = field(default=None, compare=False, repr=False, metadata=BESIDE)


class MetricSurvey(SessionPart):
    """Owns the survey thread. Begins when a metric is chosen; what is known of a model stays as long as that is on screen."""

    kept_as = "metrics"
    chosen = Signal(str)  # the metric; empty for none
    chosen_by_user = Signal(str)  # the metric, after `choose`; `chosen` comes with another model too
    found = Signal()  # more is known, or of another model or metric
    progressed = Signal()  # it has begun, ended or got further
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
        self._is_new = False  # the model, of which nobody has heard yet what is known
        self._put_off = ""  # a metric that the model on screen cannot have: it comes back with a model that has it
        self.splits: tuple[Split, ...] = (Split.TEST,)
        self._stopped, self._failure = False, ""  # by the person; by an error, whose message this is
        self._columns: dict[
            str, MetricColumn
        ] = {}  # by metric; made as it is asked for: a snapshot of training comes every second
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_REST)
        self._soon.timeout.connect(self.found)

    # What there is

    @property
    def metric(self) -> str:
        """The one that is looked at, by its name in IMAGE_METRICS; empty for none."""
        return self._metric

    @property
    def put_off(self) -> str:
        """The metric that waits until the model on screen has ended its training; empty for none."""
        return self._put_off if self._put_off in self.offered else ""

    @property
    def offered(self) -> tuple[str, ...]:
        """The metrics that the model on screen has."""
        return metrics_of(self._model.card.family) if self._model is not None else ()

    @property
    def values(self) -> NDArray[np.float64]:
        """The metric of each code, NaN where it is not known, (n,)."""
        return self._of(self._metric).values

    def _of(self, metric: str) -> MetricColumn:
        if metric not in self._columns:
            self._columns[metric] = MetricColumn.nothing(len(self._model.file.codes) if self._model is not None else 0)
        return self._columns[metric]

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Whether a metric that is known is to be relied on, (n,)."""
        return self._of(self._metric).exact

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Whose metric is in the scale, the mean and the quartiles, (n,): of the images that are looked at, known and exact."""
        return self.wanted & self.exact & np.isfinite(self.values)

    @property
    def scale(self) -> Scale | None:
        """That of the colours; None where no metric counts, or there is none."""
        return Scale.of(self.values[self.counted]) if self._metric else None

    @property
    def running(self) -> bool:
        return self._client.waiting

    @property
    def stopped(self) -> bool:
        """Whether the person has stopped it before it was done."""
        return self._stopped and not self.running

    @property
    def failure(self) -> str:
        """The message of the error that stopped the work; empty where none did."""
        return self._failure if self.stopped else ""

    @property
    def whole(self) -> bool:
        """Whether the training images are looked at too."""
        return Split.TRAIN in self.splits

    @property
    def progress(self) -> tuple[int, int]:
        """(images whose metric is known, images that are to be looked at)."""
        wanted = self.wanted
        return int(np.count_nonzero(np.isfinite(self.values[wanted]))), int(np.count_nonzero(wanted))

    @property
    def answered(self) -> tuple[int, int]:
        """(images that the work is done with, images that are to be looked at): a metric may be no number."""
        wanted = self.wanted
        return int(np.count_nonzero(self._of(self._metric).answered[wanted])), int(np.count_nonzero(wanted))

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """Codes of the splits that are looked at, (n,)."""
        if self._model is None:
            return np.zeros(0, bool)
        return np.isin(self._model.file.codes.split, self.splits)

    # What the person does

    @Slot(str)
    def choose(self, metric: str) -> None:
        """Look at a metric of IMAGE_METRICS, which goes through the images as soon as they are at hand; or at none, and stop."""
        is_as_it_was = metric == self._metric and not self._put_off
        if is_as_it_was or (metric and metric not in self.offered):
            return
        self._metric, self._put_off, self._stopped, self._failure = metric, "", False, ""
        self._halt()
        self.chosen.emit(metric)
        self.found.emit()
        self._go_on()
        self.chosen_by_user.emit(metric)

    @Slot(bool)
    def set_whole(self, whole: bool) -> None:
        """Look at the training images too, after the test images; or at the test images alone."""
        self.splits, self._stopped, self._failure = _splits(whole), False, ""
        self._halt()
        self.found.emit()
        self._go_on()

    @Slot()
    def stop(self) -> None:
        """No further; what is known stays."""
        self._stopped, self._failure = True, ""
        self._halt()
        self._client.release_model()

    @Slot()
    def resume(self) -> None:
        self._stopped, self._failure = False, ""
        self._go_on()

    @Slot(object)
    def make_way(self, cursor: object) -> None:
        """The cursor moves: its picture comes first."""
        self._thread.step_aside(_ASIDE)

    # What others tell

    def kept(self) -> KeptMetrics:
        known = KnownMetrics(self._model.file, self._columns) if self._model is not None else None
        return KeptMetrics(self._metric, self.whole, self._stopped, known)

    def take_back(self, kept: Kept) -> None:
        """Choose the metric again, and go on from what was known of this model. A model in training has no metric."""
        assert isinstance(kept, KeptMetrics)
        model, known = self._model, kept.known
        if model is not None and known is not None and known.file is model.file:
            self._go_on_from(kept, known.columns)
        elif not self._training.makes(model):
            self._go_on_from(replace(kept, metric=kept.metric if kept.metric in self.offered else ""), self._columns)

    def _go_on_from(self, kept: KeptMetrics, columns: dict[str, MetricColumn]) -> None:
        """Nothing begins anew where everything is as it was."""
        is_as_it_was = (kept.metric, kept.whole, kept.stopped) == (self._metric, self.whole, self._stopped)
        if is_as_it_was and columns is self._columns:
            return
        self._halt()
        self._metric, self._columns, self._stopped, self._failure = kept.metric, columns, kept.stopped, ""
        self.splits = _splits(kept.whole)
        self.chosen.emit(self._metric)
        self.found.emit()
        self._go_on()

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """Another model: nothing is known of its images. The metric stays where the model has it.

        A model in training changes every second, so it has the colours of its classes until the run has ended.
        """
        self._model, self._stopped, self._failure = model, False, ""
        self._columns, self._is_new = {}, True
        if not same_data:
            self._images = None
        if self.running:
            self._thread.give_up()
        self._client.set_model(model)
        wanted = self._metric or self._put_off
        is_possible = model.path is not None and wanted in self.offered
        self._metric, self._put_off = (wanted, "") if is_possible else ("", wanted)

    def ask_again(self) -> None:
        """Show what is known of another model. No class or switch changes the metrics of a model."""
        if not self._is_new:
            return
        self._is_new = False
        self.chosen.emit(self._metric)
        self.found.emit()
        self._go_on()

    @Slot(object)
    def set_written(self, model: OpenModel) -> None:
        """The model on screen lies in a file now."""
        self._model = model
        self.take_up()

    @Slot()
    def take_up(self) -> None:
        """Choose the metric that was put off, once the run has ended and its model is written."""
        is_settled = self._model is not None and self._model.path is not None and not self._training.running
        if is_settled and self._put_off:
            self.choose(self._put_off)

    @Slot(object)
    def set_images(self, images: Dataset) -> None:
        """The images of the model's data set are at hand."""
        self._images = images
        self._go_on()

    def shut_down(self) -> None:
        self._soon.stop()
        self._client.shut_down()

    def _go_on(self) -> None:
        """Ask for what is not known yet, test images first."""
        request = None
        try:
            request = self._next() if self._metric and not self._stopped and not self.running else None
        except UserError as error:
            self._stopped, self._failure = True, str(error)
            self.problem_raised.emit(str(error), "")
        if request is not None:
            self._client.ask(request)
        elif not self.running:
            self._client.release_model()  # which frees the decoded plane
        self.progressed.emit()

    def _next(self) -> SurveyRequest | None:
        """What is to be asked; raises `UserError` where the images are not those of the codes."""
        if self._model is None or self._images is None:
            return None
        codes = self._model.file.codes
        for split in self.splits:
            own = np.flatnonzero(codes.split == split)
            rows = np.flatnonzero(~self._of(self._metric).answered[own])
            images = self._images.split(split).images
            if len(rows) and len(images) != len(own):
                raise UserError(
                    f"no metrics of the {split.title} images: {self._model.card.name} has codes of {len(own):,}, and "
                    f"{len(images):,} are at hand; open a model of these images, or get those that it was trained on"
                )
            if len(rows):
                return SurveyRequest(self._metric, images, codes.label[own], codes.mean[own], rows, split)
        return None

    def _halt(self) -> None:
        if self.running:
            self._client.forget(SURVEY)
            self._thread.give_up()
        self.progressed.emit()

    # What the thread answers

    @Slot(object)
    def _on_found(self, answer: SurveyAnswer) -> None:
        if self._model is None:
            return
        index = answer.rows + int(np.searchsorted(self._model.file.codes.split, answer.request.split))
        for name, values in answer.values.items():
            self._of(name).learn(index, values, answer.exact, name == answer.request.metric)
        self.progressed.emit()
        if not self._soon.isActive():
            self._soon.start()

    @Slot(object)
    def _on_done(self, _: object) -> None:
        self._go_on()
        self.found.emit()

    @Slot(object, object)
    def _on_failed(self, failure: ModelFailure, ended: tuple[str, ...]) -> None:
        """The failure of a request that nobody waits for is no news."""
        if isinstance(failure.request, SurveyRequest) and not ended:
            return
        self._stopped, self._failure = True, failure.message
        self._client.release_model()  # to go on is to try the model again
        self.progressed.emit()
        self.problem_raised.emit(failure.message, failure.details)


def _splits(whole: bool) -> tuple[Split, ...]:
    """The splits that are looked at, in their order."""
    return (Split.TEST, Split.TRAIN) if whole else (Split.TEST,)
