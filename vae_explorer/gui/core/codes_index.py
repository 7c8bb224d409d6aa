"""The code nearest to a latent point, among those that are on the map."""

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

_AFTER_A_SNAPSHOT = 250  # milliseconds until its codes are indexed: sorting and drawing them keeps the processors busy first
_INDEX = "codes index"  # the job's key
_AT_ONCE = 20_000  # codes that are indexed at once, in some 2 ms; more are indexed beside the window


class CodesIndex(QObject):
    """Follows what the map shows: other codes, hidden classes, another plane. Near is what is so on the map.

    Until an index is built there is no nearest code, or that of the last snapshot where the images are the same.
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
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AFTER_A_SNAPSHOT)
        self._later.timeout.connect(self._index)

    @Slot(object, object)
    def set_codes(self, mean: NDArray[np.float32], label: Labels) -> None:
        """The map shows codes (n, 2) of classes (n,)."""
        of_same_images = len(mean) == len(self._mean) and np.array_equal(label, self._label)
        self._mean, self._label = mean, label
        self._later.stop()
        self._jobs.drop(_INDEX)
        if self._nearest is not None and len(mean) <= _AT_ONCE:  # the first one imports scipy, which takes its time
            self._nearest = NearestCode(mean, self._shown(), self._plane)
        elif self._nearest is not None and of_same_images:  # a snapshot's codes are near those before it
            self._later.start()
        else:
            self._nearest = None
            self._index()

    @Slot(object)
    def set_plane(self, plane: Plane) -> None:
        """The map shows the same codes otherwise. Until many of them are indexed anew there is no nearest one."""
        self._plane = plane
        self._later.stop()
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
        """What is not on the map is not the nearest code either."""
        if hidden != self._hidden:
            self._hidden = hidden
            self.set_codes(self._mean, self._label)

    def find(self, z: Point) -> tuple[int, float] | None:
        """(index, distance in units of the map) of the nearest code."""
        return self._nearest(z) if self._nearest is not None else None

    def distance(self, index: int, z: Point) -> float:
        """Between a code and z, in latent units."""
        x, y = self._mean[index].tolist()
        return math.hypot(x - z[0], y - z[1])

    def snapped(self, z: Point) -> Point:
        """The mean of the nearest code; z itself where there is none."""
        found = self.find(z)
        if found is None:
            return z
        x, y = self._mean[found[0]].tolist()
        return (x, y)

    def label(self, index: int) -> int:
        return int(self._label[index])

    def is_of(self, mean: NDArray[np.float32]) -> bool:
        """Whether the map shows these codes, and not others that a script has set."""
        return self._mean is mean

    @Slot(object)
    def _on_indexed(self, nearest: NearestCode) -> None:
        self._nearest = nearest
        self.rebuilt.emit()
