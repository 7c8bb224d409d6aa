from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from vae_explorer.errors import UserError
from vae_explorer.images import ANIMATIONS, in_domain, write_frames, write_picture
from vae_explorer.kinds import Binarised

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 8, 6, 1), dtype=np.uint8)


def test_that_a_picture_is_saved_pixel_by_pixel(tmp_path: Path) -> None:
    write_picture(tmp_path / "picture.png", FRAMES[0])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "picture.png")), FRAMES[0, ..., 0])


@pytest.mark.parametrize("suffix", sorted(set(ANIMATIONS) - {".webp"}))
def test_that_an_animation_holds_every_frame_enlarged_without_blur(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    write_frames(path, FRAMES, milliseconds=50)
    with Image.open(path) as film:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    times = frames[0].shape[0] // 8
    assert len(frames) == len(FRAMES)
    assert min(frames[0].shape) >= 84
    assert all(np.array_equal(frame[::times, ::times], wanted) for frame, wanted in zip(frames, FRAMES[..., 0], strict=True))
    assert all(
        np.array_equal(frame, wanted.repeat(times, 0).repeat(times, 1))
        for frame, wanted in zip(frames, FRAMES[..., 0], strict=True)
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
    assert np.array_equal(np.asarray(Image.open(tmp_path / "strip.png")), np.hstack(list(FRAMES[..., 0])))


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


def test_that_an_image_is_black_and_white_for_a_model_of_binary_pixels() -> None:
    pixels = np.array([[0, 127], [128, 255]], np.uint8)
    assert np.array_equal(in_domain(pixels, Binarised.DYNAMIC), [[0, 0], [1, 1]])
    assert in_domain(pixels, Binarised.NONE) == pytest.approx(np.array([[0, 127], [128, 255]]) / 255)
