"""An own model is saved as one file with its programs, card and codes, and opens again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.distributions import Normal

from vae_explorer.errors import UserError
from vae_explorer.inference.own import model_of
from vae_explorer.inference.trained import TrainedModel, load_model
from vae_explorer.models.model_file import ModelFileError, read_model_file, write_model_file
from vae_explorer.models.opening import open_model_file
from vae_explorer.models.own.files.bundling import bundled
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.how import How

from .people import network_in, write_network
from .test_programs import decoder_of, save_onnx, save_torchscript

IMAGES = torch.rand(30, 1, 8, 8, generator=torch.Generator().manual_seed(2))
Z = torch.randn(5, 2, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def network(tmp_path: Path) -> Any:
    return network_in(write_network(tmp_path))


def saved(file: Any, path: Path) -> TrainedModel:
    write_model_file(path, bundled(file))
    return load_model(path)


def test_that_a_live_model_opens_again_with_equal_pixels_codes_and_card(network: Any, tmp_path: Path) -> None:
    own = model_of(network.decode, network.encode, IMAGES, np.arange(30) % 3, "mine", Given.of(likelihood="bernoulli")).file
    again = saved(own, tmp_path / "mine.safetensors")
    assert again.card == own.card
    assert again.codes == own.codes
    live = TrainedModel(own)
    np.testing.assert_allclose(again.decode(Z), live.decode(Z), atol=1e-6)
    found, wanted = again.encode(IMAGES[:, 0]), live.encode(IMAGES[:, 0])
    np.testing.assert_allclose(found.mean, wanted.mean, atol=1e-5)
    np.testing.assert_allclose(found.std, wanted.std, rtol=1e-4)
    images = (IMAGES[:5, 0] > 0.5).float()
    np.testing.assert_allclose(again.log_likelihood(images, Z), live.log_likelihood(images, Z), rtol=1e-5)


def test_that_a_distribution_and_a_lambda_are_saved(network: Any, tmp_path: Path) -> None:
    def encode(images: Tensor) -> Normal:
        mean, log_variance = network.encode(images)
        return Normal(mean, (0.5 * log_variance).exp())

    own = model_of(lambda z: 2 * network.decode(z) - 1, encode, IMAGES).file
    again, live = saved(own, tmp_path / "m.safetensors"), TrainedModel(own)
    np.testing.assert_allclose(again.decode(Z), live.decode(Z), atol=1e-6)
    np.testing.assert_allclose(again.encode(IMAGES[:, 0]).std, live.encode(IMAGES[:, 0]).std, rtol=1e-4)


def test_that_a_model_of_a_state_dict_is_saved_without_its_code(network: Any, tmp_path: Path) -> None:
    torch.save(network.state_dict(), tmp_path / "w.pt")
    file = open_model_file(tmp_path / "w.pt", How(f"{tmp_path / 'my_vae.py'}:VAE"))
    wanted = TrainedModel(file).decode(Z)
    (tmp_path / "my_vae.py").unlink()
    np.testing.assert_allclose(saved(file, tmp_path / "m.safetensors").decode(Z), wanted, atol=1e-6)


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("save", [save_torchscript, save_onnx])
def test_that_a_file_of_another_program_is_kept_as_it_is(save: Any, tmp_path: Path) -> None:
    path = tmp_path / ("d.pt" if save is save_torchscript else "d.onnx")
    save(decoder_of(), path)
    file = open_model_file(path)
    again = saved(file, tmp_path / "m.safetensors")
    np.testing.assert_array_equal(again.decode(Z), TrainedModel(file).decode(Z))
    (program,) = read_model_file(tmp_path / "m.safetensors").weights.values()
    assert program.tobytes() == path.read_bytes()


def test_that_a_flipped_byte_of_a_program_is_found(network: Any, tmp_path: Path) -> None:
    saved(model_of(network.decode).file, tmp_path / "m.safetensors")
    data = bytearray((tmp_path / "m.safetensors").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "m.safetensors").write_bytes(data)
    with pytest.raises(ModelFileError, match="checksum"):
        load_model(tmp_path / "m.safetensors")


def numpy_decoder(z: Any) -> Any:
    if isinstance(z, Tensor):
        raise TypeError("an array is needed")
    return np.full((len(z), 4, 4), 0.5)


def data_dependent(z: Tensor) -> Tensor:
    return torch.sigmoid(torch.ones(len(z), 16) * (1 if float(z.sum()) > 0 else 2))


@pytest.mark.parametrize(
    ("decode", "reason"),
    [
        (numpy_decoder, "decode cannot be exported by torch.export.*; write the function with torch tensors"),
        (data_dependent, "decode cannot be exported by torch.export"),
        (lambda z: torch.sigmoid(torch.randn(len(z), 16)), "it must not draw"),
    ],
)
def test_that_functions_that_no_file_can_hold_are_refused(decode: Any, reason: str) -> None:
    with pytest.raises(UserError, match=reason) as refusal:
        bundled(model_of(decode).file)
    assert "\n" not in str(refusal.value)


def test_that_a_card_that_does_not_fit_its_programs_is_refused(network: Any, tmp_path: Path) -> None:
    file = bundled(model_of(network.decode, network.encode).file)
    only_decoder = {name: each for name, each in file.weights.items() if name.startswith("decode")}
    for wrong in (
        replace(file, weights=only_decoder),
        replace(file, weights={"decode.exe": file.weights["decode.pt2"]}),
        replace(file, card=replace(file.card, extra={})),
        replace(file, card=replace(file.card, spec=replace(file.card.spec, latent_dim=3)), codes=file.codes.empty(3)),
    ):
        write_model_file(tmp_path / "m.safetensors", wrong)
        with pytest.raises(ModelFileError, match="cannot be opened"):
            load_model(tmp_path / "m.safetensors")


def test_that_an_own_model_is_in_no_list_of_families() -> None:
    from vae_explorer.models.families import FAMILIES

    assert not [name for name in FAMILIES if name.startswith("own")]
