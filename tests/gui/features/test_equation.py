"""What the equation panel says of the analysed image, below the window: terms, weights, sum and states."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QSlider, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeModelThread, FakeWork
from tests.gui.looking import find, number, text_of
from tests.gui.made import SAVED, a_drawing, answer_analysis, of_family
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.equation.panel import EquationPanel
from vae_explorer.gui.features.equation.presenter import EquationPresenter
from vae_explorer.gui.features.equation.term_box import TermBox
from vae_explorer.gui.features.evidence.help import PENDING
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import OBJECTIVE, ObjectiveAnalysis
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Ready, Remedy, Working
from vae_explorer.inference.objective import ObjectiveTerm
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.terms import term

VAE = (
    ObjectiveTerm("reconstruction", -1.0, -20.25, of_all=False, exact=True),
    ObjectiveTerm("kl", 1.0, 4.5, of_all=False, exact=True),
)


@pytest.fixture
def thread(analysis_thread: FakeModelThread) -> FakeModelThread:
    return analysis_thread


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> EquationPanel:
    """The panel, in view."""
    panel = EquationPanel()
    qtbot.addWidget(panel)
    EquationPresenter(panel, session)
    panel.visibility_changed.emit(True)
    return panel


def answer(thread: FakeModelThread, *terms: ObjectiveTerm) -> None:
    """As if the thread had found these terms of the analysed image."""
    answer_analysis(thread, thread.newest(OBJECTIVE), ObjectiveAnalysis(terms, np.zeros(2), np.ones(2)))


def symbol(panel: EquationPanel, name: str) -> str:
    return re.sub("<sub>(.*?)</sub>", r"_\1", text_of(panel, f"symbol.{name}"))


# The states


def test_that_the_panel_works_until_its_terms_are_there(
    panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    assert isinstance(panel.state_line.state, Working)
    answer(thread, *VAE)
    assert panel.state_line.state == Ready()
    assert text_of(panel, "equationSubject.subject") == analysis.subject.code


def test_that_missing_images_are_offered(session: Session, panel: EquationPanel, work: FakeWork, no_images: None) -> None:
    session.inspection.hold(3)
    work.run("images")
    assert isinstance(panel.state_line.state, NotAtHand)
    assert panel.state_line.state.remedy is Remedy.DOWNLOAD
    find(panel, QPushButton, "equationNote.remedy").click()
    assert "download" in work.keys


def test_that_a_failure_takes_the_terms_away_and_leaves_the_formula(
    panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    answer(thread, *VAE)
    analysis.set_drawing(a_drawing(), np.zeros((8, 8), bool))
    thread.fail("no memory", thread.newest(OBJECTIVE))
    assert panel.state_line.state == Failed("no memory")
    assert text_of(panel, "equationAbout").startswith("Minimised: ")
    assert text_of(panel, "equationSum") == ""


# The numbers


def test_that_the_terms_add_up_to_the_sum(panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread) -> None:
    answer(thread, *VAE)
    assert (number(text_of(panel, "value.reconstruction")), number(text_of(panel, "value.kl"))) == (-20.25, 4.5)
    assert number(text_of(panel, "equationSum")) == 24.75
    assert text_of(panel, "equationSum").endswith("(exact)")
    assert text_of(panel, "how.kl") == "exact"


@pytest.mark.parametrize(
    ("exact", "sampled", "how"), [(True, False, "exact"), (False, True, "sampled"), (False, False, "not exact")]
)
def test_that_a_sum_is_as_exact_as_its_least_exact_term(
    panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread, exact: bool, sampled: bool, how: str
) -> None:
    answer(thread, VAE[0], ObjectiveTerm("kl", 1.0, 4.5, of_all=False, exact=exact, sampled=sampled))
    assert text_of(panel, "how.kl") == how
    assert text_of(panel, "equationSum").endswith(f"({how})")


def test_that_the_numbers_of_an_image_go_when_another_one_comes(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread
) -> None:
    answer(thread, *VAE)
    session.inspection.hold(9)
    assert {text_of(panel, f"value.{name}") for name in ("kl", "reconstruction")} == {PENDING}
    assert text_of(panel, "equationSum") == f"= {PENDING}"
    answer(thread, *VAE)
    assert number(text_of(panel, "equationSum")) == 24.75


def test_that_a_term_of_batches_stays_with_another_image_and_one_of_all_pixels_is_missing(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    session.show_model(of_family(file, "info-vae"), SAVED)
    mmd = ObjectiveTerm("mmd", 10.0, 0.0125, of_all=True)
    answer(thread, VAE[0], mmd, ObjectiveTerm("kl", 0.5, math.nan, of_all=False))
    assert text_of(panel, "how.mmd") == "of batches"
    assert (text_of(panel, "value.kl"), text_of(panel, "how.kl")) == ("– nats", "needs all pixels")
    assert text_of(panel, "equationSum") == ""
    before = text_of(panel, "value.mmd")
    session.inspection.hold(9)
    assert text_of(panel, "value.mmd") == before
    assert text_of(panel, "value.reconstruction") == PENDING


def test_that_the_slider_weighs_the_kl_term_in_the_sum(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    slider = find(panel, QSlider, "betaSlider")
    answer(thread, *VAE)
    QTest.keyClick(slider, Qt.Key.Key_End)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert text_of(panel, "equationBeta") == "β = 100.00"
    assert symbol(panel, "kl").startswith("β ·")
    weight, kl = (number(part) for part in text_of(panel, "value.kl").split(" · "))
    assert (weight, kl) == (100.0, 4.5)
    assert number(text_of(panel, "equationSum")) == pytest.approx(450 + 20.25)
    session.show_model(file, SAVED)
    answer(thread, *VAE)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert text_of(panel, "equationBeta") == "β = 1.00"
    assert number(text_of(panel, "equationSum")) == 24.75


@pytest.mark.parametrize(
    ("family", "weights", "factors", "values"),
    [
        ("beta-vae", {"kl": 4.0}, {"kl": "β ·"}, {"kl": "4 · "}),
        ("info-vae", {"kl": 0.5}, {"kl": "0.5 ·"}, {}),  # that is 1 − α, which no symbol stands for, though α is 0.5 too
        (
            "dfc-vae",
            {"feature": 100.0, "reconstruction": -0.1},
            {"feature": "w ·", "reconstruction": "w_x ·"},
            {"feature": "100 · ", "reconstruction": "0.1 · "},
        ),
    ],
)
def test_that_a_weight_has_its_symbol_and_its_number(
    session: Session,
    panel: EquationPanel,
    analysis: ImageAnalysis,
    thread: FakeModelThread,
    file: ModelFile,
    family: str,
    weights: dict[str, float],
    factors: dict[str, str],
    values: dict[str, str],
) -> None:
    """So that what is under the symbols adds up to the sum."""
    session.show_model(of_family(file, family), SAVED)
    answer(thread, *(ObjectiveTerm(name, weight, 2.0, of_all=False) for name, weight in weights.items()))
    for name, factor in factors.items():
        assert symbol(panel, name).startswith(factor)
        value = text_of(panel, f"value.{name}")
        assert value.startswith(values[name]) if name in values else "·" not in value
        assert value in find(panel, TermBox, f"term.{name}").accessibleName()
    assert number(text_of(panel, "equationSum")) == pytest.approx(2 * sum(weights.values()))


@pytest.mark.parametrize(
    ("family", "symbols"), [("cvae", ["E_q[log p(x|z,c)]", "KL(q(z|x,c) ‖ p(z))"]), ("ae", ["log p(x|z)"])]
)
def test_that_symbols_are_those_of_the_family(
    session: Session,
    panel: EquationPanel,
    analysis: ImageAnalysis,
    thread: FakeModelThread,
    file: ModelFile,
    family: str,
    symbols: list[str],
) -> None:
    """What is given the class says so, and where a code is a point nothing is a mean over q."""
    session.show_model(of_family(file, family), SAVED)
    names = ("reconstruction", "kl")[: len(symbols)]
    answer(thread, *(each for each in VAE if each.name in names))
    assert [symbol(panel, name) for name in names] == symbols


def test_that_a_game_has_terms_and_no_sum(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    session.show_model(of_family(file, "gan"), SAVED)
    answer(thread, ObjectiveTerm("discriminator", None, 1.25, of_all=False, sampled=True))
    assert text_of(panel, "equationAbout") == "a game of"
    assert text_of(panel, "equationSum") == ""
    assert find(panel, QSlider, "betaSlider").parentWidget().isHidden()
    assert "discriminator" in text_of(panel, "equationExplanation")


# The words


def test_that_a_pointed_at_term_is_explained_and_told(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, thread: FakeModelThread, file: ModelFile
) -> None:
    session.show_model(file, SAVED)
    hovered: list[str] = []
    analysis.hovered_term_changed.connect(hovered.append)
    answer(thread, *VAE)
    before, box = text_of(panel, "equationExplanation"), find(panel, QWidget, "term.kl")
    QApplication.sendEvent(box, QEnterEvent(QPointF(4, 4), QPointF(4, 4), QPointF(4, 4)))
    assert text_of(panel, "equationExplanation") == f"{term('kl').title}: {term('kl').help}"
    QApplication.sendEvent(box, QEvent(QEvent.Type.Leave))
    assert text_of(panel, "equationExplanation") == before
    assert hovered == ["kl", ""]


def test_that_each_model_brings_its_own_objective(
    session: Session, panel: EquationPanel, analysis: ImageAnalysis, file: ModelFile
) -> None:
    explained = set()
    for family in ("vae", "beta-vae", "gan"):
        session.show_model(of_family(file, family), SAVED)
        explained.add(find(panel, QLabel, "equationExplanation").text())
    assert len(explained) == 3
