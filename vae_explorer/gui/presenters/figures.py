"""What is said of the figures of all images: on the scale of colours, and in the panel that steps through them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.session import Session
from vae_explorer.gui.views.colour_bar import ColourBar
from vae_explorer.gui.views.figure_choice import FigureChoice
from vae_explorer.latent.scale import robust_range
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.figures import FIGURES, why_no_more


class ColourPresenter(QObject):
    """The choice of what has the colours, and the scale on the map."""

    def __init__(self, choice: FigureChoice, bar: ColourBar, session: Session) -> None:
        super().__init__(session)
        self._choice, self._bar, self._session = choice, bar, session
        survey = session.survey
        choice.figure_chosen.connect(survey.choose)
        bar.button_clicked.connect(self._on_button_clicked)
        survey.chosen.connect(self._on_chosen)
        survey.found.connect(self._show_range)
        survey.progressed.connect(self._show_progress)

    @Slot(str)
    def _on_chosen(self, figure: str) -> None:
        self._choice.set_figures(offered(self._session))  # another model may have others
        self._choice.set_figure(figure)
        if figure:
            found = FIGURES[figure]
            self._bar.set_title(found.title, short_unit(found.unit), f"{found.help} {why_no_more_here(self._session)}".strip())
        self._bar.setVisible(bool(figure))

    @Slot()
    def _show_range(self) -> None:
        survey = self._session.survey
        scale = robust_range(survey.values)
        if scale is None:
            self._bar.set_ends("–", "", "–")
            self._bar.set_note(self.tr("grey: not known yet"))
            return
        low, high = (written(value) for value in scale)
        known = np.isfinite(survey.values)
        loose = int(np.count_nonzero(known & ~survey.exact))
        note = self.tr("1st to 99th percentile; grey: not known")
        self._bar.set_ends(low, "", high)
        self._bar.set_note(note + (self.tr("; {:,} orange: not exact").format(loose) if loose else ""))

    @Slot()
    def _show_progress(self) -> None:
        self._bar.set_progress(progress_of(self._session), button_of(self._session))

    @Slot()
    def _on_button_clicked(self) -> None:
        stop_or_go_on(self._session)


def offered(session: Session) -> list[tuple[str, str, str]]:
    """Name, title and tip of the figures that the model on screen has."""
    return [(name, FIGURES[name].title, FIGURES[name].help) for name in session.survey.offered]


def why_no_more_here(session: Session) -> str:
    return why_no_more(FAMILIES[session.model.card.spec.family]) if session.model is not None else ""


def progress_of(session: Session) -> str:
    survey = session.survey
    if not survey.has_images:
        return session.tr("The images are not at hand: Data ▸ Download images")
    done, total = survey.progress
    return session.tr("{:,} of {:,}").format(done, total) + (session.tr(", stopped") if survey.stopped else "")


def button_of(session: Session) -> str:
    """What the button beside the progress does; empty where there is nothing to do."""
    if session.survey.running:
        return session.tr("Stop")
    return session.tr("Go on") if session.survey.stopped else ""


def stop_or_go_on(session: Session) -> None:
    (session.survey.stop if session.survey.running else session.survey.resume)()


def written(value: float) -> str:
    """A figure with as many decimals as its size asks for."""
    decimals = 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 4
    return f"{value:.{decimals}f}".replace("-", "−")


def short_unit(unit: str) -> str:
    return unit.split(",")[0]
