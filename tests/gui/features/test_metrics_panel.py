"""What the panel Best and worst and the colour scale say of a survey, below the window."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeMap, FakeModelThread, FakeWork
from tests.gui.looking import find, number, text_of
from tests.gui.made import SAVED, of_family
from vae_explorer.codes import Codes, Split
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.metrics.colour_presenter import ColourPresenter
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.panel import ExtremesPanel
from vae_explorer.gui.features.metrics.presenter import ExtremesPresenter
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.metric_choice import MetricChoice
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, Ready, Remedy, Working
from vae_explorer.gui.kit.theme import scale_table
from vae_explorer.gui.map.latent_view import LatentView
from vae_explorer.latent.scale import NOT_EXACT, STEPS, UNKNOWN
from vae_explorer.models.model_file import ModelFile

from .metrics import find_all, find_some, newest


@pytest.fixture
def view(application: object) -> FakeMap:
    return FakeMap()


@pytest.fixture
def panel(session: Session, view: FakeMap, qtbot: QtBot) -> ExtremesPanel:
    panel = ExtremesPanel()
    qtbot.addWidget(panel)
    ExtremesPresenter(panel, session, cast("LatentView", view))
    return panel


@pytest.fixture
def bar(session: Session, view: FakeMap) -> Iterator[ColourBar]:
    """The scale, hidden as it is at first, in a window that is not shown; `mapColour` lies in it too."""
    window = QWidget()
    bar = ColourBar("colourBar", scale_table, window)
    bar.hide()
    choice = MetricChoice("mapColour", "By class", "", bar)
    ColourPresenter(choice, bar, cast("LatentView", view), session)
    yield bar
    window.deleteLater()


@pytest.fixture
def survey(session: Session, panel: ExtremesPanel, bar: ColourBar, work: FakeWork) -> MetricSurvey:
    """The survey, with the images at hand, below its panel and its scale."""
    work.run()
    return session.part(MetricSurvey)


@pytest.fixture
def thread(survey_thread: FakeModelThread) -> FakeModelThread:
    return survey_thread


# The states


def test_that_the_panel_goes_through_its_states(survey: MetricSurvey, panel: ExtremesPanel, thread: FakeModelThread) -> None:
    assert isinstance(panel.body.state, NotAtHand)
    survey.choose("elbo")
    assert isinstance(panel.body.state, Working)
    survey.stop()
    assert isinstance(panel.body.state, NotAtHand)
    survey.resume()
    thread.fail("no room for the model", thread.models[-1])
    assert panel.body.state == Failed("no room for the model")
    survey.resume()
    find_all(thread, elbo=np.nan)
    assert isinstance(panel.body.state, Nothing)
    survey.choose("log_evidence")
    find_all(thread, log_evidence=-1.0)
    assert panel.body.state == Ready()


def test_that_missing_images_are_offered(session: Session, panel: ExtremesPanel, work: FakeWork, no_images: None) -> None:
    session.part(MetricSurvey).choose("elbo")
    assert isinstance(panel.body.state, Working)  # the images are being read
    work.run("images")
    assert isinstance(panel.body.state, NotAtHand)
    assert panel.body.state.remedy is Remedy.DOWNLOAD
    find(panel, QPushButton, "extremesNote.remedy").click()
    assert "download" in work.keys


def test_that_a_metric_that_waits_for_the_end_of_a_run_is_said_once(
    session: Session, survey: MetricSurvey, panel: ExtremesPanel, bar: ColourBar, file: ModelFile, notices: list[str]
) -> None:
    survey.choose("elbo")
    for _ in range(3):  # epochs, which have no file
        session.show_model(file)
    assert len(notices) == 1
    assert isinstance(panel.body.state, NotAtHand)
    assert "ELBO" in panel.body.state.reason
    for name, parent in (("extremesMetric", panel), ("mapColour", bar)):
        assert find(parent, QComboBox, name).currentData() == "elbo"


# The panel


def test_that_the_strip_shows_images_and_values_in_their_order(
    session: Session, survey: MetricSurvey, panel: ExtremesPanel, thread: FakeModelThread
) -> None:
    panel.resize(900, 200)
    survey.choose("elbo")
    assert panel.strip.room > 3
    find_some(thread, [4, 2, 9], exact=[True, False, True], elbo=[-30.25, -20.5, -1.125])
    find_all(thread, elbo=[-0.5 if row not in (4, 2, 9) else np.nan for row in newest(thread).rows])
    assert panel.strip.values()[:4] == ["−30.2", "≈−20.5", "−1.12", "−0.500"]
    panel.stepped.emit(1)
    assert text_of(panel, "extremesRank") == f"1 / {survey.progress[1]}"
    panel.strip.chosen.emit(2)
    assert text_of(panel, "extremesRank") == f"3 / {survey.progress[1]}"
    name = session.inspection.name_of(session.part(Extremes).current)
    assert panel.strip.accessibleDescription() == f"{name}: ELBO −1.12 nats"


def test_that_the_strip_follows_the_current_image(
    session: Session, survey: MetricSurvey, panel: ExtremesPanel, thread: FakeModelThread
) -> None:
    panel.resize(900, 200)
    survey.choose("elbo")
    find_all(thread, elbo=-100.0 + np.arange(survey.progress[1]))
    room = panel.strip.room
    for _ in range(room + 2):
        session.part(Extremes).step(1)
    assert [number(value) for value in panel.strip.values()] == pytest.approx(-100.0 + np.arange(2, room + 2), abs=0.06)
    panel.strip.chosen.emit(0)
    assert text_of(panel, "extremesRank").startswith("3 / ")
    find(panel, QComboBox, "extremesOrder").activated.emit(1)
    session.part(Extremes).step(-10_000)
    assert number(panel.strip.values()[0]) == pytest.approx(survey.progress[1] - 101.0)


def test_that_a_step_that_is_refused_says_why(
    session: Session, survey: MetricSurvey, thread: FakeModelThread, notices: list[str]
) -> None:
    session.part(Extremes).step(1)
    survey.choose("elbo")
    find_all(thread, elbo=np.where(newest(thread).rows == 4, -30.0, np.nan))
    for _ in range(2):
        session.part(Extremes).step(1)
    assert len(notices) == 2
    assert notices[0].startswith("Choose a")
    assert notices[1] == "There is no further image in this order."


def test_that_a_step_brings_its_code_into_view(
    session: Session, survey: MetricSurvey, view: FakeMap, thread: FakeModelThread, codes: Codes
) -> None:
    test = np.flatnonzero(codes.split == Split.TEST)
    distance = np.abs(codes.mean[test]).max(axis=1)
    near, far = int(np.argmin(distance)), int(np.argmax(distance))
    survey.choose("elbo")
    find_some(thread, [near, far], elbo=[-30.0, -20.0])
    session.part(Extremes).step(1)
    assert view.centre == (0.0, 0.0)
    session.part(Extremes).step(1)
    assert view.centre == tuple(codes.mean[test[far]].tolist())


def test_that_mean_and_quartiles_are_of_the_exact_values(
    survey: MetricSurvey, panel: ExtremesPanel, thread: FakeModelThread
) -> None:
    survey.choose("elbo")
    values = np.random.default_rng(0).uniform(0, 1, survey.progress[1])
    exact = values > 0.25
    find_all(thread, exact=exact, elbo=np.where(exact, values, 1000.0))
    kept = values[exact]
    error = math.sqrt(((kept - kept.mean()) ** 2).sum() / (len(kept) - 1) / len(kept))
    assert text_of(panel, "extremes.mean") == f"mean {kept.mean():.3f} ± {error:.3f}, of the {len(kept)} exact"
    shown = text_of(panel, "extremes.quartiles").replace("median ", "").split(" ", 1)[1].split(" | ")
    assert [number(part) for part in shown] == pytest.approx(np.quantile(kept, (0.25, 0.5, 0.75)), abs=6e-4)


# The scale


def test_that_the_scale_is_there_for_a_metric_alone(
    survey: MetricSurvey, bar: ColourBar, view: FakeMap, thread: FakeModelThread
) -> None:
    assert bar.isHidden()
    survey.choose("elbo")
    assert not bar.isHidden()
    assert view.steps is not None
    view.codes_item.by_place = True  # as in a comparison
    view.recoloured.emit()
    assert bar.isHidden()
    view.codes_item.by_place = False
    view.recoloured.emit()
    survey.choose("")
    assert bar.isHidden()
    assert view.steps is None


def test_that_ends_and_steps_are_those_of_the_values(
    survey: MetricSurvey, bar: ColourBar, view: FakeMap, thread: FakeModelThread, codes: Codes
) -> None:
    test = np.flatnonzero(codes.split == Split.TEST)
    values = np.random.default_rng(0).normal(-100, 9, len(test))
    exact = np.arange(len(test)) != 7
    survey.choose("elbo")
    assert (text_of(bar, "colourBar.low"), text_of(bar, "colourBar.high")) == ("–", "–")
    find_all(thread, exact=exact, elbo=values)
    low, middle, high = np.quantile(values[exact], (0.01, 0.5, 0.99))
    for name, value in (("low", low), ("middle", middle), ("high", high)):
        assert number(text_of(bar, f"colourBar.{name}")) == pytest.approx(value, abs=0.06)
    shares = np.clip((values - low) / (high - low), 0, 1) ** (np.log(0.5) / np.log((middle - low) / (high - low)))
    assert view.steps is not None
    np.testing.assert_array_equal(view.steps[test][exact], np.minimum(shares * STEPS, STEPS - 1).astype(int)[exact])
    assert view.steps[test[7]] == NOT_EXACT
    assert set(view.steps[codes.split != Split.TEST]) == {UNKNOWN}
    note = text_of(bar, "colourBar.note")
    assert "; 1 orange" in note
    assert "grey: training images" in note


def test_that_the_work_is_counted_stopped_and_resumed(survey: MetricSurvey, bar: ColourBar, thread: FakeModelThread) -> None:
    button = find(bar, QPushButton, "colourBar.button")
    survey.choose("elbo")
    find_some(thread, [0, 1], elbo=-1.0)
    total = survey.progress[1]
    assert (text_of(bar, "colourBar.progress"), button.text()) == (f"2 of {total}", "Stop")
    button.click()
    assert survey.stopped
    assert (text_of(bar, "colourBar.progress"), button.text()) == (f"2 of {total}, stopped", "Go on")
    button.click()
    assert survey.running
    find_all(thread, elbo=-1.0)
    assert (text_of(bar, "colourBar.progress"), button.isHidden()) == (f"{total} of {total}", True)


def test_that_the_choice_holds_the_metrics_of_the_family_and_says_why_there_are_no_more(
    session: Session, survey: MetricSurvey, bar: ColourBar, thread: FakeModelThread, file: ModelFile
) -> None:
    box = find(bar, QComboBox, "mapColour")
    session.show_model(of_family(file, "ae"), SAVED)
    assert [box.itemText(place) for place in range(box.count())] == ["By class", "Reconstruction error"]
    survey.choose("reconstruction_error")
    find_all(thread, reconstruction_error=1.0)
    assert "points" in text_of(bar, "colourBar.note")


def test_that_the_metrics_of_a_conditional_model_are_said_to_be_given_the_class(
    session: Session, survey: MetricSurvey, bar: ColourBar, file: ModelFile
) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    box = find(bar, QComboBox, "mapColour")
    tips = [str(box.itemData(place, Qt.ItemDataRole.ToolTipRole)) for place in range(1, box.count())]
    assert box.itemText(1) == "log p(x|c)"
    assert tips[0].startswith("log ∫ p(x|z,c) p(z) dz")
    assert not any(words in tip for tip in tips for words in ("(x)", "(x|z)", "(z|x)"))
