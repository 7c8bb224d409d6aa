"""What the parts of the window write down: plain values that survive JSON, and that bring each part back."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields

import pytest

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.explorer import Explorer
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.metrics.state import MetricSurvey
from vae_explorer.gui.features.model.panel import ModelPanel
from vae_explorer.gui.features.samples.state import Samples
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.gui.main_window import MainWindow
from vae_explorer.latent.plane import EQUAL_PROBABILITY


def through_json(kept: Kept) -> Kept:
    return type(kept).from_json(json.loads(json.dumps(kept.as_json())))


def change(session: Session) -> None:
    """Choose something else in every part."""
    for z in ((0.5, -0.25), (1.0, 2.0)):
        session.frames.click(z)
    session.workspace.path.set_frames(7)
    session.inspection.hold(11)
    session.part(MetricSurvey).choose("elbo")
    session.part(MetricSurvey).set_all_images(True)
    session.part(MetricSurvey).stop()
    session.part(Extremes).set_bad_first(False)
    samples = session.part(Samples)
    samples.set_count(9)
    samples.set_seed(4)
    samples.choose(3)
    samples.move_noise(2, (0.5, -1.0))


def test_that_every_record_of_a_session_is_frozen_and_survives_json(session: Session) -> None:
    change(session)
    assert [keeper.kept_as for keeper in session.keepers] == [
        *("path", "options", "inspector", "channels", "section", "column", "samples", "metrics", "order")
    ]
    for keeper in session.keepers:
        kept = keeper.kept()
        assert through_json(kept) == kept
        with pytest.raises(FrozenInstanceError):
            setattr(kept, fields(kept)[0].name, None)


def test_that_every_part_of_a_session_comes_back_as_its_record_says(session: Session) -> None:
    first = {keeper.kept_as: keeper.kept() for keeper in session.keepers}
    change(session)
    changed = {keeper.kept_as: keeper.kept() for keeper in session.keepers}
    alike = [name for name in first if first[name] == changed[name]]
    # The digits model has no class, no switch, one channel and two latents. A metric excludes a column.
    assert sorted(alike) == ["channels", "column", "options", "section"]
    for record in (first, changed):
        for keeper in session.keepers:
            keeper.take_back(through_json(record[keeper.kept_as]))
            assert keeper.kept() == record[keeper.kept_as]


def test_that_a_record_of_other_codes_pins_no_code(session: Session) -> None:
    session.inspection.hold(11)
    kept = session.inspection.kept()
    session.inspection.pin(11)
    session.inspection.take_back(type(kept)(11, kept.codes - 1, kept.classes))
    assert session.inspection.pinned is None


def test_that_layout_ticks_and_view_come_back_from_json(window: MainWindow) -> None:
    explorer: Explorer = window.explorer
    before = explorer.kept()
    explorer.docks.show("healthDock", False)
    explorer.panel(ModelPanel).set_overlay("codes", False)
    explorer.panel(ModelPanel).legend.set_hidden(frozenset({1, 4}))
    explorer.latent_view.set_plane(EQUAL_PROBABILITY)
    assert [name for name, kept in explorer.kept().items() if kept != before[name]] == ["layout", "ticks", "view"]
    explorer.take_back({name: through_json(kept) for name, kept in before.items()})
    after = explorer.kept()
    assert {name: after[name] for name in before if name != "view"} == {name: before[name] for name in before if name != "view"}
    assert after["view"].as_json()["plane"] == "latent"
    assert after["view"].as_json()["rect"] == pytest.approx(before["view"].as_json()["rect"])
