"""Computes where a section shows the codes of a model, in a job if there are many codes. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.state import OpenModel

_SECTION = "section"  # key of the job
AT_ONCE = 2_000_000  # numbers of codes, projected on the GUI thread in 5 ms; a job projects more


class Projection(QObject):
    """Projects codes on one section at a time. The newest wish waits for a running job, so that a slider's drag shows progress."""

    done = Signal(object)  # OpenModel, with its places

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._next: tuple[OpenModel, bool] | None = None

    def start(self, model: OpenModel, with_distance: bool) -> None:
        """Project the codes of `model` on its section; `with_distance` tells their distances from the section too."""
        if model.file.codes.mean.size <= AT_ONCE:
            self.stop()
            self.done.emit(_computed(model, with_distance))
        elif self._jobs.is_running(_SECTION):
            self._next = model, with_distance
        else:
            self._run(model, with_distance)

    def stop(self) -> None:
        """Forget all wishes."""
        self._next = None
        self._jobs.drop(_SECTION)

    def _run(self, model: OpenModel, with_distance: bool) -> None:
        def task(report: Report, should_stop: ShouldStop) -> OpenModel:
            return _computed(model, with_distance)

        job = self._jobs.run(_SECTION, task)
        job.done.connect(self.done)
        job.ended.connect(self._on_ended)

    @Slot()
    def _on_ended(self) -> None:
        wish, self._next = self._next, None
        if wish is not None:
            self._run(*wish)


def _computed(model: OpenModel, with_distance: bool) -> OpenModel:
    """Compute the places of the codes, which the model keeps, and their distances if asked."""
    _ = model.places, with_distance and model.distance
    return model
