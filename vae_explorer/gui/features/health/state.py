"""The part of the health feature. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.gui.core.job_thread import Report, ShouldStop, go_on
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.kinds import CodesKind
from vae_explorer.latent.aggregate import Surgery, surgery
from vae_explorer.latent.health import Health, health

_HEALTH, _SURGERY = "health", "surgery"


class CodesHealth(SessionPart):
    """Measures codes in jobs, as many codes take longer than a frame."""

    measured = Signal(object, object)  # Codes, Health
    failed = Signal(str)  # message
    surgery_done = Signal(object, object)  # Codes, Surgery
    surgery_failed = Signal(str)  # message

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def measure(self, codes: Codes, kind: CodesKind) -> None:
        """Start the job whose result is `measured`."""

        def task(report: Report, should_stop: ShouldStop) -> tuple[Codes, Health]:
            return codes, health(codes.mean, codes.std, kind)

        job = self._jobs.run(_HEALTH, task, after_decoder=True)
        job.done.connect(self._on_measured)
        job.failed.connect(self._on_failed)

    def run_surgery(self, codes: Codes) -> None:
        """Start the job that splits the KL term of Gaussian codes. Its result is `surgery_done`."""

        def task(report: Report, should_stop: ShouldStop) -> tuple[Codes, Surgery]:
            return codes, surgery(codes.mean, codes.std, lambda: go_on(should_stop))

        job = self._jobs.run(_SURGERY, task, after_decoder=True)
        job.done.connect(self._on_surgery_done)
        job.failed.connect(self._on_surgery_failed)

    @Slot(object)
    def _on_measured(self, found: tuple[Codes, Health]) -> None:
        self.measured.emit(*found)

    @Slot(object)
    def _on_surgery_done(self, found: tuple[Codes, Surgery]) -> None:
        self.surgery_done.emit(*found)

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self.failed.emit(message)

    @Slot(str, str)
    def _on_surgery_failed(self, message: str, _: str) -> None:
        self.surgery_failed.emit(message)
