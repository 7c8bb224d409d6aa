"""What the health panel says of a model's codes, below the window."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeRuns, FakeWork
from tests.gui.looking import PATIENCE, find, number, text_of
from tests.gui.made import SAVED, of_family, without_codes
from vae_explorer import locations
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.evidence.help import PENDING
from vae_explorer.gui.features.health import presenter as module
from vae_explorer.gui.features.health import state as health_state
from vae_explorer.gui.features.health.panel import HealthPanel
from vae_explorer.gui.features.health.presenter import HealthPresenter
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.panel_state import Failed, NotAtHand, Nothing, PanelState, Ready, Working
from vae_explorer.gui.kit.state_line import StateLine
from vae_explorer.kinds import Binarised
from vae_explorer.models.model_file import ModelFile
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Failed as RunFailed

SURGERY: dict[str, str] = json.loads((locations.resources() / "help" / "surgery.json").read_text("utf-8"))
HEALTH, SPLIT = "health", "surgery"  # keys of the jobs


@pytest.fixture
def panel(session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> HealthPanel:
    """The panel. Measuring begins with the next turn of the event loop."""
    monkeypatch.setattr(module, "MEASURE_AFTER_MS", 0)
    panel = HealthPanel()
    qtbot.addWidget(panel)
    HealthPresenter(panel, session)
    return panel


def show(qtbot: QtBot, session: Session, work: FakeWork, file: ModelFile, path: Path | None = SAVED) -> None:
    """Show a model, and wait until its codes are about to be measured."""
    work.run()
    session.show_model(file, path)
    qtbot.waitUntil(lambda: HEALTH in work.keys, timeout=PATIENCE)


def state_of(panel: HealthPanel, name: str) -> PanelState:
    line = find(panel, QLabel, name).parentWidget()
    assert isinstance(line, StateLine)
    return line.state


def numbers(panel: HealthPanel, row: str) -> list[str]:
    return [text_of(panel, f"health.{row}.{axis}") for axis in (1, 2)]


def test_that_the_numbers_are_those_of_the_codes(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, codes: Codes, qtbot: QtBot
) -> None:
    show(qtbot, session, work, file)
    assert isinstance(state_of(panel, "healthNote"), Working)
    assert numbers(panel, "kl") == [PENDING, PENDING]
    work.run()
    mean, std = codes.mean.astype(float), codes.std.astype(float)
    kl = 0.5 * (mean**2 + std**2 - 1 - 2 * np.log(std))
    for axis in (0, 1):
        assert number(numbers(panel, "kl")[axis]) == pytest.approx(kl[:, axis].mean(), abs=0.006)
        assert number(numbers(panel, "mean")[axis]) == pytest.approx(mean[:, axis].mean(), abs=0.006)
    assert numbers(panel, "active") == ["yes", "yes"]
    assert state_of(panel, "healthNote") == Ready()
    assert text_of(panel, "healthSentence").startswith("Both dimensions are in use")


def test_that_the_parts_of_the_kl_term_add_up(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, codes: Codes, qtbot: QtBot
) -> None:
    show(qtbot, session, work, file)
    assert isinstance(state_of(panel, "surgerySentence"), Working)
    work.run()
    mean, std = codes.mean.astype(float), codes.std.astype(float)
    closed = 0.5 * (mean**2 + std**2 - 1 - 2 * np.log(std)).sum(axis=1).mean()
    parts = {name: number(text_of(panel, f"surgery.{name}")) for name in ("mean_kl", "information", "marginal_kl")}
    assert parts["mean_kl"] == pytest.approx(closed, abs=1e-3)
    assert parts["information"] + parts["marginal_kl"] == pytest.approx(parts["mean_kl"], abs=2.5e-3)
    assert isinstance(state_of(panel, "surgerySentence"), Ready)


@pytest.mark.parametrize(("binarised", "is_grey"), [(Binarised.DYNAMIC, True), (Binarised.NONE, False)])
def test_that_codes_of_grey_images_are_said_to_differ_from_the_training(
    session: Session,
    panel: HealthPanel,
    work: FakeWork,
    file: ModelFile,
    binarised: Binarised,
    is_grey: bool,
    qtbot: QtBot,
) -> None:
    show(qtbot, session, work, replace(file, card=replace(file.card, binarised=binarised)))
    work.run()
    assert (SURGERY["grey"] in text_of(panel, "surgerySentence")) is is_grey


def test_that_the_sentence_waits_for_the_distance_to_the_prior(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, qtbot: QtBot
) -> None:
    show(qtbot, session, work, file)
    work.run(HEALTH)
    assert "is being computed" in text_of(panel, "healthSentence")
    work.run(SPLIT)
    marginal = number(text_of(panel, "surgery.marginal_kl"))
    assert f"is {marginal:.2f} nats" in text_of(panel, "healthSentence")
    show(qtbot, session, work, replace(file, codes=replace(file.codes)))
    work.run(SPLIT)
    assert isinstance(state_of(panel, "healthNote"), Working)  # mean and std of this model are still unknown


@pytest.mark.parametrize("family", ["ae", "gan", "iaf-vae"])
def test_that_a_family_without_gaussians_has_no_kl_term_to_split(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, family: str, qtbot: QtBot
) -> None:
    made = of_family(file, family)
    show(qtbot, session, work, made)
    assert SPLIT not in work.keys
    work.run()
    assert state_of(panel, "surgerySentence") == Nothing(SURGERY[str(made.card.family.posterior)])
    assert numbers(panel, "kl") == ["–", "–"]
    assert state_of(panel, "healthNote") == Ready()


def test_that_a_model_without_codes_or_with_far_codes_says_so(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, qtbot: QtBot
) -> None:
    show(qtbot, session, work, without_codes(file))
    work.run()
    assert isinstance(state_of(panel, "healthNote"), Nothing)
    assert state_of(panel, "surgerySentence") == Nothing(SURGERY["no codes"])
    far = replace(file.codes, mean=np.full_like(file.codes.mean, 1e30))
    show(qtbot, session, work, replace(file, codes=far))
    assert state_of(panel, "surgerySentence") == Nothing(SURGERY["far"])


def test_that_results_of_an_older_model_are_dropped(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, qtbot: QtBot
) -> None:
    show(qtbot, session, work, file)
    session.show_model(of_family(file, "ae"), SAVED)
    session.show_model(replace(file, codes=replace(file.codes)), SAVED)
    work.run(HEALTH, SPLIT)
    assert numbers(panel, "kl") == [PENDING, PENDING]
    assert text_of(panel, "surgery.mean_kl") == PENDING
    qtbot.waitUntil(lambda: HEALTH in work.keys, timeout=PATIENCE)
    work.run()
    assert number(numbers(panel, "kl")[0]) > 0


def test_that_the_numbers_of_a_run_stay_until_those_of_the_next_epoch_come(
    session: Session, panel: HealthPanel, work: FakeWork, runs: FakeRuns, file: ModelFile, qtbot: QtBot
) -> None:
    session.part(TrainingState).start(TrainConfig(epochs=9))
    show(qtbot, session, work, file, path=None)
    work.run()
    first = numbers(panel, "mean")
    assert state_of(panel, "surgerySentence") == NotAtHand(SURGERY["training"])
    moved = replace(file.codes, mean=file.codes.mean + np.float32(1))
    show(qtbot, session, work, replace(file, codes=moved), path=None)
    assert numbers(panel, "mean") == first
    work.run()
    shift = [number(after) - number(before) for before, after in zip(first, numbers(panel, "mean"), strict=True)]
    assert shift == pytest.approx([1, 1], abs=0.011)
    runs.newest.end(RunFailed("stopped", cancelled=True))


def test_that_work_that_fails_is_said_in_one_line(
    session: Session,
    panel: HealthPanel,
    work: FakeWork,
    file: ModelFile,
    problems: list[str],
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError("out of memory")

    for name in ("health", "surgery"):
        monkeypatch.setattr(health_state, name, refuse)
    show(qtbot, session, work, file)
    work.run()
    for name in ("healthNote", "surgerySentence"):
        assert state_of(panel, name) == Failed("MemoryError: out of memory")
    assert problems == ["MemoryError: out of memory"] * 2


def test_that_a_verdict_stands_without_the_distance_to_the_prior(
    session: Session, panel: HealthPanel, work: FakeWork, file: ModelFile, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(health_state, "surgery", refuse)
    show(qtbot, session, work, file)
    work.run()
    assert state_of(panel, "healthNote") == Ready()
    assert "is not known" in text_of(panel, "healthSentence")
