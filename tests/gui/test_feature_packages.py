"""Features that installed packages bring by entry points: they are in the window, and what fails disturbs nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel
from pytestqt.qtbot import QtBot

from tests.packages import FEATURE_GROUP, Install
from tests.templates import install_template
from vae_explorer.cli import main
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.inspector.panel import InspectorPanel
from vae_explorer.gui.features.outside import forget_failures
from vae_explorer.gui.features.table import FEATURES, OUTSIDE, all_features, feature_problems
from vae_explorer.gui.main_window import MainWindow

from .conftest import OpenWindow
from .looking import PATIENCE, find, settle
from .mouse import move_to

NAMES = [feature.name for feature in FEATURES]
ROW = (
    "from vae_explorer.gui.features.feature import Area, Feature\n"
    "FEATURE = Feature('tone', 'TONE', Area.RIGHT, 'inspector', presents=False, home='{}')\n"
)
BROKEN = {
    "parts": "from vae_explorer.gui.core.part import SessionPart\n"
    "class Tone(SessionPart):\n"
    "    kept_as = 'tone'\n"
    "    def set_model(self, model, same_data): 1 / 0\n"
    "    def ask_again(self): 1 / 0\n"
    "    def kept(self): 1 / 0\n"
    "    @property\n"
    "    def busy(self): 1 / 0\n"
    "    def shut_down(self): 1 / 0\n"
    "def make_session_parts(session): return (Tone(session),)\n",
    "panel": "def make_panel(): raise RuntimeError('no paint')\n",
    "overlay": "from vae_explorer.gui.features.base import Overlay\n"
    "class Lines(Overlay):\n"
    "    name, title, tip = 'tone', 'Tone', 'Lines'\n"
    "    def set_visible(self, visible): 1 / 0\n"
    "    def set_theme(self, theme): 1 / 0\n"
    "OVERLAY = Lines\n",
    "presenter": "def present(context): raise KeyError('nothing')\n",
}


@pytest.fixture
def install_feature(install: Install) -> Iterator[Install]:
    """Install a package of a feature, and forget all of them afterwards."""

    def installed(*arguments: str, **points: str) -> None:
        install(*arguments, **points)
        OUTSIDE.look_again()

    OUTSIDE.look_again()
    yield installed
    OUTSIDE.look_again()
    for name in [name for name in OUTSIDE.at_hand() if name not in NAMES]:
        OUTSIDE.remove(name)
    forget_failures()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems that any session raises, from its first moment on."""
    heard: list[str] = []
    show = Session.show_model

    def listening(self: Session, *arguments: object, **options: object) -> object:
        if self.model is None:
            self.problem_raised.connect(lambda message, _: heard.append(message))
        return show(self, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "show_model", listening)
    return heard


def write_modules(site: Path, package: str, modules: dict[str, str]) -> None:
    folder = site / f"{package}_modules" / "tone"
    folder.mkdir(parents=True)
    for name, code in {"__init__": "", **modules}.items():
        (folder / f"{name}.py").write_text(code, "utf-8")


def works(window: MainWindow, qtbot: QtBot) -> None:
    """Another point of the map is decoded."""
    rect = window.latent_view.visible_rect()
    with qtbot.waitSignal(window.session.cursor.decoded, timeout=PATIENCE):
        move_to(window.latent_view, (rect.left() + 0.3 * rect.width(), rect.top() + 0.6 * rect.height()))
    settle(qtbot, window)
    assert window.explorer.panel(InspectorPanel).isVisible()


