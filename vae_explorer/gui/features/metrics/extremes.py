"""The order of the images by the chosen metric, and the current image. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.models.metrics import IMAGE_METRICS


@dataclass(frozen=True)
class KeptOrder(Kept):
    bad_first: bool


class Extremes(SessionPart):
    kept_as = "order"
    changed = Signal()  # the order
    picked = Signal(int)  # index of a code
    step_refused = Signal()  # the order is empty or has no further image

    def __init__(self, survey: MetricSurvey, parent: QObject) -> None:
        super().__init__(parent)
        self._survey = survey
        self._bad_first, self._current = True, -1
        survey.found.connect(self.changed)

    @property
    def bad_first(self) -> bool:
        return self._bad_first

    @Slot(bool)
    def set_bad_first(self, bad_first: bool) -> None:
        self._bad_first = bad_first
        self.changed.emit()

    def kept(self) -> KeptOrder:
        return KeptOrder(self._bad_first)

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptOrder)
        if kept.bad_first != self._bad_first:
            self.set_bad_first(kept.bad_first)

    @property
    def current(self) -> int:
        """The index of the picked code; −1 for none."""
        return self._current

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        self._current = -1

    def order(self) -> NDArray[np.int64]:
        """Return indices of codes (k,) that have a value and lie in the chosen splits."""
        if not self._survey.metric:
            return np.zeros(0, np.int64)
        values = self._survey.values
        index = np.flatnonzero(self._survey.in_splits & np.isfinite(values))
        from_high = IMAGE_METRICS[self._survey.metric].high_is_bad == self._bad_first
        return index[np.argsort(-values[index] if from_high else values[index], kind="stable")]

    @Slot(int)
    def step(self, by: int) -> None:
        """Pick the code `by` places further, or the first code if none is current."""
        order = self.order()
        found = np.flatnonzero(order == self._current)
        place = int(np.clip(found[0] + by, 0, len(order) - 1)) if len(found) else 0
        if not len(order) or int(order[place]) == self._current:
            self.step_refused.emit()
        else:
            self.pick(int(order[place]))

    @Slot(int)
    def pick(self, index: int) -> None:
        self._current = index
        self.picked.emit(index)
