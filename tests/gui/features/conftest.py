"""A session below the window as the tests of features need it."""

from __future__ import annotations

import pytest

from tests.gui.fakes import FakeWork
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.state import ImageAnalysis


@pytest.fixture
def analysis(session: Session, work: FakeWork) -> ImageAnalysis:
    """The image analysis, with the images at hand and code 3 held."""
    work.run()
    session.inspection.hold(3)
    return session.part(ImageAnalysis)
