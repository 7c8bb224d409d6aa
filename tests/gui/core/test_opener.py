"""Opening model files below the window: which file is told, refused, waited for or given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.gui.bad_files import SPOILS
from tests.gui.fakes import FakeWork
from tests.gui.looking import PATIENCE
from vae_explorer import locations
from vae_explorer.gui.core import opener as module
from vae_explorer.gui.core.opener import MAX_ABANDONED, ModelOpener
from vae_explorer.gui.core.session import Session
from vae_explorer.limits import LIMITS
from vae_explorer.models.model_file import ModelFile

A, B = Path("a.safetensors"), Path("b.safetensors")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, file: ModelFile) -> list[Path]:
    """The files that the opener has read. Each holds the digits model."""
    read: list[Path] = []

    def open_model_file(path: Path, check: Callable[[], None]) -> ModelFile:
        check()
        read.append(path)
        return file

    monkeypatch.setattr(module, "open_model_file", open_model_file)
    return read


@pytest.fixture
def opener(application: QApplication, work: FakeWork, read: list[Path]) -> Iterator[ModelOpener]:
    """An opener by itself, with nothing else to do."""
    work.run()
    parent = QObject()
    opener = ModelOpener(parent)
    yield opener
    opener.shut_down()


@pytest.fixture
def news(opener: ModelOpener) -> list[object]:
    """Paths of files that were opened, and words of refusals."""
    news: list[object] = []
    opener.loaded.connect(lambda _, path: news.append(path))
    opener.refused.connect(lambda words, _: news.append(words))
    return news


def test_that_a_file_is_told_with_its_model(opener: ModelOpener, work: FakeWork, file: ModelFile) -> None:
    told: list[tuple[ModelFile, Path]] = []
    opener.loaded.connect(lambda *found: told.append(found))
    opener.open(A)
    assert opener.busy
    work.run()
    assert told == [(file, A)]
    assert not opener.busy


def test_that_of_two_files_the_newer_one_alone_is_read_and_told(
    opener: ModelOpener, work: FakeWork, read: list[Path], news: list[object]
) -> None:
    for path in (A, B):
        opener.open(path)
    work.run()
    assert read == news == [B]


def test_that_a_file_that_is_given_up_is_neither_told_nor_refused(
    opener: ModelOpener, work: FakeWork, news: list[object]
) -> None:
    opener.open(A)
    opener.give_up()
    assert (opener.busy, opener.abandoned) == (False, 1)
    work.run()
    assert news == []
    assert opener.abandoned == 0


def test_that_files_that_hang_take_no_thread_each(opener: ModelOpener, work: FakeWork, news: list[object]) -> None:
    for _ in range(2 * MAX_ABANDONED):
        opener.open(A)
    opener.open(B)
    assert len(work.keys) == opener.abandoned == MAX_ABANDONED + 1
    assert opener.busy
    work.run()
    assert news == [B]
    assert not opener.busy


@pytest.mark.parametrize("end", ["opened", "given up"])
def test_that_a_slow_file_is_named_until_it_is_opened_or_given_up(
    opener: ModelOpener, work: FakeWork, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, end: str
) -> None:
    monkeypatch.setattr(module, "SLOW_AFTER", 0)
    slow: list[Path | None] = []
    opener.slow_file_changed.connect(slow.append)
    with qtbot.waitSignal(opener.slow_file_changed, timeout=PATIENCE):
        opener.open(A)
    assert slow == [A]
    if end == "given up":
        opener.give_up()
    work.run()
    assert slow == [A, None]


def test_that_a_file_from_elsewhere_is_given_up_after_the_limit_and_one_of_the_program_is_not(
    opener: ModelOpener,
    work: FakeWork,
    news: list[object],
    monkeypatch: pytest.MonkeyPatch,
    application: QApplication,
    qtbot: QtBot,
) -> None:
    monkeypatch.setitem(LIMITS, "seconds", replace(LIMITS["seconds"], most=0))
    with qtbot.waitSignal(opener.refused, timeout=PATIENCE):
        opener.open(A)
    assert "a.safetensors was not open after 0 seconds and was given up" in str(news[0])
    ours = locations.pretrained() / "digits-vae.safetensors"
    opener.open(ours)
    application.processEvents()
    work.run()
    assert news[1:] == [ours]


def test_that_an_opener_that_ends_tells_nothing_more(opener: ModelOpener, work: FakeWork, news: list[object]) -> None:
    for path in (A, B):
        opener.open(path)
    opener.shut_down()
    work.run()
    assert news == []


# In a session


def test_that_a_session_hears_of_a_file_before_it_shows_its_model(
    session: Session, work: FakeWork, read: list[Path], file: ModelFile
) -> None:
    heard: list[object] = []
    session.model_opened.connect(lambda: heard.append("opened"))
    session.model_changed.connect(lambda model: heard.append((model.file is file, model.path, model.revision)))
    session.opener.open(A)
    assert not session.settled
    work.run()
    assert heard == ["opened", (True, A, 1)]


@pytest.mark.parametrize("kind", list(SPOILS))
def test_that_a_bad_file_is_named_in_one_line_and_leaves_the_open_model(
    session: Session, work: FakeWork, problems: list[str], digits_path: Path, tmp_path: Path, kind: str
) -> None:
    bad, before = tmp_path / "my bad model.safetensors", session.model
    SPOILS[kind](digits_path, bad)
    session.opener.open(bad)
    work.run()
    (problem,) = problems
    assert bad.name in problem
    assert "\n" not in problem
    assert session.model is before
    assert not session.opener.busy
