"""decode, encode, interpolate and manifold show exactly what the Python API gives."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from scipy.stats import norm

import vae_explorer as vx
from vae_explorer.inference.trained import TrainedModel

Answer = Callable[..., str]


@pytest.fixture
def tiny(tiny_model_path: Path) -> TrainedModel:
    return vx.load(tiny_model_path)


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def as_pixels(images: np.ndarray) -> np.ndarray:
    return np.rint(images * np.float32(255)).astype(np.uint8)


@pytest.mark.parametrize("z", [(0, 0), (-1.5, 2.25), ("-1e-05", "+3E-1"), ("-.5", "-2.")])
def test_that_decode_saves_the_image_at_z(
    answer: Answer, tiny_model_path: Path, tiny: TrainedModel, tmp_path: Path, z: tuple[str, str]
) -> None:
    out = tmp_path / "f.png"
    assert answer("decode", tiny_model_path, "--z", *z, "--out", out) == ""
    assert np.array_equal(pixels(out), as_pixels(tiny.decode([float(z[0]), float(z[1])])[0]))


def test_that_a_fresh_process_decodes_the_same_pixels(tiny_model_path: Path, tiny: TrainedModel, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "vae_explorer",
        "decode",
        str(tiny_model_path),
        "--z",
        "0.5",
        "-1",
        "--out",
        "f.png",
        "--json",
    ]
    environment = os.environ | {"PYTHONPATH": str(Path(vx.__file__).parents[1])}
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment, timeout=240)
    assert done.stderr == ""
    assert json.loads(done.stdout) == {"model": "tiny", "z": [0.5, -1.0], "classes": [], "out": "f.png"}
    assert np.array_equal(pixels(tmp_path / "f.png"), as_pixels(tiny.decode((0.5, -1))[0]))


@pytest.mark.parametrize("suffix", [".gif", ".apng"])
def test_that_interpolate_saves_every_frame_of_the_path(
    answer: Answer, tiny_model_path: Path, tiny: TrainedModel, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"path{suffix}"
    answer("interpolate", tiny_model_path, "--start", -40, 30, "--end", 50, -60, "--frames", 7, "--out", out)
    wanted = as_pixels(tiny.decode([[-40 + 90 * t / 6, 30 - 90 * t / 6] for t in range(7)]))
    with Image.open(out) as film:
        frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    times = frames[0].shape[0] // 8
    assert len(frames) == 7
    assert all(np.array_equal(frame[::times, ::times], image) for frame, image in zip(frames, wanted, strict=True))


def test_that_interpolate_saves_a_strip(answer: Answer, tiny_model_path: Path, tiny: TrainedModel, tmp_path: Path) -> None:
    out = tmp_path / "strip.png"
    said = answer("interpolate", tiny_model_path, "--start", 0, 0, "--end", 1, "-1e-3", "--frames", 3, "--out", out, "--json")
    wanted = as_pixels(tiny.decode([[0, 0], [0.5, -0.0005], [1, -0.001]]))
    assert np.array_equal(pixels(out), np.hstack(list(wanted)))
    assert json.loads(said) == {
        "model": "tiny",
        "start": [0, 0],
        "end": [1, -0.001],
        "frames": 3,
        "interpolation": "linear",
        "classes": [],
        "out": str(out),
    }


def test_that_a_path_has_16_frames_where_nothing_is_said(answer: Answer, tiny_model_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "strip.png"
    answer("interpolate", tiny_model_path, "--start", 0, 0, "--end", 1, 1, "--out", out)
    assert pixels(out).shape == (8, 16 * 8)


def test_that_manifold_lays_the_quantiles_of_the_prior_out(
    answer: Answer, tiny_model_path: Path, tiny: TrainedModel, tmp_path: Path
) -> None:
    out, n = tmp_path / "grid.png", 4
    said = answer("manifold", tiny_model_path, "--grid", n, "--out", out, "--json")
    picture = pixels(out)
    assert picture.shape == (n * 8, n * 8)
    for row in range(n):
        for column in range(n):
            z = norm.ppf([(column + 0.5) / n, 1 - (row + 0.5) / n]).astype(np.float32)
            cell = picture[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
            assert np.array_equal(cell, as_pixels(tiny.decode(z)[0]))
    assert json.loads(said) == {"model": "tiny", "grid": n, "classes": [], "out": str(out)}


@pytest.fixture
def digits_png(tiny: TrainedModel, tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "one.png", tmp_path / "two.png"]
    for path, image in zip(paths, as_pixels(tiny.decode([[0, 1], [2, -3]])), strict=True):
        Image.fromarray(image).save(path)
    return paths


def test_that_encode_prints_the_posterior_of_each_image(
    answer: Answer, tiny_model_path: Path, tiny: TrainedModel, digits_png: list[Path]
) -> None:
    lines = [json.loads(line) for line in answer("encode", tiny_model_path, *digits_png, "--json").splitlines()]
    posterior = tiny.encode(np.stack([pixels(path) for path in digits_png]) / np.float32(255))
    assert [line["image"] for line in lines] == [str(path) for path in digits_png]
    assert [line["mean"] for line in lines] == posterior.mean.tolist()
    assert [line["std"] for line in lines] == posterior.std.tolist()


def test_that_encode_prints_a_line_for_a_person(answer: Answer, tiny_model_path: Path, digits_png: list[Path]) -> None:
    lines = answer("encode", tiny_model_path, *digits_png).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith(f"{digits_png[0]}  mean (")
    assert "std (" in lines[0]
