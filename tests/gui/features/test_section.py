"""The choice of a section, on fakes: what the session is asked to show, against explicit matrices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from vae_explorer.gui.core.decode_thread import CURSOR
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.section.plane_by import PlaneBy
from vae_explorer.gui.features.section.state import KeptSection, SectionChoice
from vae_explorer.latent.section import principal, separating, through
from vae_explorer.models.model_file import ModelFile

from ..fakes import FakeDecoder, FakeWork
from ..made import LATENTS, of_five


@pytest.fixture
def choice(session: Session, file: ModelFile) -> SectionChoice:
    """The choice for a model of five latents, z₂ the one that tells most, then z₄."""
    session.show_model(of_five(file))
    return session.part(SectionChoice)


def axes(session: Session) -> NDArray[np.float64]:
    assert session.model is not None
    return session.model.section.axes


def unit(*latents: int) -> NDArray[np.float64]:
    return np.eye(LATENTS)[list(latents)]


def test_that_the_map_opens_on_the_latents_that_tell_most(choice: SectionChoice, session: Session) -> None:
    assert choice.offered
    assert choice.latents == (1, 3)
    np.testing.assert_array_equal(axes(session), unit(1, 3))


def test_that_models_of_two_latents_have_no_choice(session: Session) -> None:
    assert not session.part(SectionChoice).offered


def test_that_two_latents_are_chosen(choice: SectionChoice, session: Session) -> None:
    choice.choose_latents(4, 0)
    np.testing.assert_array_equal(axes(session), unit(4, 0))
    choice.choose_latents(2, 2)  # no plane: the map stays
    np.testing.assert_array_equal(axes(session), unit(4, 0))


def test_that_every_way_gives_its_plane(choice: SectionChoice, session: Session) -> None:
    codes = choice.codes
    assert codes is not None
    choice.choose(PlaneBy.PRINCIPAL)
    np.testing.assert_allclose(axes(session), principal(codes.mean).axes)
    choice.choose_classes(3, 7)
    choice.choose(PlaneBy.CLASSES)
    rows = np.isin(codes.label, (3, 7))
    np.testing.assert_allclose(axes(session), separating(codes.mean[rows], codes.label[rows] == 7).axes)
    choice.choose(PlaneBy.CODES)
    for index in (5, 9, 5, 700):
        choice.pick(index)
    assert choice.picked == (9, 5, 700)
    choice.pick(11)
    np.testing.assert_allclose(axes(session), through(codes.mean[[5, 700, 11]]).axes)


def test_that_codes_on_one_line_are_refused(choice: SectionChoice, session: Session, file: ModelFile, qtbot: QtBot) -> None:
    five = of_five(file)
    five.codes.mean[:3] = np.outer([1.0, 2.0, 3.0], np.ones(LATENTS))
    session.show_model(five)
    choice.choose(PlaneBy.CODES)
    choice.pick(0)
    choice.pick(1)
    before = axes(session)
    with qtbot.waitSignal(choice.refused) as refused:
        choice.pick(2)
    assert "no plane" in refused.args[0]
    np.testing.assert_array_equal(axes(session), before)


def test_that_a_slider_moves_the_section_and_the_decoder_follows(
    choice: SectionChoice, session: Session, decoder: FakeDecoder
) -> None:
    choice.set_value(2, 1.5)
    session.cursor.move((0.25, -1.0), 0.0)
    assert session.cursor.state.point == (0.0, 0.25, 1.5, -1.0, 0.0)
    assert decoder.requests[-1].z.tolist() == [[0.0, 0.25, 1.5, -1.0, 0.0]]


def test_that_the_section_goes_through_a_code_and_its_place_stays(choice: SectionChoice, session: Session) -> None:
    model, codes = session.model, choice.codes
    assert model is not None
    assert codes is not None
    before = model.codes.mean[40].tolist()
    choice.go_through(40)
    after = session.model
    assert after is not None
    np.testing.assert_allclose(after.codes.mean[40], before, atol=1e-5)
    np.testing.assert_allclose(after.section.lift([before])[0], codes.mean[40], atol=1e-5)


def test_that_the_section_and_the_cursor_go_to_a_point(choice: SectionChoice, session: Session, decoder: FakeDecoder) -> None:
    choice.choose(PlaneBy.PRINCIPAL)
    before, z = axes(session), np.array([0.5, -1.0, 2.0, 0.25, -3.0])
    choice.go_to(z)
    np.testing.assert_array_equal(axes(session), before)
    np.testing.assert_allclose(session.cursor.state.point, z, atol=1e-6)
    np.testing.assert_allclose(decoder.newest(CURSOR).z, [z], atol=1e-6)
    session.cursor.move((5.0, 5.0), 0.0)
    session.cursor.leave()
    np.testing.assert_allclose(session.cursor.state.point, z, atol=1e-6)


def test_that_a_tour_ends_at_a_point_that_was_chosen(choice: SectionChoice) -> None:
    choice.choose(PlaneBy.TOUR)
    choice.set_touring(True)
    choice.go_to(np.ones(LATENTS))
    assert not choice.touring


def test_that_the_cursor_goes_to_a_point_of_two_latents(session: Session) -> None:
    session.part(SectionChoice).go_to(np.array([0.5, -1.0]))
    assert session.cursor.picked == (0.5, -1.0)


def test_that_hovering_a_code_decodes_the_code_and_not_its_shadow(
    choice: SectionChoice, session: Session, decoder: FakeDecoder, work: FakeWork
) -> None:
    model, codes = session.model, choice.codes
    assert model is not None
    assert codes is not None
    work.run("codes index")
    x, y = model.codes.mean[12].tolist()
    session.cursor.move((x, y), 0.01)
    assert session.cursor.state.is_code
    np.testing.assert_array_equal(session.cursor.state.point, codes.mean[session.cursor.state.nearest])  # type: ignore[index]
    assert any(np.array_equal(request.z[0], codes.mean[12]) for request in decoder.requests[-3:])


def test_that_the_nearest_codes_are_those_of_explicit_distances(choice: SectionChoice) -> None:
    codes = choice.codes
    assert codes is not None
    assert choice.near is None
    choice.set_near_share(0.3)
    distance = np.linalg.norm(codes.mean[:, [0, 2, 4]], axis=1)  # beside z₂ and z₄
    near = choice.near
    assert near is not None
    assert near.mean() == pytest.approx(0.3, abs=0.01)
    assert distance[near].max() <= distance[~near].min() + 1e-5


def test_that_a_tour_turns_the_plane_until_it_is_stopped(choice: SectionChoice, session: Session, qtbot: QtBot) -> None:
    choice.choose(PlaneBy.TOUR)
    before = axes(session)
    choice.set_touring(True)
    qtbot.waitUntil(lambda: not np.allclose(axes(session), before, atol=0.05))
    np.testing.assert_allclose(axes(session) @ axes(session).T, np.eye(2), atol=1e-9)
    choice.set_touring(False)
    stopped = axes(session)
    choice.choose(PlaneBy.TOUR)
    assert not choice.touring
    np.testing.assert_array_equal(axes(session), stopped)


def test_that_another_model_of_the_data_keeps_a_chosen_section(
    choice: SectionChoice, session: Session, file: ModelFile
) -> None:
    choice.choose_latents(4, 0)
    session.show_model(of_five(file, seed=1))
    np.testing.assert_array_equal(axes(session), unit(4, 0))
    session.show_model(file)
    assert not choice.offered


def test_that_a_record_brings_a_section_back(choice: SectionChoice, session: Session) -> None:
    choice.choose(PlaneBy.PRINCIPAL)
    choice.set_near_share(0.5)
    kept, wanted = choice.kept(), axes(session)
    choice.choose(PlaneBy.LATENTS)
    choice.take_back(KeptSection.from_json(kept.as_json()))
    np.testing.assert_allclose(axes(session), wanted)
    assert (choice.by, choice.near_share) == (PlaneBy.PRINCIPAL, 0.5)


def test_that_a_slider_of_the_model_before_moves_nothing(choice: SectionChoice, session: Session, file: ModelFile) -> None:
    session.show_model(file)  # two latents
    before = session.model
    choice.set_value(4, 1.5)
    choice.set_value(1, 1.5)
    choice.go_through(3)
    assert session.model is before
