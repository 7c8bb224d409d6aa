"""The small manifold grids on the cards of pretrained models. GUI thread only."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.errors import UserError
from vae_explorer.gui.core.job_thread import Report, ShouldStop, go_on
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.latent.grids import manifold_grid, mosaic
from vae_explorer.models.model_file import read_model_file

_MANIFOLDS = "manifolds"
_CELLS = 6  # a side of the grid
State = tuple[Path, int]  # a file and when it was written


class CardManifolds(SessionPart):
    """Owns the job that decodes the grids, and remembers the grids of files that have not changed."""

    drawn = Signal(str, object)  # name, picture (H, W) uint8

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._drawn: dict[State, NDArray[np.uint8]] = {}

    def draw(self, models: dict[str, Path]) -> None:
        """Draw the grid of each model, one after another; a file that is no model has none."""
        drawn = dict(self._drawn)

        def task(report: Report, should_stop: ShouldStop) -> None:
            for name, path in models.items():
                if should_stop():
                    return
                with contextlib.suppress(UserError, OSError):
                    state = (path, path.stat().st_mtime_ns)
                    report((name, state, drawn[state] if state in drawn else _manifold(path, should_stop)))

        self._jobs.run(_MANIFOLDS, task).progressed.connect(self._on_drawn)

    @Slot()
    def stop(self) -> None:
        """Nobody looks at the cards any more."""
        self._jobs.cancel(_MANIFOLDS)

    @Slot(object)
    def _on_drawn(self, news: tuple[str, State, NDArray[np.uint8]]) -> None:
        name, state, picture = news
        self._drawn[state] = picture
        self.drawn.emit(name, picture)


def _manifold(path: Path, should_stop: ShouldStop) -> NDArray[np.uint8]:
    """The grid of the model in a file. For a job's thread."""
    import torch

    from vae_explorer.inference.trained import TrainedModel

    file = read_model_file(path, lambda: go_on(should_stop))
    torch.set_num_threads(1)  # holds per thread; with more, the window's decoder has to wait
    return mosaic(TrainedModel(file, str(path)).decode_uint8(manifold_grid(_CELLS)), _CELLS)
