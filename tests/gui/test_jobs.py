"""Background jobs: which of them run, wait and are heard."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from vae_explorer.data.base import DataMissing
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs

from .looking import PATIENCE


class Task:
    """Waits until it may go on, then returns its name."""

    def __init__(self, name: str, waits: bool = False) -> None:
        self.name, self.may_go_on = name, threading.Event()
        if not waits:
            self.may_go_on.set()

    def __call__(self, report: Report, should_stop: ShouldStop) -> str:
        assert self.may_go_on.wait(PATIENCE / 1000)
        return self.name


@pytest.fixture
def jobs(application: QApplication) -> Iterator[Jobs]:
    owner = QObject()
    jobs = Jobs(owner)
    yield jobs
    jobs.shut_down()


def wait(jobs: Jobs, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not jobs.busy, timeout=PATIENCE)


def test_that_the_newest_job_of_a_key_is_heard_alone(jobs: Jobs, qtbot: QtBot) -> None:
    heard: list[str] = []
    first = Task("first", waits=True)
    for task in (first, Task("second"), Task("third")):
        jobs.run("key", task).done.connect(heard.append)
    first.may_go_on.set()
    wait(jobs, qtbot)
    assert heard == ["third"]


def test_that_queued_jobs_of_a_key_are_all_heard_in_order(jobs: Jobs, qtbot: QtBot) -> None:
    heard: list[str] = []
    first = Task("first", waits=True)
    for task in (first, Task("second"), Task("third")):
        jobs.queue("key", task).done.connect(heard.append)
    first.may_go_on.set()
    wait(jobs, qtbot)
    assert heard == ["first", "second", "third"]


def test_that_a_job_that_is_put_off_runs_once_the_decoder_has_started(jobs: Jobs, qtbot: QtBot) -> None:
    heard: list[str] = []
    jobs.run("key", Task("old"), after_decoder=True).done.connect(heard.append)
    jobs.run("key", Task("new"), after_decoder=True).done.connect(heard.append)
    assert jobs.has("key")
    assert not jobs.is_running("key")
    jobs.start_postponed()
    wait(jobs, qtbot)
    assert heard == ["new"]


def test_that_missing_data_is_refused_and_an_error_is_a_problem(jobs: Jobs, qtbot: QtBot) -> None:
    problems: list[str] = []
    refusals: list[str] = []
    jobs.problem_raised.connect(lambda message, _: problems.append(message))

    def missing(report: Report, should_stop: ShouldStop) -> None:
        raise DataMissing("not here")

    def wrong(report: Report, should_stop: ShouldStop) -> None:
        raise ValueError("seven")

    jobs.run("missing", missing).refused.connect(refusals.append)
    jobs.run("wrong", wrong)
    wait(jobs, qtbot)
    assert (refusals, problems) == (["not here"], ["ValueError: seven"])
