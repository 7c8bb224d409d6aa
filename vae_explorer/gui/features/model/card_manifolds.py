"""The manifold grids on the cards of pretrained models. GUI thread only."""

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
Version = tuple[Path, int]  # a file and its modification time in ns


class CardManifolds(SessionPart):
    """Decodes grids in a job, and remembers the grids of unchanged files."""

    drawn = Signal(str, object)  # name, picture (H, W, C) uint8

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._grids: dict[Version, NDArray[np.uint8]] = {}

    def draw(self, models: dict[str, Path]) -> None:
        """Draw the grid of each model. Files that hold no model are skipped."""
        grids = dict(self._grids)

        def task(report: Report, should_stop: ShouldStop) -> None:
            for name, path in models.items():
                if should_stop():
                    return
                with contextlib.suppress(UserError, OSError):
                    version = (path, path.stat().st_mtime_ns)
                    report((name, version, grids[version] if version in grids else _manifold(path, should_stop)))

        self._jobs.run(_MANIFOLDS, task).progressed.connect(self._on_drawn)

    @Slot()
    def stop(self) -> None:
        self._jobs.cancel(_MANIFOLDS)

    @Slot(object)
    def _on_drawn(self, result: tuple[str, Version, NDArray[np.uint8]]) -> None:
        name, version, picture = result
        self._grids[version] = picture
        self.drawn.emit(name, picture)


def _manifold(path: Path, should_stop: ShouldStop) -> NDArray[np.uint8]:
    """Return the mosaic (H, W, C) of the model in a file. Runs on a job's thread."""
    import torch

    from vae_explorer.inference.trained import TrainedModel

    file = read_model_file(path, lambda: go_on(should_stop))
    torch.set_num_threads(1)  # of this thread; with more, the window's decoder waits
    return mosaic(TrainedModel(file, str(path)).decode_uint8(manifold_grid(_CELLS)), _CELLS)
