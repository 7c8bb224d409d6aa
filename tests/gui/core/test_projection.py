"""Sections of many codes are computed in a job: what the map shows meanwhile, and which section it shows in the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.gui.fakes import FakeWork
from vae_explorer.codes import Codes
from vae_explorer.gui.core import projection as module
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.features.traversals.state import Traversals
from vae_explorer.models import model_file
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def choice(session: Session, file: ModelFile, monkeypatch: pytest.MonkeyPatch) -> SectionChoice:
    """The choice for a model whose codes count as many. The map opens along z₁ and z₂."""
    monkeypatch.setattr(module, "AT_ONCE", 0)
    session.show_model(of_four(file))
    return session.part(SectionChoice)


@pytest.fixture
def shown(session: Session, choice: SectionChoice) -> list[tuple[float, ...]]:
    """The origins of the sections that the map shows."""
    shown: list[tuple[float, ...]] = []
    session.section_changed.connect(lambda model: shown.append(tuple(model.section.origin.tolist())))
    return shown


def of_four(file: ModelFile) -> ModelFile:
    codes = file.codes
    mean = np.random.default_rng(0).normal(size=(len(codes), 4)) * [3.0, 2.0, 1.0, 0.5]
    wide = Codes(mean.astype(np.float32), np.full((len(codes), 4), 0.5, np.float32), codes.label, codes.split)
    return replace(file, card=replace(file.card, spec=replace(file.card.spec, latent_dim=4)), codes=wide)


def test_that_the_map_stays_until_the_codes_are_projected(
    choice: SectionChoice, session: Session, work: FakeWork, shown: list[tuple[float, ...]]
) -> None:
    choice.choose_latents(3, 2)
    assert choice.section is not None
    assert choice.section.along == [3, 2]
    assert session.model is not None
    assert session.model.section.along == [0, 1]
    work.run("section")
    assert session.model.section.along == [3, 2]
    np.testing.assert_array_equal(session.model.places, session.model.file.codes.mean[:, [3, 2]])
    assert len(shown) == 1


def test_that_a_drag_shows_the_first_and_the_newest_section(
    choice: SectionChoice, work: FakeWork, shown: list[tuple[float, ...]]
) -> None:
    for latent, value in ((2, 0.5), (2, 1.0), (3, -1.0), (2, 1.5)):
        choice.set_value(latent, value)
    assert choice.section is not None
    assert choice.section.origin.tolist() == [0, 0, 1.5, -1]
    work.run("section")
    assert shown == [(0, 0, 0.5, 0), (0, 0, 1.5, -1)]


def test_that_another_model_ends_the_wish(
    choice: SectionChoice, session: Session, file: ModelFile, work: FakeWork, shown: list[tuple[float, ...]]
) -> None:
    choice.set_value(2, 0.5)
    choice.set_value(2, 1.0)
    session.show_model(of_four(file))
    work.run("section")
    assert shown == []
    assert choice.section is not None
    assert not choice.section.origin.any()


def test_that_distances_come_with_the_section(choice: SectionChoice, session: Session, work: FakeWork) -> None:
    choice.set_near_share(0.3)
    assert choice.near is None
    work.run("section")
    assert session.model is not None
    distance = np.linalg.norm(session.model.file.codes.mean[:, 2:], axis=1)
    near = choice.near
    assert near is not None
    assert distance[near].max() <= distance[~near].min() + 1e-5
    choice.set_near_share(0.6)
    assert work.keys.count("section") == 0
    assert choice.near is not None
    assert choice.near.mean() == pytest.approx(0.6, abs=0.01)


def test_that_the_fading_holds_on_another_model(
    choice: SectionChoice, session: Session, file: ModelFile, work: FakeWork
) -> None:
    choice.set_near_share(0.3)
    work.run("section")
    session.show_model(of_four(file))
    assert choice.near is None
    work.run("section")
    assert choice.near is not None


def test_that_the_information_of_latents_is_computed_once(
    session: Session, file: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    information: Callable[..., object] = model_file.information
    monkeypatch.setattr(model_file, "information", lambda mean, std: asked.append(len(mean)) or information(mean, std))
    session.show_model(of_four(file))
    session.part(Traversals).set_open(True)
    session.inspection.hold(3)
    session.part(SectionChoice).choose_latents(3, 2)
    assert asked == [len(file.codes)]
