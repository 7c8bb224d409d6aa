"""What the evidence panel says of the analysed image, below the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeModelThread, FakeWork
from tests.gui.looking import find, text_of
from tests.gui.made import SEEN, a_drawing, answer_analysis, made_evidence, made_images_of, made_posterior, of_family
from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.gui.core import data_images
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.help import PENDING, analysis_help
from vae_explorer.gui.features.evidence.panel import EvidencePanel
from vae_explorer.gui.features.evidence.presenter import EvidencePresenter
from vae_explorer.gui.features.evidence.state import ImageAnalysis
from vae_explorer.gui.features.evidence.thread import (
    EVIDENCE,
    POSTERIOR,
    EvidenceAnalysis,
    PosteriorAnalysis,
)
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, Ready, Remedy, Working
from vae_explorer.kinds import Binarised
from vae_explorer.models.card import measured_by
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def thread(analysis_thread: FakeModelThread) -> FakeModelThread:
    return analysis_thread


Present = Callable[[], EvidencePanel]


@pytest.fixture
def present(session: Session, qtbot: QtBot) -> Present:
    def make() -> EvidencePanel:
        panel = EvidencePanel()
        qtbot.addWidget(panel)
        EvidencePresenter(panel, session)
        panel.visibility_changed.emit(True)
        return panel

    return make


def number(panel: EvidencePanel, name: str) -> float:
    return float(text_of(panel, f"evidence.{name}").replace("−", "-"))


def numbers(panel: EvidencePanel) -> set[str]:
    """The texts of all numbers."""
    names = {row.objectName() for row in panel.findChildren(QLabel) if row.objectName().startswith("evidence.")}
    return {text_of(panel, name) for name in names}


def answer_all(thread: FakeModelThread, found: EvidenceAnalysis, posterior: PosteriorAnalysis | None = None) -> None:
    answer_analysis(thread, thread.newest(POSTERIOR), posterior)
    answer_analysis(thread, thread.newest(EVIDENCE), found)


def test_that_the_panel_works_until_its_numbers_are_there(
    analysis: ImageAnalysis, thread: FakeModelThread, present: Present
) -> None:
    panel = present()
    assert isinstance(panel.body.state, Working)
    found = made_evidence(-100.0, amortisation=0.5)
    answer_all(thread, found)
    assert isinstance(panel.body.state, Ready)
    for name in ("log_evidence", "elbo", "reconstruction", "kl", "posterior_kl"):
        assert number(panel, name) == pytest.approx(float(getattr(found.evidence, name)[0]), abs=1e-4)
    assert (number(panel, "approximation"), number(panel, "amortisation")) == (0.25, 0.5)
    assert text_of(panel, "evidence.residual") == "0"
    assert text_of(panel, "evidence.step") == "1e−05"


def test_that_both_bars_are_as_long_as_the_elbo(analysis: ImageAnalysis, thread: FakeModelThread, present: Present) -> None:
    panel = present()
    answer_all(thread, made_evidence(-100.0, amortisation=0.5))
    first, second = panel.bars()
    assert sum(part.value for part in first) == pytest.approx(100.75)
    assert [part.value for part in second] == pytest.approx([100.0, 0.25, 0.5])
    analysis.watch(EVIDENCE, False)
    analysis.watch(EVIDENCE, True)
    answer_all(thread, made_evidence(+100.0))  # a density of grey pixels
    assert panel.bars() == ()


@pytest.mark.parametrize(("likelihood", "bits"), [("discretised-logistic", "6.763"), ("gaussian", None)])
def test_that_log_p_is_in_bits_too_where_the_likelihood_is_of_8_bit_pixels(
    likelihood: str,
    bits: str | None,
    session: Session,
    analysis: ImageAnalysis,
    file: ModelFile,
    thread: FakeModelThread,
    present: Present,
) -> None:
    spec = replace(file.card.spec, likelihood=likelihood)
    session.show_model(replace(file, card=replace(file.card, spec=spec, binarised=Binarised.NONE)), Path("m.safetensors"))
    panel = present()
    answer_all(thread, made_evidence(-300.0))  # 300 / (64 ln 2) = 6.763
    assert number(panel, "log_evidence") == -300.0
    row = find(panel, QLabel, "evidence.log_evidence_bits")
    assert row.isVisibleTo(panel) is (bits is not None)
    assert row.text() == (bits or "–")
    assert ("a probability of 8-bit pixels" in panel.body.state.note) is (bits is not None)
    analysis.set_drawing(a_drawing(), ~SEEN)
    answer_all(thread, made_evidence(-300.0), made_posterior(hidden=True))
    assert row.text() == "–"


def test_that_the_numbers_of_an_image_go_when_another_one_comes(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, present: Present
) -> None:
    panel = present()
    answer_all(thread, made_evidence())
    session.inspection.hold(9)
    assert numbers(panel) == {PENDING}
    assert isinstance(panel.body.state, Working)
    assert text_of(panel, "evidenceSubject.subject") == analysis.subject.code
    answer_all(thread, made_evidence(-50.0))
    assert number(panel, "log_evidence") == -50.0


def test_that_missing_images_are_offered_and_the_download_is_said(
    session: Session, work: FakeWork, present: Present, monkeypatch: pytest.MonkeyPatch, codes: Codes
) -> None:
    session.inspection.hold(3)
    panel = present()
    assert isinstance(panel.body.state, Working)  # the images are being read

    def refuse(*_: object) -> Dataset:
        raise OSError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(data_images, "load_dataset", refuse)
        work.run("images")
    assert panel.body.state == Failed("OSError: no disk", Remedy.DOWNLOAD)
    find(panel, QPushButton, "evidenceNote.remedy").click()
    assert "download" in work.keys
    assert isinstance(panel.body.state, Working)
    monkeypatch.setattr(data_images, "load_dataset", lambda *_: made_images_of(codes))
    work.run("download")
    assert isinstance(panel.body.state, Working)  # the evidence is being computed now


def test_that_a_panel_without_an_inspected_code_says_what_to_do(session: Session, present: Present) -> None:
    assert isinstance(present().body.state, NotAtHand)


def test_that_a_family_without_evidence_says_why(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, present: Present, file: ModelFile
) -> None:
    panel = present()
    answer_all(thread, made_evidence())
    session.show_model(of_family(file, "gan"), Path("gan.safetensors"))
    assert panel.body.state == Nothing(analysis_help()["no evidence"].format(analysis.why_no_evidence))
    assert numbers(panel) == {"–"}
    assert panel.bars() == ()


def test_that_a_failure_takes_the_numbers_away_and_is_said(
    analysis: ImageAnalysis, thread: FakeModelThread, present: Present
) -> None:
    panel = present()
    thread.fail("no room for the model", thread.models[-1])
    assert panel.body.state == Failed("no room for the model")
    assert numbers(panel) == {"–"}


def test_that_the_evidence_of_a_conditional_model_is_said_to_be_given_the_class(
    session: Session, analysis: ImageAnalysis, present: Present, file: ModelFile
) -> None:
    panel = present()
    for model, title in ((of_family(file, "cvae"), "= log p(x|c)"), (file, "= log p(x)")):
        session.show_model(model, Path("model.safetensors"))
        assert text_of(panel, "evidenceTitle.log_evidence") == title


@pytest.mark.parametrize(
    ("binarised", "drawn", "hidden", "step", "note"),
    [
        (Binarised.NONE, False, False, 1e-5, "exact"),
        (Binarised.DYNAMIC, False, False, 1e-5, "exact, binarised"),
        (Binarised.DYNAMIC, True, False, 1e-5, "exact, halved"),
        (Binarised.DYNAMIC, True, True, 1e-5, "exact, hidden"),
        (Binarised.NONE, False, False, 0.01, "not exact"),
    ],
)
def test_that_the_note_says_which_image_the_numbers_are_of(
    session: Session,
    analysis: ImageAnalysis,
    thread: FakeModelThread,
    present: Present,
    file: ModelFile,
    binarised: Binarised,
    drawn: bool,
    hidden: bool,
    step: float,
    note: str,
) -> None:
    session.show_model(replace(file, card=replace(file.card, binarised=binarised)), Path("model.safetensors"))
    panel = present()
    if drawn:
        analysis.set_drawing(a_drawing(), SEEN | hidden)
    answer_all(thread, made_evidence(step=step), made_posterior(hidden=hidden))
    basis = measured_by(replace(file.card, binarised=binarised))
    assert panel.body.state == Ready(analysis_help()[note].format(basis=basis))


@pytest.mark.parametrize(
    ("family", "gap", "said"), [("vae", -0.1, False), ("iaf-vae", -0.1, True), ("iaf-vae", -0.0005, False)]
)
def test_that_a_flow_that_beats_every_gaussian_is_said_to(
    session: Session,
    analysis: ImageAnalysis,
    thread: FakeModelThread,
    present: Present,
    file: ModelFile,
    family: str,
    gap: float,
    said: bool,
) -> None:
    session.show_model(of_family(file, family), Path("model.safetensors"))
    panel = present()
    answer_all(thread, made_evidence(amortisation=gap))
    assert (analysis_help()["below 0"] in text_of(panel, "evidenceNote")) is said


def test_that_the_subject_is_named_and_can_be_changed(
    session: Session, analysis: ImageAnalysis, thread: FakeModelThread, present: Present, file: ModelFile
) -> None:
    panel = present()
    switch, zoom = (find(panel, QPushButton, f"evidenceSubject.{name}") for name in ("switch", "zoom"))
    assert switch.isHidden()
    assert not zoom.isEnabled()
    answer_analysis(thread, thread.newest(POSTERIOR))
    assert zoom.isEnabled()
    analysis.set_drawing(a_drawing(), ~SEEN)
    assert text_of(panel, "evidenceSubject.subject") == "your drawing, partly hidden"
    switch.click()
    assert text_of(panel, "evidenceSubject.subject") == analysis.subject.code
    switch.click()
    assert analysis.subject.is_drawing
    session.show_model(of_family(file, "cvae"), Path("cvae.safetensors"))
    assert text_of(panel, "evidenceSubject.subject") == f"your drawing as {file.card.classes[0]}, partly hidden"
    assert not zoom.isHidden()
    session.show_model(of_family(file, "gan"), Path("gan.safetensors"))
    assert zoom.isHidden()
