from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageSequence

from vae_explorer.errors import UserError
from vae_explorer.images import ANIMATIONS, in_domain, read_grey, write_frames, write_picture

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 8, 6), dtype=np.uint8)


def test_that_a_picture_is_saved_pixel_by_pixel(tmp_path: Path) -> None:
    write_picture(tmp_path / "picture.png", FRAMES[0])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "picture.png")), FRAMES[0])
    assert np.array_equal(read_grey(tmp_path / "picture.png", (8, 6)), FRAMES[0])


@pytest.mark.parametrize("suffix", sorted(set(ANIMATIONS) - {".webp"}))
def test_that_an_animation_holds_every_frame_enlarged_without_blur(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_frames(path, FRAMES, milliseconds=50)
    with Image.open(path) as film:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    times = frames[0].shape[0] // 8
    assert len(frames) == len(FRAMES)
    assert min(frames[0].shape) >= 84
    assert all(np.array_equal(frame[::times, ::times], wanted) for frame, wanted in zip(frames, FRAMES, strict=True))
    assert all(
        np.array_equal(frame, wanted.repeat(times, 0).repeat(times, 1)) for frame, wanted in zip(frames, FRAMES, strict=True)
    )


@pytest.mark.parametrize("suffix", [".gif", ".apng"])
def test_that_an_animation_loops_and_keeps_its_pace(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_frames(path, FRAMES, milliseconds=50)
    with Image.open(path) as film:
        assert film.info["loop"] == 0
        assert [frame.info["duration"] for frame in ImageSequence.Iterator(film)] == [50] * len(FRAMES)


def test_that_a_strip_lays_the_frames_side_by_side(tmp_path: Path) -> None:
    write_frames(tmp_path / "strip.png", FRAMES)
    assert np.array_equal(np.asarray(Image.open(tmp_path / "strip.png")), np.hstack(list(FRAMES)))


@pytest.mark.parametrize("name", ["picture.png", "strip.png", "film.apng", "film.gif"])
def test_that_a_picture_says_which_model_made_it(tmp_path: Path, name: str) -> None:
    note = "model mnist-vae, β = 1"
    if name == "picture.png":
        write_picture(tmp_path / name, FRAMES[0], note)
    else:
        write_frames(tmp_path / name, FRAMES, note=note)
    with Image.open(tmp_path / name) as image:
        said = image.info.get("Description") or image.info["comment"].decode()
    assert said == note


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.png.txt"])
def test_that_a_name_of_another_kind_is_refused_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match=r"cannot write .*: the file's name must end in \.png"):
        write_picture(tmp_path / name, FRAMES[0])
    with pytest.raises(UserError, match=r"must end in \.apng or \.gif or \.png or \.webp"):
        write_frames(tmp_path / name, FRAMES)
    assert not os.listdir(tmp_path)


def test_that_a_colour_image_of_another_size_becomes_grey_and_fits(tmp_path: Path) -> None:
    Image.new("RGB", (60, 80), (255, 255, 255)).save(tmp_path / "white.jpg")
    image = read_grey(tmp_path / "white.jpg", (8, 6))
    assert image.shape == (8, 6)
    assert image.dtype == np.uint8
    assert (image == 255).all()


def test_that_what_is_transparent_is_black(tmp_path: Path) -> None:
    Image.new("RGBA", (6, 8), (255, 255, 255, 0)).save(tmp_path / "clear.png")
    assert not read_grey(tmp_path / "clear.png", (8, 6)).any()


def test_that_a_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"there is no image file .*nothing\.png"):
        read_grey(tmp_path / "nothing.png", (8, 8))


def test_that_a_file_that_is_no_image_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    with pytest.raises(UserError, match=r"text\.png is no image that can be read; give a PNG, JPEG, GIF or NPY file"):
        read_grey(tmp_path / "text.png", (8, 8))


def test_that_a_folder_is_no_image(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read as an image"):
        read_grey(tmp_path, (8, 8))


@pytest.mark.parametrize("shape", [(8, 6), (1, 8, 6)])
@pytest.mark.parametrize("kind", [np.uint8, np.float64, np.float32, bool])
def test_that_an_array_is_read_as_the_image_that_it_is(tmp_path: Path, kind: type, shape: tuple[int, ...]) -> None:
    pixels = FRAMES[0] if kind is not bool else np.where(FRAMES[0] > 127, 255, 0).astype(np.uint8)
    np.save(tmp_path / "x.npy", (pixels if kind is np.uint8 else pixels / 255).astype(kind).reshape(shape))
    assert np.array_equal(read_grey(tmp_path / "x.npy", (8, 6)), pixels)


@pytest.mark.parametrize(
    ("array", "complaint"),
    [
        (np.zeros((2, 8, 6)), "shape (2, 8, 6); an image has shape (height, width)"),
        (np.zeros((0, 6)), "an image has shape"),
        (np.full((8, 6), 255.0), "holds float64 outside of [0, 1]"),
        (np.full((8, 6), np.nan), "outside of [0, 1]"),
        (np.full((8, 6), "a"), "outside of [0, 1]"),
        (np.array([[{}]], object), "cannot be read as an image"),
    ],
)
def test_that_an_array_that_is_no_image_is_refused(tmp_path: Path, array: np.ndarray, complaint: str) -> None:
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(UserError, match=re.escape(complaint)) as refused:
        read_grey(tmp_path / "x.npy", (8, 6))
    assert str(tmp_path / "x.npy") in str(refused.value)


def test_that_an_array_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", FRAMES[0])
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes()[:-10])
    with pytest.raises(UserError, match="cannot be read as an image"):
        read_grey(tmp_path / "x.npy", (8, 6))


def test_that_an_image_is_black_and_white_for_a_model_of_binary_pixels() -> None:
    pixels = np.array([[0, 127], [128, 255]], np.uint8)
    assert np.array_equal(in_domain(pixels, "dynamic"), [[0, 0], [1, 1]])
    assert in_domain(pixels, "none") == pytest.approx(np.array([[0, 127], [128, 255]]) / 255)


@pytest.mark.filterwarnings("default")  # Pillow only warns of an image of up to twice the limit
@pytest.mark.parametrize("limit", [30, 20])
def test_that_an_image_of_far_too_many_pixels_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    write_picture(tmp_path / "large.png", FRAMES[0])
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(UserError, match="far too large for an image of 8×8; scale it down first"):
        read_grey(tmp_path / "large.png", (8, 8))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.booleans())
def test_that_a_damaged_image_is_read_or_refused_in_one_line(tmp_path: Path, place: int, byte: int, cut: bool) -> None:
    path = tmp_path / "damaged.png"
    write_picture(path, FRAMES[0])
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place] = byte
    path.write_bytes(data[:place] if cut else data)
    try:
        assert read_grey(path, (8, 6)).shape == (8, 6)
    except UserError as error:
        message = str(error)
        assert (path.name in message, "\n" in message) == (True, False)


def test_that_a_wide_picture_keeps_its_proportions_and_its_border_is_drawn_out(tmp_path: Path) -> None:
    paper = np.full((10, 40), 255, np.uint8)
    paper[2:8, 17:23] = 0  # a square
    write_picture(tmp_path / "wide.png", paper)
    dark = read_grey(tmp_path / "wide.png", (40, 40)) < 128
    assert dark.sum() == 36
    assert np.ptp(np.argwhere(dark), axis=0).tolist() == [5, 5]
