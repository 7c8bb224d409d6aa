"""Real windows for tests, and the watch over what they leave behind."""

from __future__ import annotations

import logging
import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import vae_explorer as vx
from vae_explorer.codes import Codes
from vae_explorer.data.base import DataMissing, Dataset
from vae_explorer.gui.app import create_application, create_window
from vae_explorer.gui.core import data_images
from vae_explorer.gui.core import jobs as core_jobs
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.evidence import state as evidence_state
from vae_explorer.gui.features.metrics import state as metrics_state
from vae_explorer.gui.features.table import FEATURES
from vae_explorer.gui.features.training import state as training_state
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import ModelFile, read_model_file, write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

from .fakes import FakeDecoder, FakeModelThread, FakeRuns, FakeWork
from .leftovers import Watch
from .looking import PATIENCE, next_mosaic, settle
from .made import made_images_of

OpenWindow = Callable[..., MainWindow]
FileOf = Callable[[str], Path]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("qt_log_ignore", "This plugin does not support propagateSizeHints")


@pytest.fixture(autouse=True)
def own_settings(own_folders: None, tmp_path: Path) -> None:
    """No window reads or writes the user's own settings."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture(scope="session")
def application(qapp: QApplication) -> QApplication:
    """As the program sets it up."""
    return create_application()


@pytest.fixture(autouse=True)
def watch(
    application: QApplication, own_settings: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Watch]:
    """Fails a test that leaves a thread, timer, child process or window behind, or that logs a warning."""
    watch = Watch(monkeypatch)
    yield watch
    left = watch.leftovers() + [
        record.getMessage() for record in caplog.get_records("call") if record.levelno >= logging.WARNING
    ]
    assert not left, "the test left behind: " + "; ".join(left)


@pytest.fixture(scope="session")
def digits_path() -> Path:
    return pretrained_models()["digits-vae"]


@pytest.fixture(scope="session")
def model(digits_path: Path) -> TrainedModel:
    """What the window's pictures are compared with: the same model, loaded through the Python API."""
    return vx.load(digits_path)


@pytest.fixture(scope="session")
def codes(digits_path: Path) -> Codes:
    return read_model_file(digits_path).codes


@pytest.fixture(scope="session")
def file_of(tmp_path_factory: pytest.TempPathFactory) -> FileOf:
    """The file of a small model of a family, trained for two epochs."""
    folder, made = tmp_path_factory.mktemp("families"), dict[str, Path]()

    def make(family: str) -> Path:
        if family not in made:
            *_, last = train(TrainConfig(family=family, dataset="digits", epochs=2, hidden=(16,), name=f"small-{family}"))
            assert isinstance(last, Finished)
            made[family] = folder / f"{family}.safetensors"
            write_model_file(made[family], last.model)
        return made[family]

    return make


@pytest.fixture
def decoder() -> FakeDecoder:
    return FakeDecoder()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> FakeWork:
    """The background jobs of the session below; images that are read come at once."""
    work = FakeWork()
    monkeypatch.setattr(core_jobs, "JobThread", work.thread)
    return work


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> FakeRuns:
    """The training runs of the session below; their news come with the next turn of the event loop."""
    runs = FakeRuns()
    monkeypatch.setattr(training_state, "TrainThread", runs.thread)
    monkeypatch.setattr(training_state, "TrainingChild", runs.child)
    for interval in ("UPDATE_INTERVAL", "SNAPSHOT_DELAY"):
        monkeypatch.setattr(training_state, interval, 0)
    return runs


@pytest.fixture
def analysis_thread(monkeypatch: pytest.MonkeyPatch) -> FakeModelThread:
    """The thread of the image analysis of the session below."""
    thread = FakeModelThread()
    monkeypatch.setattr(evidence_state, "AnalysisThread", lambda: thread)
    return thread


@pytest.fixture
def survey_thread(monkeypatch: pytest.MonkeyPatch) -> FakeModelThread:
    """The thread of the metrics of the session below."""
    thread = FakeModelThread()
    monkeypatch.setattr(metrics_state, "SurveyThread", lambda _: thread)
    return thread


@pytest.fixture
def images(monkeypatch: pytest.MonkeyPatch, codes: Codes) -> Dataset:
    """The images of every data set of the session below, one for each code of the digits model."""
    made = made_images_of(codes)
    monkeypatch.setattr(data_images, "load_dataset", lambda *_: made)
    return made


@pytest.fixture
def no_images(images: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The images of every data set are missing."""

    def missing(*_: object) -> Dataset:
        raise DataMissing("not here")

    monkeypatch.setattr(data_images, "load_dataset", missing)


def end(session: Session) -> None:
    """End a session without a window, and its workspace."""
    session.workspace.shut_down()
    session.shut_down()
    session.deleteLater()
    session.workspace.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def session(
    application: QApplication,
    digits_path: Path,
    decoder: FakeDecoder,
    work: FakeWork,
    runs: FakeRuns,
    analysis_thread: FakeModelThread,
    survey_thread: FakeModelThread,
    images: Dataset,
    watch: Watch,
) -> Iterator[Session]:
    """A session without a window and without a thread, with the digits model and a decoder that answers at once.

    The codes are set as a map sets them.
    """
    workspace = Workspace(FEATURES)
    session = Session(workspace, FEATURES, decoder=decoder)
    workspace.part(RunModel).appear_in(session)
    for shown in (session.model_changed, session.section_changed):
        shown.connect(lambda model: session.codes_index.set_codes(model.codes.mean, model.codes.label))
    session.show_model(read_model_file(digits_path), digits_path)
    yield session
    end(session)


@pytest.fixture
def file(session: Session) -> ModelFile:
    """The digits model."""
    assert session.model is not None
    return session.model.file


@pytest.fixture
def problems(session: Session) -> list[str]:
    """The messages of all problems of the session."""
    said: list[str] = []
    session.problem_raised.connect(lambda message, _: said.append(message))
    return said


@pytest.fixture
def notices(session: Session) -> list[str]:
    """The messages of all notices of the session."""
    said: list[str] = []
    session.notice_raised.connect(said.append)
    return said


@pytest.fixture
def open_window(qtbot: QtBot, qapp: QApplication, digits_path: Path, watch: Watch) -> Iterator[OpenWindow]:
    """Opens windows at 1280×800 that have come to rest, or `at_once`; closes and deletes them after the test."""
    windows: list[MainWindow] = []

    def open_one(
        model: str | Path = digits_path, at_once: bool = False, resized: bool = True, **options: str | None
    ) -> MainWindow:
        window = create_window(model, **options)
        windows.append(window)
        if resized:
            window.resize(1280, 800)
        if at_once:
            window.show()
            return window
        with next_mosaic(qtbot, window):
            window.show()
        settle(qtbot, window)
        return window

    yield open_one
    for window in windows:
        window.session.part(TrainingState).shut_down()
        qtbot.waitUntil(lambda window=window: not window.session.part(TrainingState).running, timeout=PATIENCE)
        window.close()
    watch.note_what_still_runs()
    for window in windows:
        window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture
def window(open_window: OpenWindow) -> MainWindow:
    """A window on the pretrained digits model."""
    return open_window()
