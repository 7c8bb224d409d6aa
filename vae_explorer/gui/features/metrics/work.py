"""Shows the progress of a survey. GUI thread only."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.kit.work_line import WorkLine


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
