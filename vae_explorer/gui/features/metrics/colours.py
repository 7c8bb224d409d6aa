"""What the colours of the codes show: the class, a label column or a metric. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.metrics.state import MetricSurvey

_COLUMN = "column "  # no metric has a blank in its name


def by_column(name: str) -> str:
    """Return the choice of the label column `name`."""
    return _COLUMN + name


def column_of(by: str) -> str:
    """Return the name of the column that a choice stands for, else an empty text."""
    return by[len(_COLUMN) :] if by.startswith(_COLUMN) else ""


class CodeColours(SessionPart):
    """Takes the choices of all widgets. A column and a metric exclude each other.

    A choice is the name of a metric, `by_column`, or empty for the class.
    """

    chosen_by_user = Signal(str)  # the choice, after `choose`

    def __init__(self, labels: CodeLabels, survey: MetricSurvey, parent: QObject) -> None:
        super().__init__(parent)
        self._labels, self._survey = labels, survey
        survey.chosen.connect(self._on_metric_chosen)

    @property
    def by(self) -> str:
        """The choice; a metric may still wait for the end of a run."""
        return by_column(self._labels.wanted) if self._labels.wanted else self._survey.metric or self._survey.put_off

    @Slot(str)
    def choose(self, by: str) -> None:
        before, column = self.by, column_of(by)
        self._labels.choose(column)
        self._survey.choose("" if column else by)
        if by != before:
            self.chosen_by_user.emit(by)

    @Slot(str)
    def _on_metric_chosen(self, metric: str) -> None:
        if metric:
            self._labels.choose("")
