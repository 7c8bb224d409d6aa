"""A model file comes back as it was saved, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from vae_explorer.codes import Codes
from vae_explorer.data.sources import DATASETS
from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.model_file import ModelFile, read_card, read_model_file, write_model_file
from vae_explorer.shapes import ImageShape

from .specs import FAMILIES_AND_BODIES, a_spec

MakeModelFile = Callable[..., ModelFile]


def assert_same_arrays(ours: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> None:
    assert set(ours) == set(wanted)
    for name, array in wanted.items():
        assert (ours[name].dtype, ours[name].shape) == (array.dtype, array.shape)
        assert ours[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("shape", sorted({DATASETS[name].image_shape for name in DATASETS}), ids=str)
@pytest.mark.parametrize(("family", "body"), FAMILIES_AND_BODIES)
def test_that_a_model_comes_back_as_it_was_saved(
    family: str, body: str, shape: ImageShape, make_model_file: MakeModelFile, tmp_path: Path
) -> None:
    for likelihood in FAMILIES[family].likelihoods:
        spec = a_spec(family, body, shape, likelihood, small=True)
        model = make_model_file(spec)
        write_model_file(tmp_path / "m.safetensors", model)
        back = read_model_file(tmp_path / "m.safetensors")
        assert back.card == model.card
        assert_same_arrays(back.weights, model.weights)
        assert_same_arrays(back.codes.arrays(), model.codes.arrays())
        assert np.array_equal(TrainedModel(back).decode((0.5, -1)), TrainedModel(model).decode((0.5, -1)))


def test_that_every_field_of_the_card_is_kept(make_model_file: MakeModelFile, good: Path) -> None:
    card, back = make_model_file().card, read_model_file(good).card
    assert [(f.name, getattr(back, f.name)) for f in fields(back)] == [(f.name, getattr(card, f.name)) for f in fields(card)]


def test_that_the_card_alone_can_be_read(good: Path) -> None:
    assert read_card(good) == read_model_file(good).card


def test_that_a_model_without_codes_is_a_model(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    write_model_file(tmp_path / "m.safetensors", make_model_file(n=0))
    assert len(read_model_file(tmp_path / "m.safetensors").codes) == 0


def test_that_arrays_need_not_lie_in_a_row(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    model = make_model_file()
    weights = {name: np.asfortranarray(array) for name, array in model.weights.items()}
    mean, std, label = (array[::-1] for array in (model.codes.mean, model.codes.std, model.codes.label))
    codes = Codes(mean, std, label, model.codes.split.repeat(2)[::2])
    write_model_file(tmp_path / "m.safetensors", ModelFile(model.card, weights, codes))
    back = read_model_file(tmp_path / "m.safetensors")
    assert_same_arrays(back.weights, {name: np.ascontiguousarray(array) for name, array in weights.items()})
    assert np.array_equal(back.codes.mean, model.codes.mean[::-1])


def test_that_a_file_whose_header_length_looks_like_a_pickle_is_opened(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    path, name = tmp_path / "m.safetensors", "x"
    while True:
        write_model_file(path, make_model_file(name=name))
        if path.read_bytes()[0] == 0x80:
            break
        name += "x" * 8
        assert len(name) < 600
    assert read_model_file(path).card.name == name


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_that_a_full_disk_keeps_the_old_model(
    call: str, make_model_file: MakeModelFile, good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = good.read_bytes()
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(UserError, match=r"cannot write .*good\.safetensors: No space left on device; nothing was changed"):
        write_model_file(good, make_model_file(name="another"))
    assert good.read_bytes() == before
    assert os.listdir(good.parent) == [good.name]


def spoiled(file: ModelFile, what: str) -> ModelFile:
    """A model that reading refuses for one reason."""
    codes, card = file.codes, file.card
    changes = {
        "labels of another type": {"codes": replace(codes, label=codes.label.astype(np.int64))},
        "more classes than names": {"codes": replace(codes, label=codes.label + np.uint8(5))},
        "fewer stds": {"codes": replace(codes, std=codes.std[1:])},
        "float64": {"codes": replace(codes, mean=codes.mean.astype(np.float64))},
        "not finite": {"codes": replace(codes, mean=codes.mean * np.float32(np.nan))},
        "no width": {"codes": replace(codes, std=codes.std * 0)},
        "no weights": {"weights": {}},
        "weights that are not finite": {"weights": {name: array * np.nan for name, array in file.weights.items()}},
        "no classes": {"card": replace(card, classes=())},
        "three latents": {"card": replace(card, spec=replace(card.spec, latent_dim=3))},
        "a name that is no text": {"card": replace(card, name="a\udcff")},
        "a number of numpy": {"card": replace(card, training={"epochs": np.int64(3)})},
        "a header that is too long": {"card": replace(card, classes=tuple(f"{n:900}" for n in range(10_000)))},
        "a newer format": {"card": replace(card, format=99)},
        "thin where halved": {
            "card": replace(card, training={"storage": "half"}),
            "codes": replace(codes, std=np.full_like(codes.std, 1e-9)),
        },
    }
    return replace(file, **changes[what])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "what",
    [
        "labels of another type",
        "more classes than names",
        "fewer stds",
        "float64",
        "not finite",
        "no width",
        "no weights",
        "weights that are not finite",
        "no classes",
        "three latents",
        "a name that is no text",
        "a number of numpy",
        "a header that is too long",
        "a newer format",
        "thin where halved",
    ],
)
def test_that_what_reading_refuses_is_not_written(what: str, make_model_file: MakeModelFile, good: Path) -> None:
    before = good.read_bytes()
    with pytest.raises(UserError, match=r"^the model .* cannot be saved: ") as caught:
        write_model_file(good, spoiled(make_model_file(n=60), what))
    assert "\n" not in str(caught.value)
    assert good.read_bytes() == before


def test_that_labels_of_16_bits_come_back(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    file = make_model_file(classes=tuple(str(number) for number in range(300)))
    label = np.array([0, 299, 1, 256, 255, 7], np.uint16)
    write_model_file(tmp_path / "m.safetensors", replace(file, codes=replace(file.codes, label=label)))
    back = read_model_file(tmp_path / "m.safetensors").codes.label
    assert back.dtype == np.uint16
    assert back.tolist() == label.tolist()
