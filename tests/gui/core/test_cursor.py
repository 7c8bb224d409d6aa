"""The cursor below the window: its image, its nearest code, and the code under inspection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from tests.gui.fakes import FakeDecoder, FakeWork, made_images
from tests.gui.looking import nearest, point
from tests.gui.made import SAVED
from vae_explorer.codes import Codes
from vae_explorer.gui.core.cursor import Cursor
from vae_explorer.gui.core.decode_thread import CURSOR
from vae_explorer.gui.core.session import CursorState, Session
from vae_explorer.latent.plane import EQUAL_PROBABILITY
from vae_explorer.models.model_file import ModelFile


@pytest.fixture
def cursor(session: Session, work: FakeWork) -> Cursor:
    """The cursor, once the codes are indexed."""
    work.run("codes index")
    return session.cursor


def test_that_the_nearest_code_is_named_with_its_distance(cursor: Cursor, codes: Codes) -> None:
    for z in ((-0.7, 1.1), (1.3, -0.4)):
        cursor.move(z, 0.0)
        index = nearest(codes, z)
        assert (cursor.state.nearest, cursor.state.label) == (index, str(codes.label[index]))
        assert cursor.state.distance == pytest.approx(float(np.hypot(*(codes.mean[index] - z))), rel=1e-5)


def test_that_no_code_is_nearest_until_the_codes_are_indexed(session: Session, work: FakeWork, codes: Codes) -> None:
    session.cursor.move((0.3, 0.2), 0.0)
    assert session.cursor.state.nearest is None
    assert session.inspection.current is None
    work.run("codes index")
    assert session.cursor.state.nearest == nearest(codes, (0.3, 0.2))
    assert session.inspection.current is not None
    assert session.inspection.current.index == session.cursor.state.nearest


def test_that_a_hidden_class_is_not_nearest(session: Session, cursor: Cursor, codes: Codes) -> None:
    hidden = int(codes.label[nearest(codes, (0.3, 0.2))])
    session.codes_index.set_hidden(frozenset({hidden}))
    cursor.move((0.3, 0.2), 0.0)
    shown = np.flatnonzero(codes.label != hidden)
    distance = np.linalg.norm(codes.mean[shown].astype(float) - (0.3, 0.2), axis=1)
    assert cursor.state.nearest == shown[np.argmin(distance)]


def test_that_near_means_near_on_the_map(session: Session, cursor: Cursor, codes: Codes) -> None:
    """Far out, a step of z is hardly one on the map, and another code is nearest."""
    session.codes_index.set_plane(EQUAL_PROBABILITY)
    places, differ = norm.cdf(codes.mean.astype(float)), 0
    for place in ((0.985, 0.5), (0.9, 0.99), (0.02, 0.97), (0.5, 0.01), (0.03, 0.3)):
        x, y = norm.ppf(place).tolist()
        cursor.move((x, y), 0.0)
        index = int(np.argmin(np.linalg.norm(places - place, axis=1)))
        assert cursor.state.nearest == index
        assert cursor.state.distance == pytest.approx(float(np.linalg.norm(codes.mean[index] - (x, y))), rel=1e-5)
        differ += nearest(codes, (x, y)) != index
    assert differ


def test_that_a_code_within_reach_is_inspected_before_others_hear_of_the_move(
    session: Session, cursor: Cursor, codes: Codes
) -> None:
    inspected: list[int | None] = []
    cursor.moved.connect(lambda _: inspected.append(current.index if (current := session.inspection.current) else None))
    cursor.move(point(codes, 9), 0.01)
    assert inspected == [9]
    x, y = point(codes, 9)
    cursor.move((x + 40.0, y), 0.01)  # near no code
    assert session.inspection.current is not None
    assert (session.inspection.current.index, session.inspection.current.hovered) == (9, False)


def test_that_the_image_comes_before_the_news_of_the_move(cursor: Cursor) -> None:
    news: list[str] = []
    for signal, name in ((cursor.decoded, "decoded"), (cursor.moved, "moved"), (cursor.changed, "changed")):
        signal.connect(lambda _, name=name: news.append(name))
    cursor.move((0.5, 0.5), 0.0)
    assert news == ["decoded", "moved", "changed"]


def test_that_the_picked_point_comes_back_when_the_mouse_leaves(session: Session, cursor: Cursor) -> None:
    cursor.pick((0.6, 0.4))
    cursor.move((-1.5, -1.0), 0.0)
    cursor.leave()
    assert (cursor.state.z, cursor.state.hovering) == ((0.6, 0.4), False)
    assert cursor.picture is not None
    np.testing.assert_array_equal(cursor.picture.images, made_images(np.array([[0.6, 0.4]], np.float32)))


def test_that_the_nearest_code_is_pinned_and_let_go(session: Session, cursor: Cursor, codes: Codes) -> None:
    z = point(codes, 9)
    for pinned in (9, None):
        cursor.pin_nearest(z)
        assert session.inspection.pinned == pinned


def test_that_a_cursor_follows_that_of_another_map(cursor: Cursor, codes: Codes, session: Session) -> None:
    hovering = CursorState((5.0, 5.0), True, None, "", 0.0)
    cursor.pick((0.1, 0.1))
    cursor.follow(hovering, point(codes, 9), reach=0.01)
    assert cursor.state.hovering
    assert cursor.picked == (0.1, 0.1)
    assert session.inspection.current is not None
    assert session.inspection.current.index == 9
    cursor.follow(replace(hovering, hovering=False), (0.3, 0.2), reach=0.01)
    assert cursor.picked == (0.3, 0.2)
    assert session.inspection.current.index == 9


def test_that_codes_of_a_script_are_named_but_not_inspected(session: Session, cursor: Cursor, codes: Codes) -> None:
    session.codes_index.set_codes(codes.mean + np.float32(50), codes.label)
    cursor.move((50.0, 50.0), 1.0)
    assert cursor.state.nearest is not None
    cursor.pin_nearest((50.0, 50.0))
    assert session.inspection.pinned is None
    assert not cursor.shows_own_codes
    session.hold_code(3)
    assert session.inspection.pinned is None


def test_that_another_model_has_no_image_until_it_answers(
    session: Session, cursor: Cursor, decoder: FakeDecoder, file: ModelFile
) -> None:
    cursor.move((0.5, 0.5), 0.0)
    decoder.hold()
    session.show_model(replace(file), SAVED)
    assert cursor.picture is None
    request = decoder.newest(CURSOR)
    assert (request.revision, request.z.tolist()) == (1, [[0.5, 0.5]])
    decoder.answer(request)
    assert cursor.picture is not None


def test_that_a_failure_of_another_request_is_not_one_of_the_cursor(
    session: Session, cursor: Cursor, decoder: FakeDecoder
) -> None:
    said: list[str] = []
    cursor.failed.connect(said.append)
    decoder.hold()
    for z in ((0.0, 0.0), (1.0, 1.0)):
        session.frames.click(z)
    decoder.fail("of the path", decoder.requests[-1])
    assert said == []
    decoder.fail("no decoder")
    assert said == ["no decoder"]
