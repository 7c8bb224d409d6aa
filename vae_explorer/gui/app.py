"""Makes the application, its session and its window, and reports unexpected errors."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QTimer, QtMsgType, Signal, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from vae_explorer import locations
from vae_explorer.data.base import Dataset
from vae_explorer.errors import UserError
from vae_explorer.foreign import safe
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.table import all_features, feature_problems
from vae_explorer.gui.features.training.run_model import RunModel
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.kit.icons import app_icon
from vae_explorer.gui.kit.style import Style
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.gui.runtime.allocator import share_arena
from vae_explorer.gui.runtime.garbage import GarbageCollector
from vae_explorer.gui.settings import Settings
from vae_explorer.models.catalogue import DEFAULT_MODEL, find_model
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.opening import open_model_file
from vae_explorer.models.own.contract import contract_of
from vae_explorer.models.own.how import How
from vae_explorer.runtime.importing import without_collecting
from vae_explorer.signals import die, ending_on_signals
from vae_explorer.training.events import Failed

Place = Callable[[ModelFile], tuple[ModelFile, Dataset | None]]  # gives a model the codes of images
_WARM_UP_AFTER = 5000  # milliseconds; the window has started by then
_LOST = "The training ended before its first epoch did. No model of the training is kept."
_SIGNAL_LOOK = 200  # milliseconds between looks for signals


def create_application() -> QApplication:
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        share_arena()
        app = QApplication(["vae-explorer"])
        app.setApplicationName("vae-explorer")
        app.setApplicationDisplayName("VAE Explorer")
        app.setDesktopFileName("vae-explorer")
        app.setWindowIcon(app_icon())
        if app.platformName() == "offscreen":
            qInstallMessageHandler(_quiet_offscreen)
    if app.findChild(GarbageCollector) is None:
        GarbageCollector(app)
        app.setStyle(Style())
    return app


def _quiet_offscreen(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Write Qt's messages to stderr, except a message that each offscreen window causes."""
    if "propagateSizeHints" not in message:
        sys.stderr.write(message + "\n")


def check_network(file: ModelFile, path: Path) -> None:
    """Raise `ModelFileError` if the weights do not fit the network of the card."""
    from vae_explorer.inference.trained import TrainedModel

    TrainedModel(file, str(path))


def create_window(
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    data_dir: str | None = None,
    theme: str | None = None,
    diagnostics: str = "",
    remember: bool = True,
    how: How | None = None,
    place: Place | None = None,
) -> MainWindow:
    """Make a hidden window with `model`, a name or a file, and start its decoder.

    `how` says how to open a file of another program, and `place` gives it the codes of images. Without `remember`, no
    settings are saved. Raises `UserError` if the model cannot be opened. Closing the window ends its threads.
    """
    path = find_model(str(model))
    file = open_model_file(path, how)
    if path.parent != locations.pretrained():  # pretrained weights fit; the check needs torch and a second
        check_network(file, path)
    file, images = (file, None) if place is None else place(file)
    return window_of(file, path, images, data_dir=data_dir, theme=theme, diagnostics=diagnostics, remember=remember)


def window_of(
    file: ModelFile,
    path: Path | None = None,
    images: Dataset | None = None,
    *,
    data_dir: str | None = None,
    theme: str | None = None,
    diagnostics: str = "",
    remember: bool = True,
) -> MainWindow:
    """Make a hidden window with the model of `file`, as `create_window` does. `images` are those of its codes."""
    create_application()
    with without_collecting():
        features = all_features()
        for feature in features:
            feature.load()
    workspace = Workspace(features, data_dir)
    session = Session(workspace, features)
    try:
        session.part(RunModel).appear_in(session)
        window = MainWindow(session, Settings(remember), diagnostics)
        if theme is not None:
            window.set_theme(theme)
        session.show_model(file, path, images)
        problems = feature_problems()
        if problems:
            session.problem_raised.emit("\n".join(problems), "")
        if file.card.is_own:
            said = f"{file.card.name}: {contract_of(file.card).said}"
            say_on_stderr(said)
            session.notice_raised.emit(said)
    except BaseException:
        workspace.shut_down()
        session.shut_down()  # a running QThread that is destroyed ends the process
        raise
    return window


def run(
    model: str | os.PathLike[str] = DEFAULT_MODEL,
    *,
    data_dir: str | None = None,
    theme: str | None = None,
    diagnostics: str = "",
    how: How | None = None,
    place: Place | None = None,
) -> int:
    """Show the window until it closes or a signal ends it, and save a running model."""
    app = create_application()
    window = create_window(model, data_dir=data_dir, theme=theme, diagnostics=diagnostics, how=how, place=place)
    show_unexpected_errors(window)
    window.session.problem_raised.connect(lambda message, _: say_on_stderr(message) if window.is_closing else None)
    window.session.saving.notice_raised.connect(lambda message: say_on_stderr(message) if window.is_closing else None)
    window.session.part(TrainingState).ended.connect(
        lambda end: say_on_stderr(_LOST) if window.is_closing and isinstance(end, Failed) else None
    )
    look = QTimer(app)
    look.timeout.connect(lambda: None)  # Python handles signals between calls
    look.start(_SIGNAL_LOOK)
    QTimer.singleShot(_WARM_UP_AFTER, window, window.session.part(TrainingState).warm_up)
    window.show()
    with ending_on_signals(lambda _: window.close_and_keep(), die):
        return app.exec()


def say_on_stderr(message: str) -> None:
    """Write one line to the terminal, if there is one."""
    with contextlib.suppress(OSError):
        sys.stderr.write(f"vae-explorer: {safe(message)}\n")
        sys.stderr.flush()


class _Reports(QObject):
    """Brings errors to the banner, queued: the banner must not change a layout in a paint."""

    raised = Signal(str, str)  # message, details


def show_unexpected_errors(window: MainWindow) -> None:
    """Show unexpected errors in the banner, and go on."""
    before: Callable[..., object] = sys.excepthook
    reports = _Reports(window)
    reports.raised.connect(window.session.problem_raised, Qt.ConnectionType.QueuedConnection)

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        before(kind, error, trace)
        if isinstance(error, UserError):
            reports.raised.emit(str(error), "")
        else:
            details = "".join(traceback.format_exception(kind, error, trace))
            reports.raised.emit(f"Unexpected error: {kind.__name__}: {error}", details)

    sys.excepthook = hook
