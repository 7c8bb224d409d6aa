"""Makes the session parts of the metrics."""

from __future__ import annotations

from vae_explorer.gui.core.part import SessionPart
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.metrics.colours import CodeColours
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.training.state import TrainingState


def make_session_parts(session: Session) -> tuple[SessionPart, ...]:
    training = session.part(TrainingState)
    survey = MetricSurvey(training, session)
    extremes = Extremes(survey, session)
    survey.problem_raised.connect(session.problem_raised)
    extremes.picked.connect(session.hold_code)
    session.cursor.changed.connect(survey.pause_for_cursor)
    session.images_changed.connect(survey.set_images)
    colours = CodeColours(session.part(CodeLabels), survey, session)
    session.model_saved.connect(survey.set_saved)
    training.stopped.connect(survey.choose_put_off)
    return survey, extremes, colours
