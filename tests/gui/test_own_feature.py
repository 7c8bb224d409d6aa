"""A panel, an overlay and a job of one's own: one folder and one line in the table, as the guide says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QCheckBox
from pytestqt.qtbot import QtBot

from tests.readme import snippets
from vae_explorer.codes import Codes
from vae_explorer.gui import features
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features import table
from vae_explorer.gui.kit.ellipse_item import EllipseItem
from vae_explorer.models.model_file import read_model_file

from .fakes import FakeDecoder
from .leftovers import Watch
from .looking import PATIENCE, find

FILES = ("parts", "panel", "overlay", "presenter")


@pytest.fixture
def middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Add the folder and the line of the guide."""
    *modules, line = snippets("A panel or an overlay of your own")
    folder = tmp_path / "middle"
    folder.mkdir()
    for name, code in zip(("__init__", *FILES), ("", *modules), strict=True):
        (folder / f"{name}.py").write_text(code, "utf-8")
    monkeypatch.setattr(features, "__path__", [*features.__path__, str(tmp_path)])
    rows = (*table.FEATURES, eval(line, dict(vars(table))))
    monkeypatch.setattr(table, "FEATURES", rows)
    yield
    for name in ("", *(f".{name}" for name in FILES)):
        sys.modules.pop(f"vae_explorer.gui.features.middle{name}", None)
    monkeypatch.delattr(features, "middle", raising=False)


@pytest.fixture
def explorer(
    application: QApplication, middle: None, digits_path: Path, decoder: FakeDecoder, watch: Watch
) -> Iterator[Explorer]:
    workspace = Workspace(table.FEATURES)
    explorer = Explorer(Session(workspace, table.FEATURES, decoder=decoder))
    explorer.session.show_model(read_model_file(digits_path), digits_path)
    yield explorer
    workspace.shut_down()
    explorer.shut_down()
    explorer.latent_view.close()
    explorer.deleteLater()
    workspace.deleteLater()
    application.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def test_that_a_feature_of_ones_own_takes_one_folder_and_one_line(explorer: Explorer, qtbot: QtBot, codes: Codes) -> None:
    panel = explorer.panel(import_module("vae_explorer.gui.features.middle.panel").MiddlePanel)
    assert explorer.docks.dock("middleDock").isAncestorOf(panel)
    mean = codes.mean.mean(axis=0)
    qtbot.waitUntil(lambda: f"around ({mean[0]:.2f}, {mean[1]:.2f})" in panel.text(), timeout=PATIENCE)
    circles = [
        item
        for item in explorer.latent_view.scene().items()
        if isinstance(item, EllipseItem)
        and item.boundingRect().center().toTuple() == pytest.approx((float(mean[0]), float(mean[1])), abs=0.02)
    ]
    shown = [circle for circle in circles if circle.isVisible()]  # a posterior may lie there too
    assert shown
    find(explorer, QCheckBox, "overlay.middle").click()
    assert sum(circle.isVisible() for circle in shown) == len(shown) - 1
    qtbot.waitUntil(lambda: explorer.latent_view.rests, timeout=PATIENCE)
