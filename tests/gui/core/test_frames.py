"""The frames of the path below the window: what is asked, what they are called, and the player that they go to."""

from __future__ import annotations

import numpy as np
import pytest

from tests.gui.fakes import FakeDecoder, FakeWork, made_images
from tests.gui.made import LATENTS, SAVED, of_family, of_five
from vae_explorer.gui.core.decode_thread import PATH
from vae_explorer.gui.core.frames import PathFrames
from vae_explorer.gui.core.session import OpenModel, Session
from vae_explorer.latent.paths import Interpolation
from vae_explorer.models.model_file import ModelFile

A, B, C = (-1.0, 0.5), (1.0, 0.25), (0.25, -1.5)


@pytest.fixture
def frames(session: Session) -> PathFrames:
    return session.frames


def straight(frames: int) -> np.ndarray:
    """The way from A to B, worked out frame by frame."""
    return np.array([[(1 - t) * a + t * b for a, b in zip(A, B, strict=True)] for t in np.linspace(0, 1, frames)], np.float32)


def test_that_a_path_is_decoded_along_its_straight_line(session: Session, frames: PathFrames) -> None:
    frames.click(A)
    assert frames.answer is None
    frames.click(B)
    session.workspace.path.set_frames(5)
    assert frames.answer is not None
    np.testing.assert_allclose(frames.answer.z, straight(5), atol=1e-7)
    np.testing.assert_array_equal(frames.answer.images, made_images(frames.answer.z))
    assert session.workspace.player.count == 5


def test_that_a_player_asks_the_decoder_for_nothing(session: Session, frames: PathFrames, decoder: FakeDecoder) -> None:
    for z in (A, B):
        frames.click(z)
    asked = len(decoder.requests)
    for frame in (3, 7):
        session.workspace.player.set_frame(frame)
    assert len(decoder.requests) == asked


def test_that_a_cleared_path_has_no_frames(session: Session, frames: PathFrames) -> None:
    for z in (A, B):
        frames.click(z)
    session.workspace.player.play()
    session.workspace.path.clear()
    assert frames.answer is None
    assert (session.workspace.player.count, session.workspace.player.playing) == (0, False)


def test_that_a_click_is_the_picked_point_until_it_is_taken_back(session: Session, frames: PathFrames) -> None:
    session.cursor.pick(C)
    frames.click(A)
    assert session.cursor.picked == A
    frames.take_back_click()
    assert session.cursor.picked == C
    assert session.workspace.path.path.points == ()
    frames.click(A)
    frames.forget_click()
    frames.take_back_click()
    assert session.workspace.path.path.points == (A,)


def test_that_a_path_that_played_before_a_double_click_plays_on(
    session: Session, frames: PathFrames, decoder: FakeDecoder
) -> None:
    for z in (A, B):
        frames.click(z)
    session.workspace.player.play()
    decoder.hold()
    frames.click(C)
    assert not session.workspace.player.playing
    frames.take_back_click()
    assert not session.workspace.player.playing  # its frames are on their way
    decoder.answer(decoder.newest(PATH))
    assert session.workspace.player.playing
    session.workspace.player.pause()


def test_that_a_path_goes_through_z_and_class(
    session: Session, frames: PathFrames, decoder: FakeDecoder, file: ModelFile
) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    for label, z in ((2, A), (9, B)):
        session.options.set_label(label)
        frames.click(z)
    t = np.linspace(0, 1, 16)[:, None]
    np.testing.assert_allclose(decoder.newest(PATH).condition, (1 - t) * np.eye(10)[2] + t * np.eye(10)[9], atol=1e-6)


def test_that_an_endpoint_without_a_class_has_that_of_the_wheel(
    session: Session, frames: PathFrames, decoder: FakeDecoder, file: ModelFile
) -> None:
    for z in (A, B):
        frames.click(z)  # on the map of a model without classes
    assert decoder.newest(PATH).condition is None
    session.show_model(of_family(file, "cvae"), SAVED)
    session.options.set_label(4)
    np.testing.assert_array_equal(decoder.newest(PATH).condition, np.tile(np.eye(10)[4], (16, 1)))


