"""The evidence panel with models of one latent, and of more than two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from vae_explorer.gui.features.evidence.panel import EvidencePanel
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.kit.smooth_image_item import SmoothImageItem
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.evidence.results import Estimates, Evidence
from vae_explorer.models.measure import measured_images
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

from .conftest import OpenWindow
from .looking import PATIENCE, find, items, settle, text_of


def trained(latents: int, folder: Path) -> Path:
    *_, last = train(TrainConfig(dataset="digits", epochs=2, hidden=(16,), latent_dim=latents, name=f"of-{latents}"))
    assert isinstance(last, Finished)
    write_model_file(folder / "model.safetensors", last.model)
    return folder / "model.safetensors"


def opened(path: Path, open_window: OpenWindow, qtbot: QtBot) -> tuple[MainWindow, EvidencePanel, Evidence | Estimates]:
    """The window with numbers in the panel, and what the Python API gives for the inspected image."""
    window = open_window(path)
    window.explorer.docks.show("evidenceDock", True)
    settle(qtbot, window)
    panel = window.explorer.panel(EvidencePanel)
    qtbot.waitUntil(lambda: text_of(panel, "evidence.log_evidence") not in ("–", "…"), timeout=PATIENCE)
    code, model = window.session.inspection.current, vx.load(path)
    assert code is not None
    assert code.split_images is not None
    images = measured_images(code.split_images, model.card.binarised).numpy().reshape(code.split_images.shape)
    return window, panel, vx.evidence(model, images[code.place])


def test_that_one_latent_has_exact_numbers(tmp_path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    _, panel, wanted = opened(trained(1, tmp_path), open_window, qtbot)
    assert isinstance(wanted, Evidence)
    for name in ("reconstruction", "kl", "elbo", "posterior_kl", "log_evidence"):
        shown = float(text_of(panel, f"evidence.{name}").replace("−", "-"))
        assert shown == pytest.approx(float(getattr(wanted, name)[0]), abs=1e-4)
    assert "by quadrature" in text_of(panel, "evidenceNote")
    assert find(panel, QLabel, "evidence.step").isVisibleTo(panel)
    assert not find(panel, QLabel, "evidence.effective_samples").isVisibleTo(panel)


def test_that_twenty_latents_have_estimates_that_are_called_so(tmp_path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window, panel, wanted = opened(trained(20, tmp_path), open_window, qtbot)
    assert isinstance(wanted, Estimates)
    shown, error = text_of(panel, "evidence.log_evidence").replace("−", "-").split(" ± ")
    assert float(shown) == pytest.approx(float(wanted.log_evidence[0]), abs=0.1)
    assert float(error) == pytest.approx(float(wanted.mixture.se[0]), rel=0.6)
    assert text_of(panel, "evidence.effective_samples") == f"{round(float(wanted.mixture.effective_samples[0]))} of 500"
    assert text_of(panel, "evidenceTitle.log_evidence") == "= log p(x), estimate"
    assert "is an estimate" in text_of(panel, "evidenceNote")
    assert ("too low" in text_of(panel, "evidenceNote")) == bool(wanted.mixture.few[0])
    assert not find(panel, QLabel, "evidence.step").isVisibleTo(panel)
    window.session.part(ImageAnalysis).set_drawing(np.full((8, 8, 1), 200, np.uint8), np.eye(8, dtype=bool))
    qtbot.waitUntil(lambda: text_of(panel, "evidence.log_evidence") not in ("–", "…"), timeout=PATIENCE)
    assert not window.session.part(ImageAnalysis).failure("evidence")


@pytest.mark.parametrize(("latents", "title"), [(1, "log p(x)"), (3, "log p(x), estimate")])
def test_that_the_map_is_coloured_by_log_p(
    latents: int, title: str, tmp_path: Path, open_window: OpenWindow, qtbot: QtBot
) -> None:
    window = open_window(trained(latents, tmp_path))
    settle(qtbot, window)
    box, survey = find(window, QComboBox, "mapColour"), window.session.part(MetricSurvey)
    box.setCurrentIndex(box.findText(title))
    box.activated.emit(box.currentIndex())
    assert survey.metric == "log_evidence"
    qtbot.waitUntil(lambda: survey.progress[0] >= 64, timeout=PATIENCE)
    survey.stop()
    values = survey.values[np.isfinite(survey.values)]
    assert (values < 0).all()
    assert survey.failure == ""


def test_that_the_map_shows_the_posterior_on_the_section(tmp_path: Path, open_window: OpenWindow, qtbot: QtBot) -> None:
    window, panel, _ = opened(trained(20, tmp_path), open_window, qtbot)
    analysis = window.session.part(ImageAnalysis)
    qtbot.waitUntil(lambda: analysis.posterior is not None, timeout=PATIENCE)
    assert text_of(panel, "evidenceLegend.true") == "posterior on this section"
    first, model = analysis.posterior, window.session.model
    assert first is not None
    assert model is not None
    cell = np.prod([(high - low) / 144 for low, high in (first.true.x_range, first.true.y_range)])
    assert first.true.density.sum() * cell == pytest.approx(1, abs=1e-3)
    window.session.show_section(model.section.moved(int(np.flatnonzero(~model.section.axes.any(axis=0))[0]), 1.5))
    qtbot.waitUntil(lambda: analysis.posterior is not first, timeout=PATIENCE)
    qtbot.waitUntil(lambda: not analysis.busy, timeout=PATIENCE)
    moved = analysis.posterior
    assert moved is not None
    assert not np.allclose(moved.true.mean, first.true.mean, atol=1e-6)
    heat = next(item for item in items(window, SmoothImageItem) if item.isVisible())
    assert heat.image is not None
    window.explorer.docks.show("drawDock", True)
    analysis.set_drawing(np.full((8, 8, 1), 200, np.uint8), np.zeros((8, 8), bool))
    qtbot.waitUntil(lambda: "posterior on this section" in text_of(window, "drawNote"), timeout=PATIENCE)
    assert "Fillings" not in text_of(window, "drawNote")
    analysis.set_drawing(np.full((8, 8, 1), 200, np.uint8), np.eye(8, dtype=bool))
    qtbot.waitUntil(lambda: "Fillings of hidden pixels need a model of two" in text_of(window, "drawNote"), timeout=PATIENCE)
