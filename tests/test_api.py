"""The Python API as a script uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
from tests.data.own.made import grey, save
from vae_explorer import locations


def test_that_a_model_is_loaded_from_a_path_of_either_kind(tiny_model_path: Path) -> None:
    z = [[0.5, -1.0], [2.0, 0.0]]
    assert np.array_equal(vx.load(tiny_model_path).decode(z), vx.load(str(tiny_model_path)).decode(z))


def test_that_a_run_is_loaded_by_its_name(tiny_model_path: Path) -> None:
    locations.runs().mkdir()
    shutil.copy(tiny_model_path, locations.runs() / "mine-1.safetensors")
    assert vx.load("mine-1").card.name == "tiny"
    assert vx.list_models()[-1] == "mine-1"


def test_that_pretrained_models_are_listed_before_runs(tiny_model_path: Path) -> None:
    locations.runs().mkdir()
    shutil.copy(tiny_model_path, locations.runs() / "a-run.safetensors")
    assert vx.list_models()[0] != "a-run"
    assert "mnist-vae" in vx.list_models()


def test_that_codes_are_those_of_the_loaded_model(tiny_model_path: Path) -> None:
    codes, model = vx.codes(tiny_model_path), vx.load(tiny_model_path)
    assert codes.mean.shape == codes.std.shape == (1797, 2)
    assert np.array_equal(codes.mean, model.codes.mean)
    assert np.array_equal(codes.label, model.codes.label)


@pytest.mark.parametrize("ask", [vx.load, vx.codes])
def test_that_an_unknown_model_is_named(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(vx.UserError, match=r"there is no model or file 'nothing'; pretrained: .*mnist-vae"):
        ask("nothing")


def test_that_the_card_tells_what_the_model_is(tiny_model_path: Path) -> None:
    card = vx.load(tiny_model_path).card
    assert (card.spec.family, card.dataset, card.binarised) == ("vae", "digits", "dynamic")


def test_that_own_images_are_read_once_and_found_by_name(tmp_path: Path) -> None:
    for number in range(10):
        save(tmp_path / "cells" / "ab"[number % 2] / f"{number}.png", grey(number, 6, 8))
    cells = vx.dataset(tmp_path / "cells", colour="colour", size=(6, 8))
    assert cells.train.images.shape == (8, 6, 8, 3)
    assert sorted(np.concatenate([cells.train.labels, cells.test.labels])) == [0] * 5 + [1] * 5
    shutil.rmtree(tmp_path / "cells")
    again = vx.dataset("cells")
    assert np.array_equal(again.train.images, cells.train.images)
    assert vx.dataset("digits").test.images.shape == (360, 8, 8, 1)


@pytest.mark.parametrize(
    ("source", "reading", "why"),
    [
        ("nowhere", {}, "there is no .*nowhere"),
        (".", {"sise": 3}, "unknown choice 'sise'; known: size"),
        (".", {"fit": "hug"}, "'hug' is not a valid Fit"),
        (".", {"size": (2, 2)}, "the size 2x2 is out of range"),
    ],
)
def test_that_a_wrong_source_or_choice_is_one_line(
    source: str, reading: dict[str, object], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(vx.UserError, match=why):
        vx.dataset(source, **reading)


def test_that_a_reading_of_a_folder_called_as_its_data_set_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(10):
        save(tmp_path / "cells" / f"{number}.png", grey(number, 6, 8))
    monkeypatch.chdir(tmp_path)
    assert vx.dataset("cells", size=(6, 8)).train.images.shape[1:3] == (6, 8)
    assert vx.dataset("cells", size=(12, 16)).train.images.shape[1:3] == (12, 16)
    assert vx.dataset("cells", size=(6, 8)).train.images.shape[1:3] == (6, 8)
