"""The overlay of a hovered term, on fakes: the posterior of the analysed image on the section of its own model."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from tests.gui.made import SAVED, of_five
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.equation.overlay import TermOverlay
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import ObjectiveAnalysis
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.models.model_file import ModelFile

MEAN, STD = np.array([0.5, -1.0, 0.25, 2.0, 3.0]), np.array([0.1, 0.2, 0.3, 0.4, 0.5])


@pytest.fixture
def view(qtbot: QtBot, session: Session) -> LatentView:
    view = LatentView()
    qtbot.addWidget(view)
    TermOverlay(view, session, view)
    return view


def posteriors(view: LatentView) -> list[list[float]]:
    """Centre and half axes of each ellipse on the map that is not around 0."""
    shown = [item for item in view.scene().items() if isinstance(item, EllipseItem) and item.isVisible()]
    bounds = [item.path().boundingRect() for item in shown]
    return [[each.center().x(), each.center().y(), each.width() / 2, each.height() / 2] for each in bounds if each.center().x()]


def test_that_a_hovered_term_shows_the_posterior_on_the_section(view: LatentView, session: Session, file: ModelFile) -> None:
    session.show_model(of_five(file))  # the section shows z₂ and z₄
    analysis = session.part(ImageAnalysis)
    analysis.objective_found.emit(ObjectiveAnalysis((), MEAN, STD))
    analysis.set_hovered_term("kl")
    np.testing.assert_allclose(posteriors(view), [[-1.0, 2.0, 0.4, 0.8]], rtol=1e-2)


def test_that_a_hovered_term_shows_no_posterior_of_the_model_before(
    view: LatentView, session: Session, file: ModelFile
) -> None:
    session.show_model(of_five(file))
    session.part(ImageAnalysis).objective_found.emit(ObjectiveAnalysis((), MEAN, STD))
    session.show_model(file, SAVED)  # two latents
    session.part(ImageAnalysis).set_hovered_term("kl")
    assert posteriors(view) == []
