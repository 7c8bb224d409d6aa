"""The table of channels of a model of five: what it says is what every picture of the window shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QDockWidget, QLineEdit, QPushButton, QSpinBox
from pytestqt.qtbot import QtBot

from tests.data.own.made import added, grey, save
from tests.tints import CORNERS, tints_file, write_tints
from vae_explorer import locations
from vae_explorer.channels import usual_channels
from vae_explorer.cli import main
from vae_explorer.gui.features.draw.pad import SCALE, DrawPad
from vae_explorer.gui.kit.colour_button import ColourButton
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.models.model_file import write_model_file

from .conftest import OpenWindow
from .drawing import stroke
from .looking import PATIENCE, film_strip, find, image_view, mosaic_item, next_mosaic, run_action, settle
from .test_colour import pixels_of


@pytest.fixture
def five(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    """With the table of channels in front."""
    window = open_window(write_tints(tmp_path, 5))
    window.explorer.docks.show("channelsDock", True)
    qtbot.waitUntil(find(window, QCheckBox, "channel0.on").isVisible, timeout=PATIENCE)
    return window


def shown_at(window: MainWindow, qtbot: QtBot, corner: str) -> list[int]:
    """The colour on the screen right of the black columns, with the cursor at a corner of the plane."""
    window.session.cursor.move(CORNERS[corner], 0.0)
    settle(qtbot, window)
    view = image_view(window.explorer)
    side = min(view.width(), view.height())
    colour: list[int] = pixels_of(view)[side // 2, 3 * side // 4].tolist()
    return colour


def keep_only(window: MainWindow, place: int) -> None:
    for other in range(5):
        if other != place:
            QTest.mouseClick(find(window, QCheckBox, f"channel{other}.on"), Qt.MouseButton.LeftButton)


def test_that_a_channel_has_its_colour_everywhere(five: MainWindow, qtbot: QtBot) -> None:
    with next_mosaic(qtbot, five):
        keep_only(five, 0)
        find(five, ColourButton, "channel0.colour").choose(QColor("#ff8000"))
    assert shown_at(five, qtbot, "red") == [255, 128, 0]
    assert shown_at(five, qtbot, "green") == [0, 0, 0]
    colours = {tuple(colour) for colour in mosaic_item(five).image.reshape(-1, 4)[:, :3].tolist()}
    assert (255, 128, 0) in colours
    assert all(blue == 0 and abs(2 * green - red) <= 1 for red, green, blue in colours)


def test_that_a_range_stretches_levels(five: MainWindow, qtbot: QtBot) -> None:
    keep_only(five, 0)
    find(five, QSpinBox, "channel0.high").setValue(200)
    find(five, QSpinBox, "channel0.low").setValue(100)
    z = (0.0, -2.0)  # the first channel is half lit
    five.session.cursor.move(z, 0.0)
    settle(qtbot, five)
    view = image_view(five.explorer)
    side = min(view.width(), view.height())
    assert pixels_of(view)[side // 2, 3 * side // 4, 0] == pytest.approx(255 * (128 - 100) / 100, abs=1)
    assert find(five, QSpinBox, "channel0.low").maximum() == 199
    assert find(five, QSpinBox, "channel0.high").minimum() == 101


def test_that_the_film_strip_and_an_exported_path_show_the_table(five: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    keep_only(five, 3)  # is lit where z₂ is below 0
    find(five, ColourButton, "channel3.colour").choose(QColor("#0000ff"))
    for z in (CORNERS["red"], CORNERS["magenta"]):
        five.session.frames.click(z)
    settle(qtbot, five)
    five.session.export_path(tmp_path / "path.png")
    settle(qtbot, five)
    with Image.open(tmp_path / "path.png") as picture:
        strip = np.asarray(picture)
    assert strip[4, 7].tolist() == [0, 0, 255]
    assert strip[4, -1].tolist() == [0, 0, 0]
    assert not strip[..., :2].any()
    shown = pixels_of(film_strip(five.explorer))
    assert (shown == (0, 0, 255)).all(axis=-1).any()
    run_action(five, "edit.copy_image")
    copied = QGuiApplication.clipboard().image()
    assert (copied.width(), copied.height()) == (8, 8)
    assert copied.pixelColor(7, 4).red() == 0


def test_that_a_name_is_edited_and_reset(five: MainWindow, qtbot: QtBot) -> None:
    name = find(five, QLineEdit, "channel1.name")
    name.setFocus()
    name.selectAll()
    QTest.keyClicks(name, "actin")
    QTest.keyClick(name, Qt.Key.Key_Return)
    assert five.session.channels.channels[1].name == "actin"
    assert find(five, QCheckBox, "channel1.on").accessibleName() == "actin: Show the channel"
    QTest.mouseClick(find(five, QPushButton, "channels.reset"), Qt.MouseButton.LeftButton)
    assert five.session.channels.channels == usual_channels(5)
    assert name.text() == "channel 2"


def test_that_the_pen_draws_only_in_channels_that_are_on(five: MainWindow, qtbot: QtBot) -> None:
    keep_only(five, 2)
    five.explorer.docks.show("drawDock", True)
    pad = find(five, DrawPad, "drawPad")
    qtbot.waitUntil(pad.isVisible, timeout=PATIENCE)
    stroke(pad, (0.1, 0.5), (0.9, 0.5))
    assert pad.canvas()[4 * SCALE, 4 * SCALE].tolist() == [0, 0, 255, 0, 0]
    settle(qtbot, five)


def test_that_the_panel_is_there_only_for_such_models(
    open_window: OpenWindow, tmp_path: Path, digits_path: Path, qtbot: QtBot
) -> None:
    window = open_window(digits_path)
    dock = find(window, QDockWidget, "channelsDock")
    for model, offered in (
        (write_tints(tmp_path, 5), True),
        (write_tints(tmp_path, 3), False),
        (write_tints(tmp_path, 2), True),
    ):
        assert dock.isHidden() or offered is False
        with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
            window.open_model(model)
        settle(qtbot, window)
        for _ in range(2):
            assert dock.isHidden() is not offered
            assert dock.toggleViewAction().isVisible() is offered
            window.reset_layout()
    window.explorer.docks.show("channelsDock", False)
    with qtbot.waitSignal(window.session.model_changed, timeout=PATIENCE):
        window.open_model(digits_path)
    window.explorer.docks.show("channelsDock", True)  # as a comparison does on all maps
    assert dock.isHidden()
    settle(qtbot, window)


STAINS = ("actin", "DAPI", "GFP", "mito", "1")


def test_that_the_channels_of_own_images_have_their_names(open_window: OpenWindow, tmp_path: Path, qtbot: QtBot) -> None:
    for number in range(4):
        for stain in STAINS:
            save(tmp_path / "wells" / f"A{number}_{stain}.tif", grey(number, 8, 8))
    added(tmp_path / "wells" / "{name}_{c}.tif", locations.data(), "wells", test_share=0.25)
    made = tints_file(5)
    write_model_file(tmp_path / "m.safetensors", replace(made, card=replace(made.card, dataset="wells")))
    window = open_window(tmp_path / "m.safetensors")
    names = [*STAINS[:4], "channel 1"]
    qtbot.waitUntil(lambda: names_in(window) == names, timeout=PATIENCE)
    table = window.session.channels
    assert [channel.colour for channel in table.channels] == [channel.colour for channel in usual_channels(5)]
    table.set_channels((replace(table.channels[0], name="nuclei"), replace(table.channels[1], low=9), *table.channels[2:]))
    window.session.show_model(tints_file(5))  # of another data set
    assert names_in(window) == ["nuclei", "channel 2", "channel 3", "channel 4", "channel 5"]
    assert table.channels[1].low == 9
    window.session.show_model(replace(made, card=replace(made.card, dataset="wells")))
    qtbot.waitUntil(lambda: names_in(window) == ["nuclei", *names[1:]], timeout=PATIENCE)
    QTest.mouseClick(find(window, QPushButton, "channels.reset"), Qt.MouseButton.LeftButton)
    assert names_in(window) == names
    settle(qtbot, window)


def names_in(window: MainWindow) -> list[str]:
    return [find(window, QLineEdit, f"channel{place}.name").text() for place in range(5)]


def test_that_a_closed_panel_stays_closed_until_it_is_asked_for(five: MainWindow, qtbot: QtBot) -> None:
    dock = find(five, QDockWidget, "channelsDock")
    dock.close()
    five.session.channels.set_channels(tuple(replace(channel, on=False) for channel in usual_channels(5)))
    five.session.channels.reset()
    assert dock.isHidden()
    for channels in (3, 5, 1, 2):
        five.session.show_model(tints_file(channels))
        assert dock.isHidden()
    assert dock.toggleViewAction().isVisible()
    dock.toggleViewAction().trigger()
    for channels in (3, 5):
        five.session.show_model(tints_file(channels))
        assert dock.isHidden() is (channels == 3)
    dock.close()
    five.reset_layout()
    assert not dock.isHidden()
    settle(qtbot, five)


def test_that_a_screenshot_shows_the_panel_of_a_model_that_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[bool] = []
    grab = MainWindow.grab

    def look(window: MainWindow) -> QPixmap:
        seen.append(not find(window, QCheckBox, "channel4.on").visibleRegion().isEmpty())
        return grab(window)

    monkeypatch.setattr(MainWindow, "grab", look)
    words = ["--out", str(tmp_path / "f.png"), "--panel", "channels"]
    assert main(["screenshot", str(write_tints(tmp_path, 5)), *words]) == 0
    assert seen == [True]
    assert main(["screenshot", str(write_tints(tmp_path, 3)), *words]) == 2
    line = "vae-explorer: the model has no panel channels; choose a model of 2 or of 4 to 16 channels, or leave the panel out\n"
    assert capsys.readouterr().err.endswith(line)
    assert len(seen) == 1


def test_that_the_table_is_kept_and_taken_back(five: MainWindow) -> None:
    table = five.session.channels
    before: Kept = table.kept()
    edited = (replace(table.channels[0], name="nuclei", low=9, on=False), *table.channels[1:])
    table.set_channels(edited)
    kept = type(table.kept()).from_json(table.kept().as_json())
    table.take_back(before)
    assert table.channels == usual_channels(5)
    assert find(five, QCheckBox, "channel0.on").isChecked()
    table.take_back(kept)
    assert table.channels == edited
    assert not find(five, QCheckBox, "channel0.on").isChecked()


def test_that_a_table_waits_for_a_model_of_as_many_channels(five: MainWindow, qtbot: QtBot) -> None:
    edited = tuple(replace(channel, on=False) for channel in usual_channels(5))
    five.session.channels.set_channels(edited)
    five.session.show_model(tints_file(3))
    assert five.session.channels.channels == ()
    five.session.show_model(tints_file(5))
    assert five.session.channels.channels == edited
    settle(qtbot, five)
