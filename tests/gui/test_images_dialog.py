"""Data ▸ Open images… and drops: from a folder of pictures to the training dialog."""

from __future__ import annotations

import csv
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QListWidget, QPushButton
from pytestqt.qtbot import QtBot

from tests.data.own.made import grey, save
from vae_explorer import locations
from vae_explorer.data.base import DatasetSpec
from vae_explorer.data.own.adding import add
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.store import SKIPPED, find_store
from vae_explorer.data.sources import DATASETS
from vae_explorer.gui.dialogs.images.dialog import ImagesDialog
from vae_explorer.gui.features.training.dialog import TrainDialog
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.main_window import MainWindow

from .looking import PATIENCE, find, text_of
from .test_lens_subject import drop


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for number in range(30):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number:02}.png", grey(number, 10, 8))
    return tmp_path / "cells"


def dialog_of(window: MainWindow) -> ImagesDialog:
    return find(window, ImagesDialog, "imagesDialog")


def dropped(window: MainWindow, qtbot: QtBot, source: Path) -> ImagesDialog:
    """Drop a source on the map, and wait for its preview."""
    assert drop(window.latent_view.viewport(), source)
    dialog = dialog_of(window)
    wait_for_preview(dialog, qtbot)
    return dialog


def wait_for_preview(dialog: ImagesDialog, qtbot: QtBot) -> None:
    read = find(dialog, QPushButton, "imagesRead")
    qtbot.waitUntil(lambda: read.isEnabled() or bool(text_of(dialog, "imagesProblem")), timeout=PATIENCE)


def press(dialog: ImagesDialog, name: str) -> None:
    QTest.mouseClick(find(dialog, QPushButton, name), Qt.MouseButton.LeftButton)


def test_that_a_dropped_folder_is_shown_read_and_offered_for_a_training(window: MainWindow, qtbot: QtBot, source: Path) -> None:
    dialog = dropped(window, qtbot, source)
    grid = find(dialog, ImageGrid, "imagesPreview")
    np.testing.assert_array_equal(grid.images()[0, ..., 0], grey(0, 10, 8))
    assert text_of(dialog, "imagesSummary") == "The first 24 of 30 images, as the program will read them"
    press(dialog, "imagesRead")
    qtbot.waitUntil(lambda: window.findChild(TrainDialog, "trainDialog") is not None, timeout=PATIENCE)
    training = find(window, TrainDialog, "trainDialog")
    config = training.config()
    assert (config.dataset, config.spec.image_shape, config.data.classes) == ("cells", (10, 8, 1), ("a", "b"))
    assert text_of(training, "trainSource") == f"30 images, from {source}"
    assert find_store(locations.data(), "cells") is not None
    training.close()


def test_that_images_whose_name_another_data_set_has_got_are_trained_on_by_their_long_name(
    window: MainWindow, qtbot: QtBot, source: Path, own_tables: None
) -> None:
    add(source, Reading(), locations.data(), apart=True)
    DATASETS.register("cells", DatasetSpec("Cells", "nowhere:load", (9, 9, 1), ("x",), (6, 2), "of the program"))
    dialog = dropped(window, qtbot, source)
    press(dialog, "imagesRead")
    qtbot.waitUntil(lambda: window.findChild(TrainDialog, "trainDialog") is not None, timeout=PATIENCE)
    training = find(window, TrainDialog, "trainDialog")
    config = training.config()
    assert (config.dataset, config.spec.image_shape, config.own is not None) == ("own/cells", (10, 8, 1), True)
    training.close()


def test_that_the_choices_show_at_once(window: MainWindow, qtbot: QtBot, source: Path) -> None:
    dialog = dropped(window, qtbot, source)
    box = find(dialog, QComboBox, "imagesClass")
    assert [box.itemText(place) for place in range(box.count())] == ["class (found out)", "class", "file", "none"]
    size = find(dialog, QLineEdit, "imagesSize")
    assert size.placeholderText() == "10×8"
    size.setFocus()
    QTest.keyClicks(size, "16x12")
    QTest.keyClick(size, Qt.Key.Key_Tab)
    grid = find(dialog, ImageGrid, "imagesPreview")
    qtbot.waitUntil(lambda: grid.images().shape == (24, 16, 12, 1), timeout=PATIENCE)
    size.setFocus()
    size.selectAll()
    QTest.keyClicks(size, "large")
    QTest.keyClick(size, Qt.Key.Key_Tab)
    assert text_of(dialog, "imagesProblem").startswith("'large' is no size; write 64x48")
    assert not find(dialog, QPushButton, "imagesRead").isEnabled()
    dialog.close()


