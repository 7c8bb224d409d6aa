"""Model ▸ Train… looks for data sets and families beside the window: a package may be slow, fail or never end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QLabel, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from tests.data.own.made import added, grey, save
from tests.packages import FAMILY_GROUP, SPEC, Install
from tests.templates import install_template
from vae_explorer import locations
from vae_explorer.data.sources import DATASETS
from vae_explorer.gui.main_window import MainWindow

from .looking import PATIENCE, find, text_of
from .training import choose, open_dialog, press_start, type_into, wait_for_the_end

LETTERS = SPEC.replace("'L'", "'Letters'")


@pytest.fixture
def go(install: Install, tmp_path: Path) -> Iterator[Path]:
    """A package whose import waits for this file."""
    file = tmp_path / "go"
    wait = f"import pathlib, time\nwhile not pathlib.Path({str(file)!r}).exists(): time.sleep(0.01)\n"
    install("letters-x", wait + LETTERS, letters="letters_x:SPEC")
    yield file
    file.touch()
    assert "letters" in DATASETS  # the thread that imports has ended


@pytest.fixture
def own_images(tmp_path: Path) -> None:
    for number in range(10):
        save(tmp_path / "cells" / f"{number}.png", grey(number))
    added(tmp_path / "cells", locations.data())


def offered(dialog: QDialog) -> list[str]:
    box = find(dialog, QComboBox, "trainDataset")
    return [box.itemData(place) for place in range(box.count())]


def test_that_a_slow_package_delays_neither_the_dialog_nor_own_images(
    window: MainWindow, qtbot: QtBot, go: Path, own_images: None
) -> None:
    table = list(DATASETS.at_hand())
    dialog = open_dialog(window)
    assert offered(dialog) == table
    qtbot.waitUntil(lambda: offered(dialog) == [*table, "cells"], timeout=PATIENCE)
    choose(dialog, "trainDataset", "cells")
    type_into(find(dialog, QSpinBox, "trainEpochs"), "7")
    qtbot.waitUntil(lambda: "Looking for data sets" in text_of(dialog, "trainNote"), timeout=PATIENCE)
    assert find(dialog, QLabel, "trainNote").isVisible()
    go.touch()
    qtbot.waitUntil(lambda: offered(dialog) == [*table, "letters", "cells"], timeout=PATIENCE)
    qtbot.waitUntil(lambda: not find(dialog, QLabel, "trainNote").isVisible(), timeout=PATIENCE)
    config = dialog.config()  # type: ignore[attr-defined]
    assert (config.dataset, config.own is not None, config.epochs) == ("cells", True, 7)
    choose(dialog, "trainDataset", "letters")
    config = dialog.config()  # type: ignore[attr-defined]
    assert (config.dataset, config.own, config.data.title) == ("letters", None, "Letters")
    dialog.close()


def test_that_a_window_with_a_package_that_never_ends_can_be_closed(window: MainWindow, qtbot: QtBot, go: Path) -> None:
    for _ in range(2):
        dialog = open_dialog(window)
        qtbot.waitUntil(lambda dialog=dialog: "Looking for data sets" in text_of(dialog, "trainNote"), timeout=PATIENCE)
        dialog.close()
        qtbot.waitUntil(lambda: window.findChild(QDialog, "trainDialog") is None, timeout=PATIENCE)
    assert open_dialog(window).isVisible()
    window.close()


def test_that_a_package_that_fails_is_one_line(window: MainWindow, qtbot: QtBot, install: Install, own_images: None) -> None:
    install("letters-x", "SPEC = 1 / 0", letters="letters_x:SPEC")
    install("good-y", LETTERS, good="good_y:SPEC")
    dialog = open_dialog(window)
    qtbot.waitUntil(lambda: bool({"good", "cells"} <= set(offered(dialog))), timeout=PATIENCE)
    line = (
        "the data set letters of the package letters-x cannot be used (ZeroDivisionError: division by zero); update or remove"
    )
    qtbot.waitUntil(lambda: text_of(dialog, "trainNote").startswith(line), timeout=PATIENCE)
    note = find(dialog, QLabel, "trainNote")
    assert note.isVisible()
    assert note.height() >= note.heightForWidth(note.width())
    assert "letters" not in offered(dialog)
    assert find(dialog, QPushButton, "trainStart").isEnabled()
    dialog.close()


def test_that_many_packages_that_fail_are_counted(window: MainWindow, qtbot: QtBot, install: Install) -> None:
    for number in range(6):
        install(f"bad-{number}", "1 / 0", **{f"set{number}": f"bad_{number}:SPEC"})
    dialog = open_dialog(window)
    qtbot.waitUntil(lambda: "and 3 more; 'vae-explorer doctor' names all" in text_of(dialog, "trainNote"), timeout=PATIENCE)
    dialog.close()


def test_that_a_family_of_a_package_trains_from_the_dialog(
    install: Install, window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_template(install, tmp_path / "site", monkeypatch)
    install("bad-z", "1 / 0", FAMILY_GROUP, bad="bad_z:FAMILY")
    dialog = open_dialog(window)
    box = find(dialog, QComboBox, "trainFamily")
    assert box.findData("toy") < 0
    qtbot.waitUntil(lambda: box.findData("toy") > 0, timeout=PATIENCE)
    line = "the model family bad of the package bad-z cannot be used (ZeroDivisionError: division by zero)"
    qtbot.waitUntil(lambda: text_of(dialog, "trainFamilyNote").startswith(line), timeout=PATIENCE)
    assert find(dialog, QLabel, "trainFamilyNote").isVisible()
    choose(dialog, "trainFamily", "toy")
    assert "κ · ‖z‖²" in text_of(dialog, "trainFormula").replace("\u00a0", " ").replace("\u2060", "")
    choose(dialog, "trainDataset", "digits")
    type_into(find(dialog, QSpinBox, "trainEpochs"), "2")
    type_into(find(dialog, QDoubleSpinBox, "train.strength"), "2")
    press_start(dialog)
    wait_for_the_end(qtbot, window)
    model = window.session.model
    assert model is not None
    assert (model.card.spec.family, model.card.spec.parameters) == ("toy", {"strength": 2.0})
    assert "pull" in model.card.metrics
