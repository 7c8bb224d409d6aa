"""Models that are told a class, on the command line: as which class a picture was decoded, and what is said of it in the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vae_explorer as vx
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.latent.grids import manifold_grid, mosaic
from vae_explorer.latent.paths import LatentPath
from vae_explorer.models.card import made_by
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import read_card

Answer = Callable[..., str]
NAME, Z = "mnist-cvae", (0.5, -1.0)


@pytest.fixture(scope="module")
def model() -> TrainedModel:
    return vx.load(NAME)


def picture(path: Path) -> tuple[np.ndarray, str]:
    with Image.open(path) as image:
        return np.asarray(image)[..., None], image.info["Description"]


@pytest.mark.parametrize(("words", "label"), [((), 0), (("--class", 3), 3)])
def test_that_a_picture_says_its_class(
    answer: Answer, model: TrainedModel, tmp_path: Path, words: tuple[object, ...], label: int
) -> None:
    answer("decode", NAME, "--z", *Z, *words, "--out", tmp_path / "f.png")
    pixels, said = picture(tmp_path / "f.png")
    assert np.array_equal(pixels, model.decode_uint8(Z, label)[0])
    assert said.endswith(f"z (0.5, -1), class {label}")
    answer("manifold", NAME, "--grid", 3, *words, "--out", tmp_path / "g.png")
    pixels, said = picture(tmp_path / "g.png")
    assert np.array_equal(pixels, mosaic(model.decode_uint8(manifold_grid(3), label), 3))
    assert said.endswith(f"3 × 3 grid, class {label}")


@pytest.mark.parametrize(
    ("words", "labels", "said"),
    [((), (0, 0), "class 0"), (("--class", 3), (3, 3), "class 3"), (("--class", 3, 5), (3, 5), "class 3 to 5")],
)
def test_that_a_path_leads_from_class_to_class_as_in_the_window(
    answer: Answer, model: TrainedModel, tmp_path: Path, words: tuple[object, ...], labels: tuple[int, int], said: str
) -> None:
    out = tmp_path / "strip.png"
    answer("interpolate", NAME, "--start", -1, 1, "--end", *Z, "--frames", 5, *words, "--out", out)
    pixels, description = picture(out)
    path = LatentPath(((-1.0, 1.0), Z), 5, labels)
    assert np.array_equal(pixels, np.hstack(list(model.decode_uint8(path.z(), path.weights(10, 0)))))
    assert description.endswith(f"(-1, 1) to (0.5, -1), {said}")


@pytest.mark.parametrize(
    "command",
    [("decode", NAME, "--z", *Z), ("manifold", NAME, "--grid", 2), ("interpolate", NAME, "--start", 0, 0, "--end", *Z)],
    ids=["decode", "manifold", "interpolate"],
)
def test_that_a_class_that_nobody_named_is_said(answer: Answer, tmp_path: Path, command: tuple[object, ...]) -> None:
    out = ("--out", tmp_path / "f.png")
    assert answer(*command, *out) == "decoded as class 0, the first of 10; --class names another\n"
    assert json.loads(answer(*command, *out, "--json"))["classes"] == [0]
    assert answer(*command, "--class", 3, *out) == ""
    assert json.loads(answer(*command, "--class", 3, *out, "--json"))["classes"] == [3]


def test_that_a_picture_says_which_switches_were_on(answer: Answer, tmp_path: Path) -> None:
    for words, end in (((), "z (0, 0)"), (("--switch", "lower_sampled"), "z (0, 0), with lower_sampled")):
        answer("decode", "mnist-hierarchical-vae", "--z", 0, 0, *words, "--out", tmp_path / "f.png")
        assert picture(tmp_path / "f.png")[1].endswith(end)


def test_that_the_class_has_its_name() -> None:
    card = read_card(pretrained_models()["fashion-mnist-vae"])
    assert made_by(card, "here", (9, 9)).endswith(f"z here, class {card.classes[9]}")


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    path = tmp_path / "digit.png"
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save(path)
    return path


def test_that_an_image_is_encoded_as_its_class(answer: Answer, model: TrainedModel, digit: Path) -> None:
    said = answer("encode", NAME, digit, "--class", 3)
    first, second = model.encode(np.eye(28), [3]).mean[0]
    assert f"mean ({first:+.4f}, {second:+.4f})" in said


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("encode mnist-cvae DIGIT", "mnist-cvae needs the class of an image; give it with --class, a number from 0 to 9"),
        ("encode mnist-cvae DIGIT --class 10", "needs its class, a number from 0 to 9"),
        ("encode mnist-vae DIGIT --class 3", "mnist-vae encodes without a class; leave --class out"),
        ("decode mnist-vae --z 0 0 --class 3 --out f.png", "decodes without a class; leave the class out"),
        ("decode mnist-cvae --z 0 0 --class 10 --out f.png", "there is no class 10; choose 0 to 9"),
        ("interpolate mnist-vae --start 0 0 --end 1 1 --class 3 5 --out f.gif", "decodes without a class; leave the class out"),
        ("interpolate mnist-cvae --start 0 0 --end 1 1 --class 3 12 --out f.gif", "there is no class 12; choose 0 to 9"),
        ("interpolate mnist-cvae --start 0 0 --end 1 1 --class 3 5 7 --out f.gif", "takes one class, or one for each end"),
    ],
)
def test_that_a_class_that_makes_no_sense_is_refused(refusal: Answer, digit: Path, words: str, message: str) -> None:
    assert message in refusal(*words.replace("DIGIT", str(digit)).split())
