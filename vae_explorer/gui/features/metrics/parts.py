"""The metrics of all images, and the images in their order, as parts of a session."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.state import FigureSurvey
from vae_explorer.gui.features.training.state import TrainingState


class _AfterTraining(QObject):
    """Takes up the figure that was put off, once a run has ended and its model is written."""

    def __init__(self, session: Session, survey: FigureSurvey) -> None:
        super().__init__(session)
        self._session, self._survey, self._training = session, survey, session.part(TrainingState)
        session.model_saved.connect(self._take_up)
        self._training.stopped.connect(self._take_up)

    @Slot()
    def _take_up(self, *_: object) -> None:
        model = self._session.model
        if model is not None and model.path is not None and not self._training.running:
            self._survey.take_up()


def make_session_parts(session: Session) -> tuple[SessionPart, ...]:
    survey = FigureSurvey(session)
    extremes = Extremes(survey, session)
    survey.problem_raised.connect(session.problem_raised)
    extremes.picked.connect(session.hold_code)
    session.cursor.changed.connect(survey.make_way)
    session.images_changed.connect(survey.set_images)
    _AfterTraining(session, survey)
    return survey, extremes
