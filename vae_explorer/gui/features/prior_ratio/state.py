"""log q(z)/p(z) of all codes on a grid. GUI thread only."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.gui.core.job_thread import Report, ShouldStop, go_on
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.latent.aggregate import log_ratio, spread_of

_RATIO = "ratio"


class PriorRatio(SessionPart):
    found = Signal(object, object)  # edges of cells (k + 1,), log q(z)/p(z) (k, k)
    failed = Signal(str)  # message

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def compare(self, codes_of: Callable[[], Codes], edges_of: Callable[[Codes], NDArray[np.float64]]) -> None:
        """Start a job that computes the ratio in cells with the same edges (k + 1,) on both axes. The job calls both functions."""

        def task(report: Report, should_stop: ShouldStop) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
            codes = codes_of()
            edges = edges_of(codes)
            spread = spread_of(codes.std, edges)
            return edges, log_ratio(codes.mean, spread, edges, edges, check=lambda: go_on(should_stop))

        job = self._jobs.run(_RATIO, task, after_decoder=True)
        job.done.connect(self._on_found)
        job.failed.connect(self._on_failed)

    def stop(self) -> None:
        self._jobs.drop(_RATIO)

    @Slot(object)
    def _on_found(self, found: tuple[NDArray[np.float64], NDArray[np.float32]]) -> None:
        self.found.emit(*found)

    @Slot(str, str)
    def _on_failed(self, message: str, _: str) -> None:
        self.failed.emit(message)
