"""Names the analysed image and switches between code and drawing."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import AnalysisSubject, ImageAnalysis
from vae_explorer.gui.features.evidence.subject_bar import SubjectBar
from vae_explorer.gui.features.evidence.thread import PosteriorAnalysis
from vae_explorer.gui.map.latent_view import LatentView


class SubjectPresenter(QObject):
    def __init__(self, bar: SubjectBar, session: Session) -> None:
        super().__init__(session)
        self._bar, self._analysis = bar, session.part(ImageAnalysis)
        bar.switched.connect(self._switch)
        session.part(ImageAnalysis).subject_changed.connect(self._on_changed)
        session.part(ImageAnalysis).posterior_found.connect(self._on_posterior_found)
        bar.set_zoom_enabled(False)

    @Slot(object)
    def _on_changed(self, subject: AnalysisSubject) -> None:
        self._bar.set_zooms(not self._analysis.why_no_posterior)
        if subject.is_drawing:
            as_class = self.tr(" as {}").format(subject.class_name) if subject.class_name else ""
            partly = self.tr(", partly hidden") if subject.is_partial else ""
            self._bar.set_subject(self.tr("your drawing") + as_class + partly, self.tr("Show code") if subject.code else "")
        else:
            words = subject.code or self.tr("no image")
            self._bar.set_subject(words, self.tr("Show my drawing") if subject.has_drawing else "")

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
    """Zoom the map to both posteriors of the analysed image."""
    found = session.part(ImageAnalysis).posterior
    if found is not None:
        view.show_around(*found.bounds())
