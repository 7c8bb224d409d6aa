"""Connects label columns and metrics with the colours of the codes and the colour scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.data.columns import Column
from vae_explorer.foreign import short
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.metrics.colours import CodeColours, by_column
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.metrics.words import (
    format_label,
    format_value,
    help_of,
    offered_metrics,
    short_unit,
    title_of,
    why_no_more_here,
)
from vae_explorer.gui.features.metrics.work import WorkPresenter
from vae_explorer.gui.features.states import why_no_images
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.metric_choice import Choice, MetricChoice
from vae_explorer.gui.kit.plain import fitted
from vae_explorer.gui.kit.theme import circle_table, scale_table
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent.scale import Circle, Scale, steps
from vae_explorer.models.metrics import IMAGE_METRICS

_NO_SCALE = Scale(0.0, 0.5, 1.0)  # without values
_NAME_ROOM, _UNIT_ROOM = 130, 60  # pixels in the colour bar


class ColourPresenter(QObject):
    """Connects the colour choice with the codes."""

    def __init__(self, choice: MetricChoice, bar: ColourBar, view: LatentView, session: Session) -> None:
        super().__init__(session)
        self._choice, self._view, self._session = choice, view, session
        self._labels, self._survey = session.part(CodeLabels), session.part(MetricSurvey)
        self._put_off = ""  # the metric in the last notice
        choice.metric_chosen.connect(session.part(CodeColours).choose)
        self._labels.changed.connect(self._show_choice)
        self._labels.changed.connect(self._colour_codes)
        self._survey.chosen.connect(self._show_choice)
        self._survey.chosen.connect(self._note_put_off)
        self._survey.found.connect(self._colour_codes)
        session.images.loaded.connect(self._colour_codes)
        ColourBarPresenter(bar, view, session)

    @Slot()
    def _show_choice(self) -> None:
        self._choice.set_choices(self._columns(), offered_metrics(self._session))
        self._choice.set_metric(self._session.part(CodeColours).by)

    def _columns(self) -> list[Choice]:
        return [(by_column(column.name), column.name, words_of_column(column)) for column in self._labels.offered]

    @Slot()
    def _note_put_off(self) -> None:
        put_off = self._survey.put_off
        if put_off and put_off != self._put_off:  # `chosen` comes with each epoch
            self._session.notice_raised.emit(self.tr("The program computes metrics after the run has ended."))
        self._put_off = put_off

    @Slot()
    def _colour_codes(self) -> None:
        if self._session.cursor.shows_own_codes:
            self._view.set_steps(self._steps(), isinstance(self._labels.scale, Circle))

    def _steps(self) -> NDArray[np.uint8] | None:
        """Return the steps (n,) of the chosen metric or continuous column; None for groups."""
        values, survey = self._labels.values, self._survey
        if values is not None:
            return steps(values, np.ones(len(values), bool), self._labels.scale or _NO_SCALE)
        by_metric = bool(survey.metric) and (self._session.has_images or bool(np.isfinite(survey.values).any()))
        return steps(survey.values, survey.exact, survey.scale or _NO_SCALE) if by_metric else None


class ColourBarPresenter(QObject):
    """Shows the scale of a metric or of a continuous column."""

    def __init__(self, bar: ColourBar, view: LatentView, session: Session) -> None:
        super().__init__(session)
        self._bar, self._view, self._session = bar, view, session
        self._labels, self._survey = session.part(CodeLabels), session.part(MetricSurvey)
        WorkPresenter(bar.work, session)
        view.recoloured.connect(self._show_bar)
        self._labels.changed.connect(self._show)
        self._survey.chosen.connect(self._show)
        self._survey.found.connect(self._show_range)
        self._survey.progressed.connect(self._show_work)
        session.jobs.changed.connect(self._show_range)

    @Slot()
    def _show(self) -> None:
        column, metric = self._labels.column, self._survey.metric
        if column is not None:
            name, unit = (
                fitted(self._bar, text, room) for text, room in ((column.name, _NAME_ROOM), (column.unit, _UNIT_ROOM))
            )
            self._bar.set_title(name, unit, words_of_column(column))
        elif metric:
            unit = short_unit(IMAGE_METRICS[metric].unit)
            self._bar.set_title(title_of(metric, self._session), unit, help_of(metric, self._session))
        self._show_range()
        self._show_work()
        self._show_bar()

    @Slot()
    def _show_bar(self) -> None:
        self._bar.set_colours(circle_table if isinstance(self._labels.scale, Circle) else scale_table)
        has_scale = self._labels.values is not None or bool(self._survey.metric)
        self._bar.setVisible(has_scale and not self._view.codes_item.by_place)

    @Slot()
    def _show_range(self) -> None:
        values = self._labels.values
        if values is not None:
            scale = self._labels.scale
            self._bar.set_ends(*_ends(scale, format_label))
            self._bar.set_note(self._column_note(values, scale) if scale is not None else self.tr("grey: no value"))
        elif self._survey.metric:
            self._show_metric_range()

    def _column_note(self, values: NDArray[np.float64], scale: Scale | Circle) -> str:
        known = values[np.isfinite(values)]
        missing = len(values) - len(known)
        note = self.tr("{} and {} are equal").format(format_label(scale.low), format_label(scale.high))
        if isinstance(scale, Scale):
            ends = (format_label(known.min()), format_label(known.max()))
            note = self.tr("1st, 50th, 99th percentile; range {} to {}").format(*ends)
        return note + (self.tr("; grey: {:,} without a value").format(missing) if missing else "")

    def _show_metric_range(self) -> None:
        survey = self._survey
        has_value = np.isfinite(survey.values)
        self._bar.set_ends(*_ends(survey.scale if has_value.any() else None, format_value))
        if not has_value.any():
            self._bar.set_note(why_no_images(self._session) or self.tr("grey: no value yet"))
            return
        inexact = int(np.count_nonzero(has_value & ~survey.exact))
        note = self.tr("1st, 50th, 99th percentile")
        if not has_value.all():
            all_chosen = has_value[survey.in_splits].all()
            note += self.tr("; grey: training images, not computed") if all_chosen else self.tr("; grey: no value")
        note += self.tr("; {:,} orange: not exact, not in the scale").format(inexact) if inexact else ""
        self._bar.set_note("\n".join(filter(None, (note, why_no_more_here(self._session)))))

    @Slot()
    def _show_work(self) -> None:
        self._bar.work.setVisible(self._session.has_images and bool(self._survey.metric))


def _ends(scale: Scale | Circle | None, written: Callable[[float], str]) -> tuple[str, str, str]:
    return ("–", "", "–") if scale is None else (written(scale.low), written(scale.middle), written(scale.high))


def words_of_column(column: Column) -> str:
    """Return the tool tip of a column."""
    unit = f", {short(column.unit)}" if column.unit else ""
    return f"{short(column.name)}{unit}: a label of the images"
