"""A seeded sample of mutated model files, through reading and building alone: each opens, or is refused in one line."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from tests.campaign.mutations import KINDS, file_of, mutations, parts_of
from vae_explorer.inference.trained import load_model
from vae_explorer.models.catalogue import pretrained_models
from vae_explorer.models.model_file import ModelFileError, read_model_file

COUNT = 60


def test_that_a_file_that_is_taken_apart_and_put_together_is_the_same_model(tiny_model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.safetensors"
    path.write_bytes(file_of(parts_of(tiny_model_path.read_bytes())))
    before, after = read_model_file(tiny_model_path), read_model_file(path)
    assert after.card == before.card
    assert all(np.array_equal(after.weights[name], array) for name, array in before.weights.items())


def test_that_a_seed_gives_the_same_mutations_again(tiny_model_path: Path) -> None:
    data = tiny_model_path.read_bytes()
    first, again = (list(mutations(data, random.Random(3), len(KINDS))) for _ in range(2))
    assert first == again
    assert len({name for name, _ in first}) == len(KINDS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", ["tiny", "digits-vae"])
def test_that_a_mutated_file_opens_or_is_refused_in_one_line(model: str, tiny_model_path: Path, tmp_path: Path) -> None:
    path = tmp_path / "mutant.safetensors"
    good = (tiny_model_path if model == "tiny" else pretrained_models()[model]).read_bytes()
    refusals: dict[str, str] = {}
    for name, data in mutations(good, random.Random(len(model)), COUNT):
        path.write_bytes(data)
        try:
            load_model(path).decode(np.zeros((1, 2)))
        except ModelFileError as error:
            refusals[name] = str(error)
    assert COUNT // 2 < len(refusals) < COUNT
    assert [name for name, line in refusals.items() if "\n" in line or len(line) > 400 + len(str(path))] == []
