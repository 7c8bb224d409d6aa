"""Whose image is analysed: the words for it, and the change to the other image."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import AnalysisSubject, ImageAnalysis
from vae_explorer.gui.features.evidence.subject_bar import SubjectBar
from vae_explorer.gui.features.evidence.thread import PosteriorAnalysis
from vae_explorer.gui.map.latent_view import LatentView


class SubjectPresenter(QObject):
    """Says whose image is analysed, and lets one change to the other."""

    def __init__(self, bar: SubjectBar, session: Session) -> None:
        super().__init__(session)
        self._bar, self._analysis = bar, session.part(ImageAnalysis)
        bar.switched.connect(self._switch)
        session.part(ImageAnalysis).subject_changed.connect(self._on_changed)
        session.part(ImageAnalysis).posterior_found.connect(self._on_posterior_found)
        bar.set_zoom_enabled(False)

    @Slot(object)
    def _on_changed(self, subject: AnalysisSubject) -> None:
        self._bar.set_zooms(self._analysis.has_evidence)
        if subject.is_drawing:
            told = self.tr(" as {}").format(subject.class_name) if subject.class_name else ""
            part = self.tr(", in part") if subject.is_partial else ""
            self._bar.set_subject(self.tr("your drawing") + told + part, self.tr("Show code") if subject.code else "")
        else:
            words = subject.code or self.tr("no image")
            self._bar.set_subject(words, self.tr("Show my drawing") if subject.drawing else "")

    @Slot(object)
    def _on_posterior_found(self, found: PosteriorAnalysis | None) -> None:
        self._bar.set_zoom_enabled(found is not None)

    @Slot()
    def _switch(self) -> None:
        if self._analysis.subject.is_drawing:
            self._analysis.show_code()
        else:
            self._analysis.show_drawing()


def look_at_posteriors(session: Session, view: LatentView) -> None:
    """Both posteriors of the analysed image fill the map, if they are known."""
    found = session.part(ImageAnalysis).posterior
    if found is not None:
        view.look_around(*found.room())