def test_that_an_archive_is_unpacked_once_for_all_choices(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.savez_compressed(tmp_path / "cells.npz", images=np.stack([grey(number, 10, 8) for number in range(30)]))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    dialog = dropped(window, qtbot, tmp_path / "cells.npz")
    (before,) = plain_files(tmp_path / "temporary")
    size = find(dialog, QLineEdit, "imagesSize")
    size.setText("16x12")
    size.editingFinished.emit()
    grid = find(dialog, ImageGrid, "imagesPreview")
    qtbot.waitUntil(lambda: grid.images().shape == (24, 16, 12, 1), timeout=PATIENCE)
    assert plain_files(tmp_path / "temporary") == [before]
    dialog.close()
    qtbot.waitUntil(lambda: not list((tmp_path / "temporary").glob("vae-explorer-*")), timeout=PATIENCE)


def plain_files(folder: Path) -> list[tuple[Path, int, int]]:
    """Return path, number and time of each file below `folder`."""
    return [(path, path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()]


def test_that_skipped_files_are_listed_saved_and_do_not_end_the_way(
    window: MainWindow, qtbot: QtBot, source: Path, tmp_path: Path
) -> None:
    (source / "b" / "zz<b>bad.png").write_bytes(b"nonsense")
    dialog = dropped(window, qtbot, source)
    press(dialog, "imagesRead")
    train = find(dialog, QPushButton, "imagesRead")
    qtbot.waitUntil(lambda: train.text() == "Train…", timeout=PATIENCE)
    lines = find(dialog, QListWidget, "imagesSkipped")
    assert lines.item(0).text().startswith("b/zz<b>bad.png: ")
    press(dialog, "imagesSaveSkipped")
    asking = find(dialog, QFileDialog, "saveTableDialog")
    asking.fileSelected.emit(str(tmp_path / "skipped.csv"))
    asking.close()
    with (tmp_path / "skipped.csv").open(newline="") as file:
        assert [row[0] for row in csv.reader(file)] == ["file", "b/zz<b>bad.png"]
    train.click()
    find(window, TrainDialog, "trainDialog").close()


def test_that_a_source_without_images_is_refused_and_another_can_follow(
    window: MainWindow, qtbot: QtBot, source: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    told: list[str] = []
    window.session.problem_raised.connect(lambda message, _: told.append(message))
    dialog = dropped(window, qtbot, tmp_path / "empty")
    assert "holds no images" in text_of(dialog, "imagesProblem")
    assert told == []  # the dialog tells alone
    assert drop(dialog, source)
    wait_for_preview(dialog, qtbot)
    assert not find(dialog, QLabel, "imagesProblem").isVisible()
    assert window.session.model is not None
    dialog.close()


def test_that_a_reading_is_cancelled_and_leaves_nothing(
    window: MainWindow, qtbot: QtBot, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = dropped(window, qtbot, source)
    press(dialog, "imagesRead")
    press(dialog, "imagesCancel")
    qtbot.waitUntil(lambda: "stopped" in text_of(dialog, "imagesSummary"), timeout=PATIENCE)
    assert find_store(locations.data(), "cells") is None
    assert find(dialog, QPushButton, "imagesRead").isEnabled()
    dialog.close()


def test_that_a_window_closes_while_it_looks_at_images(window: MainWindow, source: Path) -> None:
    assert drop(window.latent_view.viewport(), source)
    window.close()


def test_that_the_images_are_read_as_they_are_shown(window: MainWindow, qtbot: QtBot, source: Path) -> None:
    """A press of a button ends no typing on some systems."""
    dialog = dropped(window, qtbot, source)
    find(dialog, QLineEdit, "imagesSize").setText("large")
    find(dialog, QPushButton, "imagesRead").click()
    qtbot.waitUntil(lambda: window.findChild(TrainDialog, "trainDialog") is not None, timeout=PATIENCE)
    training = find(window, TrainDialog, "trainDialog")
    assert training.config().spec.image_shape == (10, 8, 1)
    training.close()


def test_that_a_list_of_skipped_files_that_is_gone_is_said(window: MainWindow, qtbot: QtBot, source: Path) -> None:
    (add(source, Reading(), locations.data()).store.folder / SKIPPED).unlink()
    dialog = dropped(window, qtbot, source)
    press(dialog, "imagesRead")
    qtbot.waitUntil(lambda: "skipped.csv" in text_of(dialog, "imagesProblem"), timeout=PATIENCE)
    dialog.close()