def test_that_frames_say_their_classes_and_switches(session: Session, frames: PathFrames, file: ModelFile) -> None:
    session.show_model(of_family(file, "cvae"), SAVED)
    for label, z in ((3, A), (5, B)):
        session.options.set_label(label)
        frames.click(z)
    assert frames.note.startswith("VAE Explorer: model cvae (cvae on digits")
    assert frames.note.endswith("z (-1, 0.5) to (1, 0.25), class 3 to 5")
    session.workspace.path.clear()
    for z in (A, B):
        session.workspace.path.click(z)
    assert frames.note.endswith("to (1, 0.25), class 5")
    session.show_model(of_family(file, "hierarchical-vae"), SAVED)
    assert frames.note.endswith("to (1, 0.25)")
    session.options.set_switch("lower_sampled", True)
    assert frames.note.endswith("to (1, 0.25), with lower_sampled")


def test_that_frames_are_named_after_the_model_that_made_them(
    session: Session, frames: PathFrames, decoder: FakeDecoder, file: ModelFile
) -> None:
    for z in (A, B):
        frames.click(z)
    before = frames.note
    decoder.hold()
    session.show_model(of_family(file, "ae"), SAVED)
    assert frames.note == before
    decoder.answer(decoder.newest(PATH))
    assert "model ae" in frames.note


@pytest.fixture
def five(session: Session, work: FakeWork, file: ModelFile) -> OpenModel:
    """A model of five latents on the map; the opening section shows z₂ and z₄."""
    model = session.show_model(of_five(file))
    work.run("codes index")
    np.testing.assert_array_equal(model.section.axes, np.eye(LATENTS)[[1, 3]])
    return model


def test_that_clicks_on_a_section_lay_a_path_through_the_space(session: Session, frames: PathFrames, five: OpenModel) -> None:
    session.show_section(five.section.moved(0, 0.5))
    frames.click(A)
    session.show_section(five.section.moved(4, -2.0))
    frames.click(B)
    ends = np.array([[0.5, A[0], 0, A[1], 0], [0, B[0], 0, B[1], -2]], np.float32)
    assert frames.answer is not None
    np.testing.assert_allclose(frames.answer.z, np.linspace(*ends, 16), atol=1e-6)
    assert frames.note.endswith("z (0.5, -1, 0, 0.5, 0) to (0, 1, 0, 0.25, -2)")


def test_that_clicks_on_codes_take_the_codes(session: Session, frames: PathFrames, five: OpenModel) -> None:
    for index in (3, 8):
        x, y = five.codes.mean[index].tolist()
        session.cursor.move((x, y), 1e-6)
        frames.click((x, y))
    assert frames.answer is not None
    np.testing.assert_array_equal(frames.answer.z[[0, -1]], five.file.codes.mean[[3, 8]])
    frames.click((x, y + 1e-4))  # beside the code
    assert session.workspace.path.path.points[0][0] == 0
    frames.take_back_click()
    frames.click((x + 1e-4, y), snaps=True)
    np.testing.assert_array_equal(session.workspace.path.path.points, five.file.codes.mean[[8]])


def test_that_a_dragged_endpoint_stays_as_far_from_the_section(session: Session, frames: PathFrames, five: OpenModel) -> None:
    start = (0.3, 0.1, -0.7, 0.2, 1.5)
    session.workspace.path.click(start)
    session.workspace.path.begin_drag()
    frames.drag(0, B, snaps=False)
    np.testing.assert_allclose(session.workspace.path.path.points, [[0.3, B[0], -0.7, B[1], 1.5]], atol=1e-6)
    frames.drag(0, tuple(five.codes.mean[5].tolist()), snaps=True)
    np.testing.assert_array_equal(session.workspace.path.path.points, five.file.codes.mean[[5]])


def test_that_a_spherical_path_is_decoded_around_0(session: Session, frames: PathFrames, five: OpenModel) -> None:
    for z in ((2.0, 0.0), (0.0, 2.0)):
        frames.click(z)
    session.workspace.path.set_interpolation(Interpolation.SPHERICAL)
    assert frames.answer is not None
    np.testing.assert_allclose(np.linalg.norm(frames.answer.z, axis=1), 2, rtol=1e-6)
    session.workspace.undo_stack.undo()
    assert np.linalg.norm(frames.answer.z, axis=1).min() < 1.5


def test_that_a_model_of_other_latents_clears_the_path(session: Session, frames: PathFrames, file: ModelFile) -> None:
    for z in (A, B):
        frames.click(z)
    session.show_model(of_five(file))
    assert session.workspace.path.path.points == ()
    assert (frames.answer, session.workspace.player.count) == (None, 0)
    session.workspace.undo_stack.undo()  # the path is back, but in another space
    assert session.workspace.path.path.points == (A, B)
    assert (frames.answer, frames.path.points) == (None, ())
    frames.click(A)
    assert len(frames.path.points) == 1
    assert frames.path.latents == LATENTS
