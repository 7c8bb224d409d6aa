"""Connects metrics with the colour scale and with the panel Best and worst."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.panel import ExtremesPanel
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.metrics.strip import Ranked
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.states import OrderFacts, RemedyPresenter, images_of, order_state, why_no_images
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.metric_choice import MetricChoice
from vae_explorer.gui.kit.panel_state import words_of
from vae_explorer.gui.kit.work_line import WorkLine
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent.scale import Scale, histogram, steps
from vae_explorer.models.metrics import IMAGE_METRICS, why_no_more
from vae_explorer.models.terms import given_class, number


class WorkPresenter(QObject):
    """Shows the progress of the survey, and a button to stop or resume."""

    def __init__(self, line: WorkLine, session: Session) -> None:
        super().__init__(session)
        self._line, self._session = line, session
        line.clicked.connect(self._on_clicked)
        session.part(MetricSurvey).progressed.connect(self._show)

    @Slot()
    def _show(self) -> None:
        survey = self._session.part(MetricSurvey)
        if not survey.metric:
            self._line.set_work("", "")
            return
        done, total = survey.progress
        progress = self.tr("{:,} of {:,}").format(done, total) + (self.tr(", stopped") if survey.stopped else "")
        button = self.tr("Stop") if survey.running else self.tr("Go on") if survey.stopped else ""
        self._line.set_work(progress if self._session.has_images else "", button)

    @Slot()
    def _on_clicked(self) -> None:
        survey = self._session.part(MetricSurvey)
        (survey.stop if survey.running else survey.resume)()


class ColourPresenter(QObject):
    """Connects colour choice and colour scale with the survey."""

    def __init__(self, choice: MetricChoice, bar: ColourBar, view: LatentView, session: Session) -> None:
        super().__init__(session)
        self._choice, self._bar, self._view, self._session = choice, bar, view, session
        self._put_off = ""  # the metric in the last notice
        survey = session.part(MetricSurvey)
        choice.metric_chosen.connect(survey.choose)
        WorkPresenter(bar.work, session)
        view.recoloured.connect(self._show_bar)
        survey.chosen.connect(self._on_chosen)
        survey.found.connect(self._colour_codes)
        survey.found.connect(self._show_range)
        survey.progressed.connect(self._show_work)
        session.jobs.changed.connect(self._show_range)
        session.images.loaded.connect(self._colour_codes)

    @Slot(str)
    def _on_chosen(self, metric: str) -> None:
        self._choice.set_metrics(offered_metrics(self._session))
        put_off = self._session.part(MetricSurvey).put_off
        self._choice.set_metric(metric or put_off)
        if put_off and put_off != self._put_off:  # `chosen` comes with each epoch
            self._session.notice_raised.emit(self.tr("The program computes metrics after the run has ended."))
        self._put_off = put_off
        if metric:
            unit = short_unit(IMAGE_METRICS[metric].unit)
            self._bar.set_title(title_of(metric, self._session), unit, help_of(metric, self._session))
        self._show_bar()

    @Slot()
    def _show_bar(self) -> None:
        self._bar.setVisible(bool(self._session.part(MetricSurvey).metric) and not self._view.codes_item.by_place)

    @Slot()
    def _colour_codes(self) -> None:
        survey = self._session.part(MetricSurvey)
        if not self._session.cursor.shows_own_codes:
            return
        by_metric = bool(survey.metric) and (self._session.has_images or bool(np.isfinite(survey.values).any()))
        scale = survey.scale or Scale(0.0, 0.5, 1.0)
        self._view.set_steps(steps(survey.values, survey.exact, scale) if by_metric else None)

    @Slot()
    def _show_range(self) -> None:
        survey = self._session.part(MetricSurvey)
        has_value = np.isfinite(survey.values)
        if not has_value.any():
            self._bar.set_ends("–", "", "–")
            self._bar.set_note(why_no_images(self._session) or self.tr("grey: no value yet"))
            return
        scale = survey.scale
        ends = [format_value(value) for value in (scale.low, scale.middle, scale.high)] if scale is not None else ["–", "", "–"]
        inexact = int(np.count_nonzero(has_value & ~survey.exact))
        note = self.tr("1st, 50th, 99th percentile")
        if not has_value.all():
            all_chosen = has_value[survey.in_splits].all()
            note += self.tr("; grey: training images, not computed") if all_chosen else self.tr("; grey: no value")
        self._bar.set_ends(*ends)
        note += self.tr("; {:,} orange: not exact, not in the scale").format(inexact) if inexact else ""
        self._bar.set_note("\n".join(filter(None, (note, why_no_more_here(self._session)))))

    @Slot()
    def _show_work(self) -> None:
        self._bar.work.setVisible(self._session.has_images)


def offered_metrics(session: Session) -> list[tuple[str, str, str]]:
    """Return (name, title, tip) of the metrics of the current model."""
    return [(name, title_of(name, session), help_of(name, session)) for name in session.part(MetricSurvey).offered]


def title_of(metric: str, session: Session) -> str:
    return _given(IMAGE_METRICS[metric].title, session)


def help_of(metric: str, session: Session) -> str:
    return _given(IMAGE_METRICS[metric].help, session)


def _given(words: str, session: Session) -> str:
    return given_class(words, session.model.card.spec if session.model is not None else None)


def why_no_more_here(session: Session) -> str:
    return why_no_more(session.model.card.family) if session.model is not None else ""


def format_value(value: float) -> str:
    """Format a value; larger values get fewer decimals."""
    decimals = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return number(value, decimals)


def short_unit(unit: str) -> str:
    return unit.split(",")[0]


class ExtremesPresenter(QObject):
    """Connects the panel. The strip shows the order around the current image."""

    def __init__(self, panel: ExtremesPanel, session: Session, view: LatentView) -> None:
        super().__init__(session)
        session.part(Extremes).picked.connect(self._bring_into_view)
        self._panel, self._session, self._view = panel, session, view
        self._first = 0  # rank of the leftmost image
        self._order = session.part(Extremes).order()
        survey, extremes = session.part(MetricSurvey), session.part(Extremes)
        panel.metric_choice.metric_chosen.connect(survey.choose)
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
        self._panel.metric_choice.set_metrics(offered_metrics(self._session))
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
