"""The images in the order of the metric that is looked at, and which of them was stepped to. GUI thread only."""

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
    changed = Signal()  # the order, or what is known of it
    picked = Signal(int)  # the code that a person steps to
    step_refused = Signal()  # there is no order yet, or no further image in it

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
        """The code that was stepped to last; −1 for none."""
        return self._current

    def set_model(self, model: OpenModel, same_data: bool) -> None:
        """The codes are other ones now."""
        self._current = -1

    def order(self) -> NDArray[np.int64]:
        """The codes whose metric is known, in order, of those that are looked at."""
        if not self._survey.metric:
            return np.zeros(0, np.int64)
        values = self._survey.values
        known = np.flatnonzero(self._survey.wanted & np.isfinite(values))
        from_high = IMAGE_METRICS[self._survey.metric].high_is_bad == self._bad_first
        return known[np.argsort(-values[known] if from_high else values[known], kind="stable")]

    @Slot(int)
    def step(self, by: int) -> None:
        """To the next code in order, or the one before; from none to the first."""
        order = self.order()
        found = np.flatnonzero(order == self._current)
        place = int(np.clip(found[0] + by, 0, len(order) - 1)) if len(found) else 0
        if not len(order) or int(order[place]) == self._current:
            self.step_refused.emit()
        else:
            self.pick(int(order[place]))

    @Slot(int)
    def pick(self, index: int) -> None:
        """Step to a code."""
        self._current = index
        self.picked.emit(index)
