"""The ratio of q(z) to the prior below the window, and what its scale says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from scipy.stats import norm

from tests.gui.fakes import FakeWork
from tests.gui.looking import text_of
from tests.gui.made import SAVED, of_family, without_codes
from vae_explorer.codes import Codes
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.base import Overlays
from vae_explorer.gui.features.prior_ratio import state as module
from vae_explorer.gui.features.prior_ratio.presenter import RatioPresenter
from vae_explorer.gui.features.prior_ratio.state import PriorRatio
from vae_explorer.gui.kit.colour_bar import ColourBar
from vae_explorer.gui.kit.theme import signed_table
from vae_explorer.models.model_file import ModelFile

EDGES = np.linspace(-1.0, 1.0, 41)


@pytest.fixture
def overlays(session: Session) -> Overlays:
    """No overlay at all; a test says which are turned on and off."""
    return Overlays((), session)


@pytest.fixture
def bar(session: Session, overlays: Overlays) -> Iterator[ColourBar]:
    """The scale, hidden as it is at first, in a window that is not shown."""
    window = QWidget()
    bar = ColourBar("ratioBar", signed_table, window)
    bar.hide()
    RatioPresenter(bar, overlays, session)
    yield bar
    window.deleteLater()


@pytest.fixture
def found(session: Session) -> list[Any]:
    """The ratios that are found."""
    found: list[Any] = []
    session.part(PriorRatio).found.connect(lambda edges, ratio: found.append(ratio))
    return found


def test_that_the_ratio_is_that_of_the_densities_in_each_cell(
    session: Session, work: FakeWork, codes: Codes, found: list[Any]
) -> None:
    session.part(PriorRatio).compare(lambda: codes, lambda _: EDGES)
    work.run("ratio")
    (ratio,) = found
    middle = (EDGES[:-1] + EDGES[1:]) / 2
    mean, std = codes.mean.astype(float), codes.std.astype(float)
    for row, column in ((3, 30), (20, 20), (35, 8)):
        z = np.array([middle[column], middle[row]])
        density = norm.pdf(z, mean, std).prod(axis=1).mean()
        assert ratio[row, column] == pytest.approx(np.log(density / norm.pdf(z).prod()), abs=0.05)


def test_that_the_newest_comparison_alone_is_heard(session: Session, work: FakeWork, codes: Codes, found: list[Any]) -> None:
    ratio = session.part(PriorRatio)
    for edges in (EDGES, EDGES[::2]):
        ratio.compare(lambda: codes, lambda _, edges=edges: edges)
    work.run("ratio")
    assert [each.shape for each in found] == [(20, 20)]
    ratio.compare(lambda: codes, lambda _: EDGES)
    ratio.stop()
    work.run("ratio")
    assert len(found) == 1


def test_that_the_scale_says_what_the_codes_of_a_model_are(session: Session, bar: ColourBar, file: ModelFile) -> None:
    for family, words in (("ae", "points"), ("iaf-vae", "Gaussians")):
        session.show_model(of_family(file, family), SAVED)
        assert words in text_of(bar, "ratioBar.note")
    session.show_model(without_codes(file), SAVED)
    assert "no codes" in text_of(bar, "ratioBar.note")
    session.show_model(file, SAVED)
    assert text_of(bar, "ratioBar.note") == ""


def test_that_the_scale_is_there_with_its_overlay_alone(bar: ColourBar, overlays: Overlays) -> None:
    for name, visible, shown in (("codes", True, False), ("prior_ratio", True, True), ("prior_ratio", False, False)):
        overlays.toggled.emit(name, visible)
        assert bar.isHidden() is not shown


def test_that_a_comparison_that_fails_is_said(
    session: Session, bar: ColourBar, work: FakeWork, codes: Codes, problems: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MemoryError("out of memory")

    monkeypatch.setattr(module, "spread_of", refuse)
    session.part(PriorRatio).compare(lambda: codes, lambda _: EDGES)
    work.run("ratio")
    assert text_of(bar, "ratioBar.note") == "This failed: MemoryError: out of memory"
    assert problems == ["MemoryError: out of memory"]
