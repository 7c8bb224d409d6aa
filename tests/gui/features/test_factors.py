"""The panel of the factors on fakes: when it is offered, what it says, and figures of codes whose factors are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeWork
from tests.gui.looking import find, text_of
from tests.gui.made import without_codes
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.data.columns import Column, ColumnKind, Columns
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.factors.panel import FactorsPanel
from vae_explorer.gui.features.factors.presenter import FactorsPresenter
from vae_explorer.gui.features.factors.state import Factors
from vae_explorer.inference import disentanglement as module
from vae_explorer.models.model_file import ModelFile

NOTE, JOB = "factors.note", "factors"


class Offers:
    """The docks: whether each panel is offered."""

    def __init__(self) -> None:
        self.offered: dict[str, bool] = {}

    def offer(self, name: str, offered: bool) -> None:
        self.offered[name] = offered


@pytest.fixture
def factors(session: Session, file: ModelFile) -> Factors:
    """Codes of three latents: z₁ is the factor `size`, z₃ the factor `shape`, and z₂ noise, which tells least."""
    random, n = np.random.default_rng(0), len(file.codes)
    mean = (random.uniform(-1, 1, (n, 3)) * [2.0, 0.1, 1.0]).astype(np.float32)
    codes = Codes(mean, np.full_like(mean, 0.2), file.codes.label, file.codes.split)
    session.show_model(replace(file, card=replace(file.card, spec=replace(file.card.spec, latent_dim=3)), codes=codes))
    return session.part(Factors)


@pytest.fixture
def docks() -> Offers:
    return Offers()


@pytest.fixture
def panel(factors: Factors, docks: Offers, qtbot: QtBot) -> FactorsPanel:
    panel = FactorsPanel()
    qtbot.addWidget(panel)
    FactorsPresenter(panel, factors, docks)  # type: ignore[arg-type]
    return panel


def show_labels(session: Session, images: Dataset) -> None:
    """Tell the labels of the images: two factors, a column that does not vary, and a text."""
    assert session.model is not None
    z = session.model.file.codes.mean
    shape = Column("shape", ColumnKind.CATEGORICAL, (z[:, 2] > 0).astype(np.int32), ("flat", "high"))
    size = Column("size", ColumnKind.CONTINUOUS, z[:, 0].astype(np.float64))
    same = Column("same", ColumnKind.CONTINUOUS, np.ones(len(z)))
    session.images_changed.emit(replace(images, columns=Columns((size, shape, same))))


def test_that_images_without_factors_offer_no_panel(
    panel: FactorsPanel, docks: Offers, session: Session, images: Dataset
) -> None:
    session.images_changed.emit(images)
    assert not docks.offered["factorsDock"]
    show_labels(session, images)
    assert docks.offered["factorsDock"]


def test_that_the_figures_are_those_of_the_known_factors(
    panel: FactorsPanel, session: Session, images: Dataset, work: FakeWork, qtbot: QtBot
) -> None:
    show_labels(session, images)
    assert text_of(panel, NOTE).startswith("Press Measure")
    qtbot.mouseClick(find(panel, QPushButton, "factors.measure"), Qt.MouseButton.LeftButton)
    assert text_of(panel, NOTE) == "One forest for each factor is being grown…"
    assert not find(panel, QPushButton, "factors.measure").isEnabled()
    work.run(JOB)
    figures = {
        name: float(find(panel, QLabel, f"factors.{name}").text()) for name in ("mig", "disentanglement", "completeness")
    }
    assert figures["mig"] > 0.6  # binned numbers keep a few nats from the other latents
    assert figures["disentanglement"] > 0.95
    assert figures["completeness"] > 0.95
    matrix = panel.matrix
    tips = [[matrix.tip_at(*matrix.cell(row, column).center().toTuple()) for column in range(3)] for row in range(2)]
    assert tips[0][0] in ("z₁ has 1.00 of the importance for size", "z₁ has 0.99 of the importance for size")
    assert tips[1][1].startswith("z₃ has 1.00 of the importance for shape")
    assert matrix.tip_at(3, 3) == ""
    assert find(panel, QPushButton, "factors.measure").isHidden()


def test_that_the_matrix_is_drawn_as_squares(panel: FactorsPanel) -> None:
    matrix = panel.matrix
    matrix.set_matrix(np.array([[1.0, 0.0], [0.25, 0.75]]), ("size", "shape"), ("z₁", "z₂"))
    picture = matrix.grab().toImage()
    background = picture.pixelColor(matrix.cell(0, 1).center())
    assert picture.pixelColor(matrix.cell(0, 0).center()) != background
    inked = [
        sum(
            picture.pixelColor(x, y) != background
            for x in range(matrix.cell(1, column).left(), matrix.cell(1, column).right())
            for y in range(matrix.cell(1, column).top(), matrix.cell(1, column).bottom())
        )
        for column in range(2)
    ]
    assert inked[1] / inked[0] == pytest.approx(3, rel=0.2)


def test_that_another_model_forgets_the_figures_and_ends_the_job(
    panel: FactorsPanel, factors: Factors, session: Session, images: Dataset, work: FakeWork
) -> None:
    show_labels(session, images)
    factors.measure()
    assert session.model is not None
    session.show_model(session.model.file)
    work.run(JOB)
    assert factors.found is None
    assert text_of(panel, NOTE).startswith("Press Measure")


def test_that_a_model_without_codes_has_nothing_to_measure(panel: FactorsPanel, session: Session, images: Dataset) -> None:
    show_labels(session, images)
    assert session.model is not None
    session.show_model(without_codes(session.model.file))
    assert text_of(panel, NOTE).startswith("This model has no codes of these images")


def test_that_a_failure_is_said_and_may_be_tried_again(
    panel: FactorsPanel, factors: Factors, session: Session, images: Dataset, work: FakeWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(module, "disentanglement", fails)
    show_labels(session, images)
    factors.measure()
    work.run(JOB)
    assert text_of(panel, NOTE) == "This failed: MemoryError: no room"
    assert find(panel, QPushButton, "factors.measure").isEnabled()
