"""A session on a decoder that answers at once: no window, no thread for decoding."""

from __future__ import annotations

import numpy as np

from vae_explorer.gui.core.decode_thread import CURSOR, PATH
from vae_explorer.gui.core.session import Session

from .fakes import FakeDecoder, made_images


def test_that_the_picture_under_the_cursor_is_that_of_its_point(session: Session) -> None:
    pictures = []
    session.cursor.decoded.connect(pictures.append)
    session.cursor.move((1.0, -2.0), 0.0)
    np.testing.assert_array_equal(pictures[-1].images, made_images(np.array([[1.0, -2.0]], np.float32)))
    assert session.cursor.picture is pictures[-1]


def test_that_a_path_of_two_clicks_is_decoded_once(session: Session, decoder: FakeDecoder) -> None:
    for z in ((0.0, 0.0), (1.0, 1.0)):
        session.frames.click(z)
    assert decoder.keys().count(PATH) == 1
    assert session.frames.answer is not None
    np.testing.assert_array_equal(session.frames.answer.images, made_images(session.workspace.path.path.z()))


def test_that_a_session_waits_while_its_decoder_does(session: Session, decoder: FakeDecoder) -> None:
    decoder.hold()
    session.cursor.move((1.0, -2.0), 0.0)
    assert not session.settled
    decoder.answer(decoder.requests[-1])
    assert decoder.requests[-1].key == CURSOR
    assert not decoder.waiting


def test_that_a_failure_under_the_cursor_is_said_once(session: Session, decoder: FakeDecoder) -> None:
    said: list[str] = []
    session.cursor.failed.connect(said.append)
    decoder.hold()
    session.cursor.move((1.0, -2.0), 0.0)
    decoder.fail("no memory", decoder.requests[-1])
    assert said == ["no memory"]
