"""How the latents know the known factors of the images. GUI thread only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.data.base import Dataset
from vae_explorer.data.columns import Column, ColumnKind, varies
from vae_explorer.gui.core.job_thread import Report, ShouldStop, go_on
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, PanelState, Ready, Working
from vae_explorer.latent.section import ranked

if TYPE_CHECKING:
    from vae_explorer.inference.disentanglement import Disentanglement

_FACTORS = "factors"  # key of the job


class Factors(SessionPart):
    """Measures codes against the label columns that vary, in a job, when a person asks for it."""

    changed = Signal()

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._model: OpenModel | None = None
        self._all: tuple[Column, ...] = ()  # of the images
        self._found: Disentanglement | None = None
        self._failure = ""
        self._is_measuring = False

    @property
    def found(self) -> Disentanglement | None:
        return self._found

    @property
    def columns(self) -> tuple[Column, ...]:
        """The known factors of the images, one value a code."""
        n = len(self._model.file.codes) if self._model is not None else 0
        return tuple(column for column in self._all if len(column) == n)

    @property
    def offered(self) -> bool:
        """Whether the data set has factors."""
        return bool(self._all)

    @property
    def order(self) -> list[int]:
        """The latents, first that which tells most of an image."""
        return ranked(self._model.file.information) if self._model is not None else []

    @property
    def state(self) -> PanelState:
        if self._found is not None:
            return Ready()
        if self._failure:
            return Failed(self._failure)
        if self._is_measuring:
            return Working(self.tr("One forest for each factor is being grown…"))
        if not self.columns:
            return Nothing(self.tr("This model has no codes of these images, so there is nothing to measure."))
        return NotAtHand(self.tr("Press Measure. It takes some seconds."))

    def measure(self) -> None:
        if self._model is None or not self.columns:
            return
        mean, columns = self._model.file.codes.mean, self.columns

        def task(report: Report, should_stop: ShouldStop) -> Disentanglement:
            from vae_explorer.inference.disentanglement import disentanglement

            return disentanglement(mean, columns, lambda: go_on(should_stop))

        self._found, self._failure, self._is_measuring = None, "", True
        job = self._jobs.run(_FACTORS, task, after_decoder=True)
        job.done.connect(self._on_done)
        job.failed.connect(self._on_failed)
        self.changed.emit()

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._model, self._found, self._failure, self._is_measuring = model, None, "", False
        self._jobs.drop(_FACTORS)
        if not same_data:
            self._all = ()

    def ask_again(self) -> None:
        self.changed.emit()

    @Slot(object)
    def set_images(self, images: Dataset) -> None:
        self._all = tuple(column for column in images.columns if column.kind is not ColumnKind.TEXT and varies(column))
        self.changed.emit()

    @Slot(object)
    def _on_done(self, found: Disentanglement) -> None:
        self._found, self._is_measuring = found, False
        self.changed.emit()

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self._failure, self._is_measuring = message, False
        self.changed.emit()
