"""The command line on a model of coloured images whose colours are known (tests/tints.py)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence
from scipy.stats import norm

from tests.tints import BLACK, CORNERS, SIDE, tint, write_tints

Answer = Callable[..., str]
RED = tint((255, 0, 0))


@pytest.fixture
def tints(tmp_path: Path) -> Path:
    return write_tints(tmp_path)


def pixels(picture: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(picture.convert("RGB"))


def test_that_decode_saves_the_colour_at_z(answer: Answer, tints: Path, tmp_path: Path) -> None:
    answer("decode", tints, "--z", *CORNERS["red"], "--out", tmp_path / "red.png")
    with Image.open(tmp_path / "red.png") as picture:
        assert picture.mode == "RGB"
        assert np.array_equal(pixels(picture), RED)


@pytest.mark.parametrize("suffix", [".gif", ".apng", ".webp", ".png"])
def test_that_a_path_goes_from_green_to_red(answer: Answer, tints: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"path{suffix}"
    answer("interpolate", tints, "--start", -0.2, -2, "--end", 0.2, -2, "--frames", 5, "--out", out)
    with Image.open(out) as file:
        frames = [pixels(frame) for frame in ImageSequence.Iterator(file)]
    if suffix == ".png":
        frames = np.split(frames[0], 5, axis=1)
    red = 1 / (1 + np.exp(-10 * np.linspace(-0.2, 0.2, 5)))  # the decoder's own formula
    middles = [frame[len(frame) // 2, 3 * frame.shape[1] // 4].tolist() for frame in frames]
    wanted = np.rint(255 * np.stack([red, 1 - red, np.zeros(5)], axis=1))
    assert np.array_equal(middles, wanted)


def test_that_the_manifold_has_the_colours_of_its_corners(answer: Answer, tints: Path, tmp_path: Path) -> None:
    answer("manifold", tints, "--grid", 3, "--out", tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        grid = pixels(picture)
    edge = 1 / (1 + np.exp(-10 * norm.ppf(5 / 6)))
    high, low = round(255 * edge), round(255 * (1 - edge))
    corners = [[grid[row, column].tolist() for column in (BLACK, -1)] for row in (0, -1)]
    assert corners == [[[low, high, high], [high, low, high]], [[low, high, low], [high, low, low]]]


def test_that_a_coloured_file_is_encoded_by_its_colours(answer: Answer, tints: Path, tmp_path: Path) -> None:
    colours = {"red": (255, 0, 0), "orange": (255, 153, 0), "blue": (0, 0, 255)}
    for name, colour in colours.items():
        Image.fromarray(tint(colour)).save(tmp_path / f"{name}.png")
    lines = answer("encode", tints, *(tmp_path / f"{name}.png" for name in colours), "--json").splitlines()
    for line, (red, green, blue) in zip(map(json.loads, lines), np.array(list(colours.values())) / 255, strict=True):
        assert line["mean"] == pytest.approx([2 * (red - green), 2 * (2 * blue - 1)], abs=1e-5)
        assert line["notes"] == []


def test_that_transparent_colours_lie_on_a_background_that_is_said(answer: Answer, tints: Path, tmp_path: Path) -> None:
    opacity = np.full((SIDE, SIDE, 1), 255, np.uint8)
    opacity[:, :BLACK] = 0
    Image.fromarray(np.concatenate([tint((0, 255, 0)), opacity], axis=2)).save(tmp_path / "green.png")
    said = json.loads(answer("encode", tints, tmp_path / "green.png", "--json"))
    assert said["mean"] == pytest.approx([-2, -2], abs=1e-5)
    assert said["notes"] == ["Its transparent parts are shown black."]


def test_that_a_grey_file_is_encoded_and_said_to_be_grey(answer: Answer, tints: Path, tmp_path: Path) -> None:
    Image.new("L", (SIDE, SIDE), 255).save(tmp_path / "white.png")
    said = json.loads(answer("encode", tints, tmp_path / "white.png", "--json"))
    assert said["mean"] == pytest.approx([0, 2], abs=1e-5)
    assert said["notes"] == ["It is grey; all three channels get its grey level."]


def test_that_the_posterior_of_a_colour_is_where_the_colour_is(answer: Answer, tints: Path, tmp_path: Path) -> None:
    Image.fromarray(RED).save(tmp_path / "red.png")
    said = json.loads(answer("posterior", tints, tmp_path / "red.png", "--out", tmp_path / "p.png", "--json"))
    assert said["mean"][0] > 0.3
    assert said["mean"][1] < -0.3
    assert said["step_halving_difference"] < 1e-3


def test_that_five_channels_are_shown_in_their_usual_colours(answer: Answer, tmp_path: Path) -> None:
    """At this z, channels 1, 4 and 5 are lit: red, a blue and a violet, a fifth of the circle of hues apart."""
    out = tmp_path / "five.png"
    answer("decode", write_tints(tmp_path, 5), "--z", *CORNERS["red"], "--out", out)
    lit = np.array([(255, 0, 0), (0, 102, 255), (204, 0, 255)]).sum(axis=0)
    with Image.open(out) as picture:
        assert pixels(picture)[4, -1].tolist() == np.minimum(lit, 255).tolist()
        assert not pixels(picture)[:, :BLACK].any()
