"""A metric that is chosen while a model trains: it waits, is named, and comes with the end of the run. No window."""

from __future__ import annotations

from pathlib import Path

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.models.model_file import read_model_file


def test_that_a_metric_chosen_in_training_waits_for_the_end_and_can_be_taken_back(session: Session, digits_path: Path) -> None:
    survey, file = session.part(MetricSurvey), read_model_file(digits_path)
    session.show_model(file, None)  # a snapshot of a run
    survey.choose("elbo")
    session.show_model(file, None)
    assert (survey.metric, survey.put_off) == ("", "elbo")
    session.show_model(file, digits_path)
    assert (survey.metric, survey.put_off) == ("elbo", "")
    session.show_model(file, None)
    survey.choose("")
    assert (survey.metric, survey.put_off) == ("", "")
