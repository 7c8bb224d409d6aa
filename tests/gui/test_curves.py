"""Which curves the training panel draws for a family."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from vae_explorer.gui.features.training.panel import TrainingPanel
from vae_explorer.gui.features.training.presenter import plots_of
from vae_explorer.models.families import FAMILIES
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import EpochDone
from vae_explorer.training.loop import train


@pytest.mark.parametrize("family", list(FAMILIES))
def test_that_no_plot_of_a_run_lacks_its_line(family: str, qtbot: QtBot) -> None:
    events = list(train(TrainConfig(family=family, hidden=(6,), epochs=1, batch_size=600)))
    epoch = next(event for event in events if isinstance(event, EpochDone))
    reported = {f"train_{name}": (value,) for name, value in epoch.train.items()}
    reported |= {f"test_{name}": (value,) for name, value in epoch.measured.items()}
    plots = plots_of(family, reported)
    names = [curve.name for plot in plots for curve in plot]
    assert set(names) <= set(reported)
    assert len(set(names)) == len(names)
    assert {name.partition("_")[2] for name in names} == set(FAMILIES[family].terms)
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    panel.set_plots(plots)
    panel.set_curves(reported)
    titles = {text.text() for text in panel.findChildren(QLabel)}
    assert {curve.title for plot in plots for curve in plot} <= titles


@pytest.mark.parametrize(
    ("family", "curves"), [("denoising-ae", ["test_reconstruction"]), ("vae", ["train_reconstruction", "test_elbo"])]
)
def test_that_a_term_that_training_does_not_report_is_that_of_the_test_images(family: str, curves: list[str]) -> None:
    reported = {"train_denoising", "test_reconstruction", "test_denoising"} if family == "denoising-ae" else set()
    assert [curve.name for curve in plots_of(family, reported)[0]] == curves
