"""A training run below the window: its news, its ends, its model on the map or aside, and what the panel says."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import cast

import pytest
from PySide6.QtWidgets import QProgressBar, QPushButton
from pytestqt.qtbot import QtBot

from tests.gui.fakes import FakeRuns, FakeTrainingChild, FakeWork
from tests.gui.looking import PATIENCE, find, text_of
from vae_explorer import locations
from vae_explorer.gui.core import activity
from vae_explorer.gui.core.activity import Activity
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.state import OpenModel
from vae_explorer.gui.features.training.child import TrainingChild
from vae_explorer.gui.features.training.panel import TrainingPanel
from vae_explorer.gui.features.training.presenter import TrainingPresenter
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import Progress, TrainingState
from vae_explorer.gui.features.training.thread import TrainThread
from vae_explorer.kinds import Part
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import ModelFile, read_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import (
    DownloadProgressed,
    EpochDone,
    Failed,
    Finished,
    Started,
    StepDone,
    TrainEvent,
)

CORES = os.cpu_count() or 2


@pytest.fixture
def training(session: Session) -> TrainingState:
    return session.part(TrainingState)


@pytest.fixture
def file(session: Session) -> ModelFile:
    """The model of the run."""
    assert session.model is not None
    return replace(session.model.file, card=replace(session.model.card, name="run"))


def epoch(number: int, snapshot: ModelFile | None = None) -> EpochDone:
    """The news of an epoch with ELBO −100 + `number` nats."""
    value = {"elbo": number - 100.0}
    return EpochDone(number, 9, 0.1, value, value, Part.TEST, snapshot)


def progress_of(training: TrainingState) -> Progress:
    assert training.progress is not None
    return training.progress


def take_snapshot(qtbot: QtBot, session: Session, runs: FakeRuns, file: ModelFile) -> OpenModel:
    """Let a run begin and say its first epoch, whose model appears on the map."""
    session.part(TrainingState).start(TrainConfig(epochs=9))
    with qtbot.waitSignal(session.model_changed, timeout=PATIENCE) as shown:
        runs.newest.say(epoch(1, file))
    assert shown.args is not None
    return cast("OpenModel", shown.args[0])


def open_another(session: Session, work: FakeWork) -> OpenModel:
    """Open the digits model from its file, as a person does."""
    session.opener.open(pretrained_models()["digits-vae"])
    work.run("model")
    assert session.model is not None
    assert session.model.path is not None
    return session.model


# News


def test_that_news_of_a_run_add_up_to_its_progress(training: TrainingState, runs: FakeRuns) -> None:
    training.start(TrainConfig(epochs=9))
    assert progress_of(training).note == "starting…"
    runs.newest.say(DownloadProgressed("t10k.gz", 500_000, 2_000_000))
    assert (progress_of(training).note, progress_of(training).fraction) == ("downloading t10k.gz · 0.5 of 2.0 MB", 0.25)
    runs.newest.say(Started(9, 90, "cpu"))
    assert (progress_of(training).device, progress_of(training).fraction) == ("cpu", 0.0)
    runs.newest.say(StepDone(30, 90, 3, seconds=10.0))
    told = progress_of(training)
    assert (told.note, told.epoch, told.fraction, told.seconds_left) == ("epoch 3 of 9", 3, pytest.approx(1 / 3), 20.0)
    runs.newest.say(epoch(1), epoch(2))
    assert progress_of(training).curves == {"train_elbo": (-99.0, -98.0), "test_elbo": (-99.0, -98.0)}


def test_that_events_that_come_together_are_told_once(training: TrainingState, runs: FakeRuns, qtbot: QtBot) -> None:
    training.start(TrainConfig(epochs=9))
    told: list[Progress] = []
    training.changed.connect(told.append)
    with qtbot.waitSignal(training.changed, timeout=PATIENCE):
        runs.newest.say(epoch(1), epoch(2), epoch(3))
    assert [len(progress.curves["test_elbo"]) for progress in told] == [3]


def test_that_of_two_snapshots_that_come_together_the_newer_one_is_shown(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, qtbot: QtBot
) -> None:
    newer = replace(file)
    training.start(TrainConfig(epochs=9))
    with qtbot.waitSignal(session.model_changed, timeout=PATIENCE) as shown:
        runs.newest.say(epoch(1, file), epoch(2, newer))
    assert shown.args is not None
    assert shown.args[0].file is newer


def test_that_one_run_at_a_time_is_trained(training: TrainingState, runs: FakeRuns) -> None:
    for _ in range(2):
        training.start(TrainConfig(epochs=9))
    assert len(runs.threads) == 1


def test_that_a_run_takes_all_cores_but_one_while_the_person_is_at_work(
    session: Session, runs: FakeRuns, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "IDLE_AFTER", 1)
    watched = Activity(session)
    training = TrainingState(watched, None, session)
    training.start(TrainConfig(epochs=9))
    watched.mark_busy()
    qtbot.waitUntil(lambda: not watched.busy, timeout=PATIENCE)
    assert runs.newest.threads == [CORES, max(1, CORES - 1), CORES]
    runs.newest.end(Failed("stopped", cancelled=True))
    training.start(TrainConfig(epochs=9, threads=2))
    assert runs.newest.threads == []


# The child that waits


def test_that_a_run_takes_the_child_that_waits_for_it(training: TrainingState, runs: FakeRuns) -> None:
    for _ in range(2):
        training.warm_up()
    training.start(TrainConfig(epochs=9))
    assert len(runs.children) == 1
    assert runs.newest.child is runs.children[0]


def test_that_a_child_that_died_waiting_is_replaced(training: TrainingState, runs: FakeRuns) -> None:
    training.warm_up()
    runs.children[0].alive = False
    training.warm_up()
    assert len(runs.children) == 2
    runs.children[1].alive = False
    training.start(TrainConfig(epochs=9))
    assert runs.newest.child is None  # the thread makes a child of its own


def test_that_the_end_of_the_workspace_ends_child_and_run(training: TrainingState, runs: FakeRuns) -> None:
    training.warm_up()
    training.shut_down()
    assert not runs.children[0].alive
    training.start(TrainConfig(epochs=9))
    training.shut_down()
    assert runs.newest.orders == ["start", "kill"]


# Ends


@pytest.mark.parametrize(
    ("has_snapshot", "last", "note", "failure"),
    [
        (False, Failed("no GPU"), "failed", "no GPU"),
        (False, Failed("training was stopped", cancelled=True), "stopped", ""),
        (True, Failed("the process ended"), "stopped early: the process ended; kept the last snapshot", ""),
        (True, Failed("training was stopped", cancelled=True), "stopped", ""),
    ],
)
def test_that_a_run_that_breaks_off_keeps_its_last_snapshot(
    training: TrainingState, runs: FakeRuns, file: ModelFile, has_snapshot: bool, last: Failed, note: str, failure: str
) -> None:
    ended: list[Finished | Failed] = []
    training.ended.connect(ended.append)
    training.start(TrainConfig(epochs=9))
    if has_snapshot:
        runs.newest.say(epoch(1, file))
    runs.newest.end(last)
    assert (progress_of(training).note, progress_of(training).failure) == (note, failure)
    assert not training.running
    assert [isinstance(event, Finished) and event.model is file for event in ended] == [has_snapshot]


def test_that_a_run_that_breaks_off_keeps_no_snapshot_of_the_run_before(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, problems: list[str], qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    runs.newest.end(Finished(file, stopped=True))
    training.start(TrainConfig(epochs=9))
    runs.newest.end(Failed("no GPU"))
    assert progress_of(training).failure == "no GPU"
    assert problems == ["no GPU"]


@pytest.mark.parametrize(
    ("stopped", "reason", "note", "fraction"),
    [(False, "", "finished", 1.0), (True, "", "stopped", 0.5), (False, "no number", "stopped early: no number", 0.5)],
)
def test_that_the_note_says_how_a_run_has_ended(
    training: TrainingState, runs: FakeRuns, file: ModelFile, stopped: bool, reason: str, note: str, fraction: float
) -> None:
    training.start(TrainConfig(epochs=9))
    runs.newest.say(StepDone(45, 90, 5, seconds=10.0))
    runs.newest.end(Finished(file, stopped=stopped, reason=reason))
    told = progress_of(training)
    assert (told.note, told.fraction, told.seconds_left, told.running) == (note, fraction, None, False)


def test_that_a_run_that_does_not_stop_is_ended_after_a_while(training: TrainingState, runs: FakeRuns, qtbot: QtBot) -> None:
    training.start(TrainConfig(epochs=9))
    training.stop(patience=1)
    runs.newest.say(StepDone(45, 90, 5, seconds=10.0))
    assert progress_of(training).note == "stopping…"
    qtbot.waitUntil(lambda: runs.newest.orders == ["start", "stop", "kill"], timeout=PATIENCE)


def test_that_a_run_that_was_stopped_before_its_first_step_leaves_no_model_and_no_error(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, problems: list[str]
) -> None:
    before = session.model
    training.start(TrainConfig(epochs=9))
    training.stop()
    runs.newest.end(Finished(file, stopped=True, untrained=True))
    assert progress_of(training).note == "stopped"
    assert session.model is before
    assert not problems
    assert not [key for key in work.keys if key.startswith("write")]


# The thread, and its child


def test_that_a_child_that_is_killed_says_so_by_its_status() -> None:
    child = TrainingChild()
    assert child.is_alive()
    child.kill()
    assert list(child.events()) == []
    assert child.wait()[0] == -signal.SIGKILL
    assert not child.is_alive()


def said_by(thread: TrainThread) -> list[TrainEvent]:
    """What the thread says while it runs, here on the thread of the test."""
    said: list[TrainEvent] = []
    thread.event_received.connect(said.append)
    thread.run()
    return said


def made_thread(child: FakeTrainingChild) -> TrainThread:
    return TrainThread(TrainConfig(epochs=9), None, cast("TrainingChild", child))


def test_that_the_thread_says_what_its_child_says(file: ModelFile) -> None:
    events = (Started(9, 90, "cpu"), Finished(file, stopped=False))
    assert said_by(made_thread(FakeTrainingChild(*events))) == [*events]


def test_that_a_child_that_dies_is_a_failure_with_its_last_words() -> None:
    started = Started(9, 90, "cpu")
    _, failed = said_by(made_thread(FakeTrainingChild(started, status=-9, words="Killed")))
    assert isinstance(failed, Failed)
    assert failed.message.startswith("the training process ended with status -9")
    assert "\n" not in failed.message
    assert (failed.details, failed.cancelled) == ("Killed", False)


def test_that_orders_before_the_child_has_its_config_reach_it() -> None:
    stopped, killed = FakeTrainingChild(status=-9), FakeTrainingChild(status=-9)
    thread = made_thread(stopped)
    thread.set_threads(1)
    thread.stop()
    (failed,) = said_by(thread)
    assert stopped.orders == [TrainConfig(epochs=9), 1, "stop"]
    assert failed == Failed("training was stopped", "", cancelled=True)
    thread = made_thread(killed)
    thread.kill()
    said_by(thread)
    assert killed.orders == [TrainConfig(epochs=9), "kill"]


def test_that_a_child_that_cannot_be_started_fails_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> TrainingChild:
        raise OSError("no memory")

    monkeypatch.setattr("vae_explorer.gui.features.training.thread.TrainingChild", refuse)
    (failed,) = said_by(TrainThread(TrainConfig(epochs=9), None))
    assert isinstance(failed, Failed)
    assert failed.message == "training could not be started (no memory); free some memory or disk space and try again"


# The model of the run


def test_that_the_model_of_a_run_that_has_ended_is_on_the_map_and_saved(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    last = replace(file, codes=replace(file.codes, mean=file.codes.mean + 1))
    runs.newest.end(Finished(last, stopped=False))
    work.run()
    assert session.model is not None
    assert session.model.file is last
    assert session.model.path is not None
    assert session.model.path.parent == locations.runs()
    assert progress_of(training).note == f"finished, saved as {session.model.path.stem}"
    assert read_model_file(session.model.path).card.name == "run"


def test_that_a_model_that_is_opened_beside_a_run_stays_until_the_run_is_asked_for(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    opened = open_another(session, work)
    newer = replace(file)
    with qtbot.waitSignal(training.changed, timeout=PATIENCE):
        runs.newest.say(epoch(2, newer))
    assert training.aside
    assert session.model is opened
    session.part(RunModel).show()
    assert session.model is not None
    assert session.model.file is newer
    assert not training.aside
    with qtbot.waitSignal(session.model_changed, timeout=PATIENCE):
        runs.newest.say(epoch(3, replace(file)))


def test_that_a_run_that_ends_aside_is_saved_and_can_still_be_shown(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    opened = open_another(session, work)
    runs.newest.end(Finished(file, stopped=True))
    work.run()
    assert session.model is opened
    (path,) = locations.runs().iterdir()
    session.part(RunModel).show()
    assert session.model is not None
    assert (session.model.file, session.model.path) == (file, path)
    assert not training.aside


def test_that_a_run_shown_before_its_file_is_written_knows_its_file_later(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    open_another(session, work)
    training.ended.connect(session.part(RunModel).show)  # as quick as can be
    runs.newest.end(Finished(file, stopped=True))
    assert session.model is not None
    assert session.model.path is None
    work.run()
    assert session.model.path is not None
    assert session.model.path.parent == locations.runs()


def test_that_a_run_that_breaks_off_aside_before_its_first_snapshot_offers_nothing(
    session: Session, training: TrainingState, runs: FakeRuns, work: FakeWork, problems: list[str]
) -> None:
    training.start(TrainConfig(epochs=9))
    opened = open_another(session, work)
    assert training.aside
    runs.newest.end(Failed("the training process ended"))
    assert not training.aside
    session.part(RunModel).show()
    assert session.model is opened
    assert problems == ["the training process ended"]


def test_that_a_new_run_forgets_the_one_that_ended_aside(
    session: Session, training: TrainingState, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    open_another(session, work)
    runs.newest.end(Finished(file, stopped=True))
    work.run()
    second = replace(file)
    take_snapshot(qtbot, session, runs, second)
    open_another(session, work)
    shown: list[OpenModel] = []
    session.model_changed.connect(shown.append)
    session.part(RunModel).show()
    assert [model.file for model in shown] == [second]
    assert [model.path for model in shown] == [None]


def test_that_a_run_whose_end_has_a_reason_says_it(
    session: Session, runs: FakeRuns, file: ModelFile, problems: list[str], qtbot: QtBot
) -> None:
    take_snapshot(qtbot, session, runs, file)
    runs.newest.end(Failed("the training process ended"))
    assert problems == ["Training stopped early: the training process ended; kept the last snapshot"]


# The panel


@pytest.fixture
def panel(session: Session, qtbot: QtBot) -> TrainingPanel:
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    TrainingPresenter(panel, session)
    return panel


def test_that_the_panel_follows_a_run_to_its_end(
    panel: TrainingPanel, training: TrainingState, runs: FakeRuns, file: ModelFile, qtbot: QtBot
) -> None:
    stop, bar = find(panel, QPushButton, "trainStop"), find(panel, QProgressBar, "trainProgress")
    training.start(TrainConfig(epochs=9))
    assert not stop.isHidden()
    with qtbot.waitSignal(training.changed, timeout=PATIENCE):
        runs.newest.say(StepDone(45, 90, 5, seconds=100.0))
    assert text_of(panel, "trainNote") == "epoch 5 of 9\n1 min 40 s left"
    assert bar.value() == pytest.approx(bar.maximum() / 2, abs=1)
    stop.click()
    assert runs.newest.orders == ["start", "stop"]
    runs.newest.end(Finished(file, stopped=True))
    assert text_of(panel, "trainNote") == "stopped"
    assert stop.isHidden()


def test_that_the_panel_offers_a_run_that_is_aside(
    panel: TrainingPanel, session: Session, runs: FakeRuns, file: ModelFile, work: FakeWork, qtbot: QtBot
) -> None:
    button = find(panel, QPushButton, "trainShowRun")
    take_snapshot(qtbot, session, runs, file)
    assert button.isHidden()
    open_another(session, work)
    assert not button.isHidden()
    button.click()
    assert button.isHidden()
    assert session.model is not None
    assert session.model.file is file


def test_that_a_panel_that_comes_later_shows_the_run_too(
    session: Session, training: TrainingState, runs: FakeRuns, qtbot: QtBot
) -> None:
    training.start(TrainConfig(epochs=9))
    runs.newest.end(Failed("no GPU"))
    panel = TrainingPanel()
    qtbot.addWidget(panel)
    TrainingPresenter(panel, session)
    assert text_of(panel, "trainState") == "This failed: no GPU"
