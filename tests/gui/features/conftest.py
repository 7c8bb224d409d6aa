"""A session below the window as the tests of features need it."""

from __future__ import annotations

import pytest

from tests.gui.fakes import FakeWork
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def file(session: Session) -> ModelFile:
    """The digits model."""
    assert session.model is not None
    return session.model.file


@pytest.fixture
def analysis(session: Session, work: FakeWork) -> ImageAnalysis:
    """The image analysis, with the images at hand and code 3 held."""
    work.run()
    session.inspection.hold(3)
    return session.part(ImageAnalysis)


@pytest.fixture
def problems(session: Session) -> list[str]:
    """The messages of all problems of the session."""
    said: list[str] = []
    session.problem_raised.connect(lambda message, _: said.append(message))
    return said
