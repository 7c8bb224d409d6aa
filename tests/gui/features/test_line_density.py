"""The densities on the line of a model with one latent, on a bare map."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
import pytest
from pytestqt.qtbot import QtBot
from scipy.stats import norm

from tests.gui.made import SAVED
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.codes.line_density import TIMES, LineDensity
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def view(qtbot: QtBot) -> LatentView:
    view = LatentView()
    qtbot.addWidget(view)
    return view


def of_one(file: ModelFile) -> ModelFile:
    """`file` with one latent, whose codes are all N(1, 0.25²)."""
    codes, n = file.codes, len(file.codes)
    line = Codes(np.ones((n, 1), np.float32), np.full((n, 1), 0.25, np.float32), codes.label, codes.split)
    return replace(file, card=replace(file.card, spec=replace(file.card.spec, latent_dim=1)), codes=line)


def curves(view: LatentView) -> list[tuple[np.ndarray, np.ndarray]]:
    items = [item for item in view.scene().items() if isinstance(item, pg.PlotCurveItem)]
    return [item.getData() for item in items if item.isVisible() and item.getData()[0] is not None and len(item.getData()[0])]


def test_that_the_codes_and_the_prior_stand_on_the_line(view: LatentView, session: Session, file: ModelFile) -> None:
    density = LineDensity(view)
    density.show(session.show_model(of_one(file)))
    for x, y in (found := curves(view)):
        wanted = [norm(1, 0.25).pdf(x), norm(0, 1).pdf(x)]
        assert any(np.allclose(y, TIMES * each, rtol=1e-4, atol=1e-6) for each in wanted)
    assert {round(float(y.max()), 1) for _, y in found} == {round(TIMES * norm(0, each).pdf(0), 1) for each in (0.25, 1)}
    density.set_visible(False)
    assert not curves(view)


def test_that_models_of_two_latents_have_no_density(view: LatentView, session: Session, file: ModelFile) -> None:
    density = LineDensity(view)
    density.show(session.show_model(of_one(file)))
    density.show(session.show_model(file, SAVED))
    assert not curves(view)
