"""Finds the visible code that is nearest to a latent point on the map."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from vae_explorer.codes import Labels
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.latent.neighbours import NearestCode
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import IDENTITY, Plane

_SNAPSHOT_DELAY = 250  # milliseconds; sorting and drawing the codes of a snapshot come first
_INDEX = "codes index"  # key of the job
_AT_ONCE = 20_000  # codes, indexed on the GUI thread in 2 ms; a job indexes more codes


class CodesIndex(QObject):
    """Indexes visible codes by their place in the plane of the map.

    Without an index, no code is nearest. During training the index of the last snapshot serves until the next is built.
    """

    rebuilt = Signal()

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._mean = np.zeros((0, 2), np.float32)
        self._label = np.zeros(0, np.uint8)
        self._hidden: frozenset[int] = frozenset()
        self._plane = IDENTITY
        self._nearest: NearestCode | None = None
        self._snapshot_timer = QTimer(self)
        self._snapshot_timer.setSingleShot(True)
        self._snapshot_timer.setInterval(_SNAPSHOT_DELAY)
        self._snapshot_timer.timeout.connect(self._index)

    @Slot(object, object)
    def set_codes(self, mean: NDArray[np.float32], label: Labels) -> None:
        has_same_labels = len(mean) == len(self._mean) and np.array_equal(label, self._label)
        self._mean, self._label = mean, label
        self._snapshot_timer.stop()
        self._jobs.drop(_INDEX)
        if self._nearest is not None and len(mean) <= _AT_ONCE:  # the first index imports scipy, in a job
            self._nearest = NearestCode(mean, self._shown(), self._plane)
        elif self._nearest is not None and has_same_labels:  # codes move little between snapshots
            self._snapshot_timer.start()
        else:
            self._nearest = None
            self._index()

    @Slot(object)
    def set_plane(self, plane: Plane) -> None:
        self._plane = plane
        self._snapshot_timer.stop()
        self._jobs.drop(_INDEX)
        if self._nearest is not None and len(self._mean) <= _AT_ONCE:
            self._nearest = NearestCode(self._mean, self._shown(), plane)
        else:
            self._nearest = None
            self._index()
        self.rebuilt.emit()

    def _shown(self) -> NDArray[np.bool_] | None:
        return ~np.isin(self._label, list(self._hidden)) if self._hidden else None

    @Slot()
    def _index(self) -> None:
        points, shown, plane = self._mean, self._shown(), self._plane

        def task(report: Report, should_stop: ShouldStop) -> NearestCode:
            return NearestCode(points, shown, plane)

        self._jobs.run(_INDEX, task, after_decoder=True).done.connect(self._on_indexed)

    @Slot(object)
    def set_hidden(self, hidden: frozenset[int]) -> None:
        if hidden != self._hidden:
            self._hidden = hidden
            self.set_codes(self._mean, self._label)

    def find(self, z: Point) -> tuple[int, float] | None:
        """Return the nearest code as (index, distance in units of the map)."""
        return self._nearest(z) if self._nearest is not None else None

    def distance(self, index: int, z: Point) -> float:
        x, y = self._mean[index].tolist()
        return math.hypot(x - z[0], y - z[1])

    def snapped(self, z: Point) -> Point:
        """Return the mean of the nearest code, or z if no code is nearest."""
        found = self.find(z)
        if found is None:
            return z
        x, y = self._mean[found[0]].tolist()
        return (x, y)

    def label(self, index: int) -> int:
        return int(self._label[index])

    def holds(self, mean: NDArray[np.float32]) -> bool:
        """Return whether the index is of these codes. A script may have set others."""
        return self._mean is mean

    @Slot(object)
    def _on_indexed(self, nearest: NearestCode) -> None:
        self._nearest = nearest
        self.rebuilt.emit()
