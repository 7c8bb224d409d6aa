"""A session below the window as the tests of features need it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.gui.fakes import FakeWork
from tests.gui.made import made_columns
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core import data_images
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.state import CodeLabels
from vae_explorer.gui.features.evidence.state import ImageAnalysis


@pytest.fixture
def labels(session: Session, work: FakeWork, images: Dataset, codes: Codes, monkeypatch: pytest.MonkeyPatch) -> CodeLabels:
    """The labels of the codes, with the images at hand."""
    labelled = replace(images, columns=made_columns(codes))
    monkeypatch.setattr(data_images, "load_dataset", lambda *_: labelled)
    work.run()
    return session.part(CodeLabels)


@pytest.fixture
def analysis(session: Session, work: FakeWork) -> ImageAnalysis:
    """The image analysis, with the images at hand and code 3 held."""
    work.run()
    session.inspection.hold(3)
    return session.part(ImageAnalysis)
