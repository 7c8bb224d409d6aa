"""A model file at half the size holds what its own figures were measured on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.unchecked import write_unchecked
from vae_explorer.codes import Codes
from vae_explorer.models.model_file import ModelFile, ModelFileError, read_model_file, write_model_file
from vae_explorer.models.packing import halved, pack, unpack
from vae_explorer.models.spec import ModelSpec


@pytest.fixture(params=range(8))
def model(request: pytest.FixtureRequest, make_model_file: Callable[..., ModelFile]) -> ModelFile:
    """A model that is to be stored at half the size, its weights rounded already, with codes of a wide map."""
    random = np.random.default_rng(request.param)
    plain = make_model_file(n=2000, training={"storage": "half"})
    weights = {name: halved(array) for name, array in plain.weights.items()}
    mean = (random.normal(size=(2000, 2)) * (3, 0.4)).astype(np.float32)
    std = np.exp(random.uniform(-6, 1, (2000, 2))).astype(np.float32)
    return ModelFile(plain.card, weights, Codes(mean, std, plain.codes.label, plain.codes.split))


def test_that_rounded_weights_come_back_bit_by_bit(model: ModelFile, tmp_path: Path) -> None:
    write_model_file(tmp_path / "m.safetensors", model)
    back = read_model_file(tmp_path / "m.safetensors")
    for name, array in model.weights.items():
        assert back.weights[name].dtype == np.float32
        assert back.weights[name].tobytes() == array.tobytes()


@pytest.mark.parametrize("number", [65_504.0, 65_600.0, -1e30])
def test_that_a_weight_beyond_float16_comes_back_as_it_was(model: ModelFile, tmp_path: Path, number: float) -> None:
    large = np.array([number, 1 / 3, 0, 0], np.float32)
    file = replace(model, weights={**model.weights, "head.bias": halved(large)})
    write_model_file(tmp_path / "m.safetensors", file)
    back = read_model_file(tmp_path / "m.safetensors").weights["head.bias"]
    assert back[0] == np.float32(number)
    assert back[1] == pytest.approx(1 / 3, rel=2**-11)
    assert back.tobytes() == halved(large).tobytes()


def test_that_codes_come_back_within_half_a_step(model: ModelFile, tmp_path: Path) -> None:
    write_model_file(tmp_path / "m.safetensors", model)
    back = read_model_file(tmp_path / "m.safetensors").codes
    step = np.ptp(model.codes.mean, axis=0) / 65_535
    assert (np.abs(back.mean.astype(np.float64) - model.codes.mean) <= 0.51 * step + 1e-6).all()
    assert back.std == pytest.approx(model.codes.std, rel=2**-11)
    assert np.array_equal(back.label, model.codes.label)
    assert back.mean.dtype == back.std.dtype == np.float32


def test_that_the_stds_of_points_take_no_room_and_come_back(make_model_file: Callable[..., ModelFile], tmp_path: Path) -> None:
    plain = make_model_file(ModelSpec("ae", "mlp", (8, 8, 1), (4,)), n=2000, training={"storage": "half"})
    assert not plain.codes.std.any()
    write_model_file(tmp_path / "m.safetensors", plain)
    assert load_file(tmp_path / "m.safetensors")["codes/std"].size == 0
    back = read_model_file(tmp_path / "m.safetensors").codes.std
    assert back.shape == (2000, 2)
    assert back.dtype == np.float32
    assert not back.any()


def test_that_saving_again_changes_nothing(model: ModelFile, tmp_path: Path) -> None:
    first, second = tmp_path / "1.safetensors", tmp_path / "2.safetensors"
    write_model_file(first, model)
    write_model_file(second, read_model_file(first))
    once, again = (
        load_file(first),
        load_file(second),
    )  # not the files' bytes: the order of the header's entries is left to chance
    assert set(once) == set(again)
    for name, array in once.items():
        assert (array.dtype, array.tobytes()) == (again[name].dtype, again[name].tobytes())


def test_that_the_file_is_half_as_large(model: ModelFile, tmp_path: Path) -> None:
    full = replace(model, card=replace(model.card, training={}))
    write_model_file(tmp_path / "half.safetensors", model)
    write_model_file(tmp_path / "full.safetensors", full)
    half, whole = ((tmp_path / f"{name}.safetensors").stat().st_size for name in ("half", "full"))
    assert half < 0.6 * whole


@pytest.mark.parametrize("mean", [np.zeros((0, 2)), np.zeros((3, 2)), np.full((1, 2), 7.5)])
def test_that_a_map_without_width_is_kept(mean: np.ndarray) -> None:
    tensors = {"codes/mean": mean.astype(np.float32), "codes/std": np.ones_like(mean, np.float32)}
    assert unpack(pack(tensors))["codes/mean"] == pytest.approx(mean)


def test_that_a_range_without_means_is_refused() -> None:
    with pytest.raises(ValueError, match="do not belong together"):
        unpack({"codes/mean": np.zeros((4, 2), np.float32), "codes/mean_range": np.zeros((2, 2), np.float32)})


def test_that_a_file_with_such_a_range_is_refused_in_one_line(
    model: ModelFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crooked(tensors: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return pack(tensors) | {"codes/mean_range": np.zeros((3, 2), np.float32)}

    monkeypatch.setattr("vae_explorer.models.model_file.pack", crooked)
    write_unchecked(tmp_path / "m.safetensors", model)
    with pytest.raises(ModelFileError, match="its codes cannot be read") as caught:
        read_model_file(tmp_path / "m.safetensors")
    assert "\n" not in str(caught.value)