def test_that_a_feature_is_made_as_the_guide_says(
    install_feature: Install,
    open_window: OpenWindow,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    messages: list[str],
) -> None:
    install_template(install_feature, tmp_path / "site", monkeypatch)
    window = open_window()
    dock = window.explorer.docks.dock("middleDock")
    assert (dock.windowTitle(), [feature.name for feature in all_features()]) == ("MIDDLE", [*NAMES, "middle"])
    dock.raise_()
    model = window.session.model
    assert model is not None
    x, y = model.codes.mean.mean(axis=0)
    said = f"The codes lie around ({x:.2f}, {y:.2f})"
    panel = dock.widget()
    assert isinstance(panel, QLabel)
    qtbot.waitUntil(lambda: panel.isVisible() and panel.text() == said, timeout=PATIENCE)
    assert find(window, QCheckBox, "overlay.middle").isChecked()
    assert "MIDDLE" in [action.text() for action in window.explorer.createPopupMenu().actions()]
    works(window, qtbot)
    assert messages == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import qt_of_nobody", "ModuleNotFoundError: No module named 'qt_of_nobody'"),
        ("FEATURE = 5", "TypeError: int is no Feature"),
        (ROW.format("nowhere"), "ModuleNotFoundError: No module named 'nowhere'"),
        (ROW.format("vae_explorer.gui.features"), "ValueError: its Feature needs a name of letters, the home"),
        (ROW.format("here").replace("'inspector'", "'nobody'"), "ValueError: its panel is no tab of path or inspector"),
        (ROW.format("here").replace("'TONE'", "5"), "TypeError: a field of its Feature has another type"),
    ],
)
def test_that_a_package_that_cannot_be_used_is_one_line_in_the_window(
    code: str, reason: str, install_feature: Install, open_window: OpenWindow, qtbot: QtBot, messages: list[str]
) -> None:
    install_feature("tone-x", code, FEATURE_GROUP, tone="tone_x:FEATURE")
    window = open_window()
    (line,) = messages
    assert line.startswith(f"the feature tone of the package tone-x cannot be used ({reason}")
    assert [feature.name for feature in all_features()] == NAMES
    works(window, qtbot)


def test_that_a_feature_that_fails_in_every_place_disturbs_nothing(
    install_feature: Install,
    open_window: OpenWindow,
    qtbot: QtBot,
    tmp_path: Path,
    messages: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: errors.append(kind))
    row = ROW.format("tone_x_modules").replace("presents=False", "layer=38, session_parts=True")
    write_modules(tmp_path / "site", "tone_x", BROKEN)
    install_feature("tone-x", row, FEATURE_GROUP, tone="tone_x:FEATURE")
    window = open_window()
    assert messages == ["the feature tone fails (RuntimeError: no paint); update or remove its package"]
    panel = window.explorer.docks.dock("toneDock").widget()
    assert isinstance(panel, QLabel)
    assert panel.text() == "The panel of tone cannot be shown."
    find(window, QCheckBox, "overlay.tone").click()
    window.open_model("mnist-vae")
    qtbot.waitUntil(lambda: "mnist-vae" in window.windowTitle(), timeout=PATIENCE)
    works(window, qtbot)
    window.explorer.take_back(window.explorer.kept())
    assert set(errors) == {ZeroDivisionError}


def test_that_names_of_the_program_and_other_names_are_refused(install_feature: Install, tmp_path: Path) -> None:
    write_modules(tmp_path / "site", "tone_x", {"panel": "def make_panel(): ..."})
    install_feature("tone-x", ROW.format("tone_x_modules"), FEATURE_GROUP, codes="tone_x:FEATURE", hue="tone_x:FEATURE")
    assert [feature.name for feature in all_features()] == NAMES
    assert feature_problems() == (
        "the feature codes of the package tone-x has a name that is taken; choose another name in its entry point",
        "the feature hue fails (its row is called tone); update or remove its package",
    )


def test_that_doctor_names_a_feature_that_fails(install_feature: Install, capsys: pytest.CaptureFixture[str]) -> None:
    install_feature("tone-x", "import qt_of_nobody", FEATURE_GROUP, tone="tone_x:FEATURE")
    assert main(["doctor"]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "tone" in line]
    assert line.startswith("problem: the feature tone of the package tone-x cannot be used (ModuleNotFoundError: ")
