"""The Python API as a script uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

import vae_explorer as vx
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
