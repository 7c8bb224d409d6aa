"""The window on a person's own images: a label has the colours, the legend, the names on the map and its scale."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.data.own.made import added, grey, save
from vae_explorer.data.own.store import Store
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.latent.scale import UNKNOWN
from vae_explorer.models.model_file import write_model_file
from vae_explorer.training.config import TrainConfig
from vae_explorer.training.events import Finished
from vae_explorer.training.loop import train

from .conftest import OpenWindow
from .looking import find, go_down_to, settle, text_of

SHAPES = ("round", "עגול", "")


@pytest.fixture
def own(tmp_path: Path) -> Store:
    """Sixty images with a shape and a weight, some missing, and a remark."""
    lines = ["file,shape,weight [mg],remark"]
    for number in range(60):
        save(tmp_path / "cells" / f"{number}.png", grey(number, 6, 8))
        lines.append(f"{number}.png,{SHAPES[number % 3]},{number + 0.5 if number % 5 else ''},<i>no {number}</i>")
    (tmp_path / "cells" / "table.csv").write_text("\n".join(lines), "utf-8")
    return added(tmp_path / "cells", tmp_path / "root", class_column="none")


@pytest.fixture
def window(own: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_window: OpenWindow) -> MainWindow:
    """A window on a model of these images."""
    monkeypatch.setenv("VAE_EXPLORER_DATA", str(tmp_path / "root"))
    *_, last = train(TrainConfig(dataset=own.name, epochs=1, hidden=(4,), batch_size=16, own=own.spec))
    assert isinstance(last, Finished)
    write_model_file(tmp_path / "cells.safetensors", last.model)
    return open_window(tmp_path / "cells.safetensors")


def test_that_a_label_takes_over_the_map(window: MainWindow, own: Store, qtbot: QtBot) -> None:
    view, legend = window.latent_view, window.explorer.panel(ModelPanel).legend
    assert (legend.isHidden(), view.class_labels.shown()) == (True, {})
    columns = own.dataset().columns
    shape = np.asarray(columns["shape"].values)
    go_down_to(window, "mapColour", "shape")
    settle(qtbot, window)
    assert find(legend, QLabel, "legendTitle").accessibleName() == "shape"
    counts = {name: int((shape == place).sum()) for place, name in enumerate(columns["shape"].names)}
    shown = {box.accessibleName() for box in legend.findChildren(QCheckBox) if box.isVisible()}
    assert shown == {f"{name}, {count} codes" for name, count in (counts | {"unknown": 20}).items()}
    assert set(counts) <= set(view.class_labels.shown())
    codes = window.session.model.file.codes  # type: ignore[union-attr]
    find(legend, QCheckBox, "class0").click()
    hidden = int(np.flatnonzero(shape == 0)[0])
    found = window.session.codes_index.find(tuple(codes.mean[hidden].tolist()))  # type: ignore[arg-type]
    assert found is not None
    assert shape[found[0]] != 0


def test_that_numbers_have_a_scale_and_the_inspector_all_labels(window: MainWindow, own: Store, qtbot: QtBot) -> None:
    columns = own.dataset().columns
    weight = np.asarray(columns["weight"].values)
    go_down_to(window, "mapColour", "weight")
    settle(qtbot, window)
    bar = find(window, QWidget, "colourBar")
    assert bar.isVisible()
    assert (text_of(bar, "colourBar.title"), text_of(bar, "colourBar.unit")) == ("weight", "mg")
    label = window.latent_view.codes_item.points.key & np.uint32(255)
    assert np.count_nonzero(label == UNKNOWN) == np.isnan(weight).sum() == 12
    window.session.hold_code(7)
    settle(qtbot, window)
    lines = [find(window, QLabel, f"inspectedLabel{place}").accessibleName() for place in range(len(columns.columns))]
    expected = {name: columns[name].text(7) or "–" for name in ("file", "shape", "weight", "remark")}
    assert lines == [f"{column.name}:  {expected[column.name]}" for column in columns]


def test_that_the_choice_comes_back_from_a_record(window: MainWindow, qtbot: QtBot) -> None:
    explorer = window.explorer
    go_down_to(window, "mapColour", "shape")
    find(window, QCheckBox, "class1").click()
    settle(qtbot, window)
    kept = explorer.kept()
    QTest.keyClick(find(window, QComboBox, "mapColour"), Qt.Key.Key_Up)
    assert explorer.panel(ModelPanel).legend.isHidden()
    explorer.take_back(kept)
    legend = explorer.panel(ModelPanel).legend
    assert (legend.column, legend.hidden()) == ("shape", {1})
