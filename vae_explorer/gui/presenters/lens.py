"""Words that the panels of the lens share: whose image it is, which line is what, explanations."""

from __future__ import annotations

import json
from functools import lru_cache

from PySide6.QtCore import QObject, Slot

from vae_explorer import locations
from vae_explorer.gui.session import Session
from vae_explorer.gui.session.lens import LensSubject
from vae_explorer.gui.theme import BEST, ENCODER, TRUE
from vae_explorer.gui.views.subject_bar import SubjectBar
from vae_explorer.gui.workers.lens_thread import LensPosterior

PENDING = "…"  # in the place of a number that is being worked out


@lru_cache(maxsize=1)
def lens_help() -> dict[str, str]:
    found: dict[str, str] = json.loads((locations.resources() / "help" / "lens.json").read_text("utf-8"))
    return found


def lens_lines() -> tuple[tuple[str, str, str], ...]:
    """The lines on the map: name in the theme, what it is called, what it is."""
    names = ((TRUE, "p(z|x)"), (ENCODER, "q(z|x)"), (BEST, "best Gaussian"))
    return tuple((line, title, lens_help()[line]) for line, title in names)


class SubjectPresenter(QObject):
    """Says whose image is under the lens, and lets one change to the other."""

    def __init__(self, bar: SubjectBar, session: Session) -> None:
        super().__init__(session)
        self._bar, self._lens = bar, session.lens
        bar.switched.connect(self._switch)
        session.lens.subject_changed.connect(self._on_changed)
        session.lens.posterior_found.connect(self._on_posterior_found)
        bar.set_zoom_enabled(False)

    @Slot(object)
    def _on_changed(self, subject: LensSubject) -> None:
        self._bar.set_zooms(self._lens.has_evidence)
        if subject.is_drawing:
            told = self.tr(" as {}").format(subject.class_name) if subject.class_name else ""
            part = self.tr(", in part") if subject.is_partial else ""
            self._bar.set_subject(self.tr("your drawing") + told + part, self.tr("Show code") if subject.code else "")
        else:
            words = subject.code or self.tr("no image")
            self._bar.set_subject(words, self.tr("Show my drawing") if subject.drawing else "")

    @Slot(object)
    def _on_posterior_found(self, found: LensPosterior | None) -> None:
        self._bar.set_zoom_enabled(found is not None)

    @Slot()
    def _switch(self) -> None:
        if self._lens.subject.is_drawing:
            self._lens.show_code()
        else:
            self._lens.show_drawing()
