from __future__ import annotations

import os
from pathlib import Path

import pytest

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.models.catalogue import find_model, finished_runs, pretrained_models


def a_run(name: str, when: int = 0) -> Path:
    path = locations.runs() / f"{name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.utime(path, (when, when))
    return path


def test_that_the_pretrained_models_are_known_by_name() -> None:
    assert "mnist-vae" in pretrained_models()
    assert find_model("mnist-vae") == locations.pretrained() / "mnist-vae.safetensors"


def test_that_runs_are_listed_newest_first() -> None:
    for name, when in (("a", 2), ("b", 3), ("c", 1)):
        a_run(name, when)
    assert list(finished_runs()) == ["b", "a", "c"]


def test_that_a_file_that_is_still_being_written_is_no_run() -> None:
    a_run(".half.safetensors.part")
    a_run(".half")
    assert finished_runs() == {}


def test_that_without_a_folder_there_are_no_runs() -> None:
    assert finished_runs() == {}


def test_that_a_model_is_found_by_its_run_or_its_file(tmp_path: Path) -> None:
    run = a_run("mine-1")
    assert find_model("mine-1") == run
    assert find_model(str(run)) == run


def test_that_a_pretrained_name_is_not_hidden_by_a_run() -> None:
    a_run("mnist-vae")
    assert find_model("mnist-vae").parent == locations.pretrained()


@pytest.mark.parametrize("name", ["nothing", "~nobody-of-that-name/x", "x" * 5000, "a\0b", "no/such/folder"])
def test_that_a_name_of_nothing_lists_the_pretrained_models(name: str) -> None:
    with pytest.raises(UserError, match=r"there is no model or file .*; pretrained: .*mnist-vae") as caught:
        find_model(name)
    assert "\n" not in str(caught.value)
