"""Connects metrics with the colour scale and with the panel Best and worst."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.metrics.colour_presenter import ColourPresenter
from vae_explorer.gui.features.metrics.colours import CodeColours
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.panel import ExtremesPanel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.metrics.strip import Ranked
from vae_explorer.gui.features.metrics.words import format_value, offered_metrics, short_unit, title_of
from vae_explorer.gui.features.metrics.work import WorkPresenter
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.states import OrderFacts, RemedyPresenter, images_of, order_state
from vae_explorer.gui.kit.panel_state import words_of
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent.scale import histogram
from vae_explorer.models.metrics import IMAGE_METRICS


class ExtremesPresenter(QObject):
    """Connects the panel. The strip shows the order around the current image."""

    def __init__(self, panel: ExtremesPanel, session: Session, view: LatentView) -> None:
        super().__init__(session)
        session.part(Extremes).picked.connect(self._bring_into_view)
        self._panel, self._session, self._view = panel, session, view
        self._first = 0  # rank of the leftmost image
        self._order = session.part(Extremes).order()
        survey, extremes = session.part(MetricSurvey), session.part(Extremes)
        panel.metric_choice.metric_chosen.connect(session.part(CodeColours).choose)
        panel.bad_first_chosen.connect(extremes.set_bad_first)
        panel.all_images_chosen.connect(survey.set_all_images)
        panel.stepped.connect(extremes.step)
        panel.strip.chosen.connect(self._on_chosen)
        panel.strip.room_changed.connect(self._show_strip)
        WorkPresenter(panel.work, session)
        RemedyPresenter(panel.body.line, session)
        survey.chosen.connect(self._on_metric_chosen)
        extremes.changed.connect(self._on_found)
        extremes.picked.connect(self._on_picked)
        extremes.step_refused.connect(self._on_step_refused)
        session.images.loaded.connect(self._show_strip)
        for news in (survey.progressed, session.jobs.changed):
            news.connect(self._show_state)
        self._show_state()

    @Slot(int)
    def _bring_into_view(self, _: int) -> None:
        z = self._session.cursor.state.z
        if not self._view.visible_rect().contains(self._view.place_of(z)):
            self._view.centre_on(z)

    @Slot(str)
    def _on_metric_chosen(self, metric: str) -> None:
        self._panel.metric_choice.set_choices(offered_metrics(self._session))
        self._panel.metric_choice.set_metric(metric or self._session.part(MetricSurvey).put_off)
        self._panel.set_ends(IMAGE_METRICS[metric].ends if metric else ("", ""))
        self._first = 0
        self._show_state()

    @Slot()
    def _on_found(self) -> None:
        extremes = self._session.part(Extremes)
        self._panel.set_choices(extremes.bad_first, self._session.part(MetricSurvey).all_images)
        self._order = extremes.order()
        self._follow()
        self._show_strip()
        self._show_numbers()

    @Slot(int)
    def _on_picked(self, _: int) -> None:
        self._follow()
        self._show_strip()
        self._show_numbers()

    @Slot(int)
    def _on_chosen(self, place: int) -> None:
        self._session.part(Extremes).pick(int(self._order[self._first + place]))

    def _rank(self) -> int | None:
        found = np.flatnonzero(self._order == self._session.part(Extremes).current)
        return int(found[0]) if len(found) else None

    def _follow(self) -> None:
        rank, room = self._rank(), self._panel.strip.room
        if rank is None:
            self._first = 0
        elif not self._first <= rank < self._first + room:
            self._first = rank if rank < self._first else rank - room + 1

    @Slot()
    def _show_strip(self, *_: object) -> None:
        shown = self._order[self._first : self._first + self._panel.strip.room]
        rank = self._rank()
        self._panel.strip.set_ranked([self._ranked(int(index)) for index in shown], -1 if rank is None else rank - self._first)
        self._panel.set_rank("" if rank is None else f"{rank + 1:,} / {len(self._order):,}")
        self._show_state()

    @Slot()
    def _on_step_refused(self) -> None:
        words = self.tr("There is no further image in this order.") if len(self._order) else words_of(self._panel.body.state)
        self._session.notice_raised.emit(words)

    @Slot()
    def _show_state(self) -> None:
        survey = self._session.part(MetricSurvey)
        title = title_of(survey.metric, self._session) if survey.metric else ""
        put_off = title_of(survey.put_off, self._session) if survey.put_off else ""
        done, total = survey.answered
        facts = OrderFacts(
            images_of(self._session),
            title,
            len(self._order),
            survey.stopped,
            survey.failure,
            done=done == total,
            put_off=put_off,
        )
        self._panel.set_state(order_state(facts))

    def _ranked(self, index: int) -> Ranked:
        survey = self._session.part(MetricSurvey)
        exact = bool(survey.exact[index])
        value = format_value(float(survey.values[index]))
        title, unit = title_of(survey.metric, self._session), short_unit(IMAGE_METRICS[survey.metric].unit)
        tip = f"{self._session.inspection.name_of(index)}: {title} {value} {unit}"
        return Ranked(
            self._session.inspection.image_of(index)[0],
            value if exact else f"≈{value}",
            tip if exact else self.tr("{}, not exact").format(tip),
        )

    def _show_numbers(self) -> None:
        survey = self._session.part(MetricSurvey)
        scale, values = survey.scale, survey.values[survey.in_scale]
        if scale is None:
            self._panel.set_numbers(("", ""))
            self._panel.histogram.set_counts(np.zeros(0, np.int64), np.zeros(0), None)
            return
        at = None
        if self._rank() is not None and scale.high > scale.low:
            (at,) = scale.even(survey.values[[self._session.part(Extremes).current]]).tolist()
        self._panel.histogram.set_counts(*histogram(values, scale), at)
        low, median, high = (format_value(value) for value in np.quantile(values, (0.25, 0.5, 0.75)).tolist())
        done, total = survey.answered
        mean = mean_words(values, len(self._order), is_done=done == total)
        self._panel.set_numbers((mean, self.tr("quartiles {} | median {} | {}").format(low, median, high)))


def mean_words(values: NDArray[np.float64], total: int, is_done: bool) -> str:
    """Write the mean of the exact `values` (n,) among `total`, with an error if `is_done`.

    Before that, the images come from some neighbourhoods of the plane, and a standard error would be far too small.
    """
    mean, exact = format_value(float(values.mean())), " exact" if len(values) < total else ""
    if not is_done:
        return f"mean {mean} of the {len(values):,}{exact} done so far"
    error = f" ± {format_value(float(values.std(ddof=1)) / math.sqrt(len(values)))}" if len(values) > 1 else ""
    return f"mean {mean}{error}" + (f", of the {len(values):,} exact" if exact else "")


def present(context: Context) -> None:
    session = context.session
    ColourPresenter(context.panel(ModelPanel).colour, context.map_area.colour_bar, context.view, session)
    ExtremesPresenter(context.panel(ExtremesPanel), session, context.view)
