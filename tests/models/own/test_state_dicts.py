"""A state dict opens with the network that a person names; no code of the file runs."""

from __future__ import annotations

import os
import pickle
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.opening import open_model_file
from vae_explorer.models.own.contract import contract_of
from vae_explorer.models.own.files import limits
from vae_explorer.models.own.how import How

from .people import network_in, write_network

PREFIXES = ("", "module.", "_orig_mod.", "_orig_mod.module.", "model.", "vae.", "model.vae.")


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return write_network(tmp_path)


@pytest.fixture
def network(code: Path) -> Any:
    return network_in(code)


def opened(path: Path, name: str = "VAE") -> ModelFile:
    return open_model_file(path, How(f"{path.parent / 'my_vae.py'}:{name}"))


def assert_is(file: ModelFile, network: Any) -> None:
    """Assert that pixels and codes are those of the network's own calls."""
    latents = network.mu.out_features
    z, images = torch.randn(5, latents), torch.rand(4, 1, 8, 8)
    model = TrainedModel(file)
    with torch.no_grad():
        pixels, (mean, log_variance) = network.decode(z), network.encode(images)
    np.testing.assert_array_equal(np.rint(255 * model.decode(z)), np.rint(255 * pixels[:, 0].numpy()))
    code = model.encode(images[:, 0])
    np.testing.assert_allclose(code.mean, mean.numpy(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(code.std, np.exp(0.5 * log_variance.numpy()), rtol=1e-4)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_that_prefixes_are_taken_off(prefix: str, network: Any, tmp_path: Path) -> None:
    torch.save({prefix + key: value for key, value in network.state_dict().items()}, tmp_path / "w.pt")
    file = opened(tmp_path / "w.pt")
    assert_is(file, network)
    assert "left over" not in contract_of(file.card).said
    assert f"the code of {tmp_path / 'my_vae.py'} was run" in contract_of(file.card).said


def test_that_safetensors_open_with_a_network(network: Any, tmp_path: Path) -> None:
    save_file(network.state_dict(), tmp_path / "w.safetensors")
    assert_is(opened(tmp_path / "w.safetensors"), network)
    with pytest.raises(UserError, match="holds no model card"):
        open_model_file(tmp_path / "w.safetensors")


def test_that_a_lightning_checkpoint_opens_and_what_is_left_over_is_named(network: Any, tmp_path: Path) -> None:
    state = {"model." + key: value for key, value in network.state_dict().items()} | {"probe.weight": torch.zeros(3)}
    torch.save(
        {"epoch": 3, "state_dict": state, "optimizer_states": [{}], "hyper_parameters": {"latent": 2}}, tmp_path / "l.ckpt"
    )
    file = opened(tmp_path / "l.ckpt")
    assert_is(file, network)
    assert "left over in the file: probe.weight" in contract_of(file.card).said


def test_that_arguments_make_another_network(code: Path, tmp_path: Path) -> None:
    wide = network_in(code, 16)
    torch.save(wide.state_dict(), tmp_path / "w.pt")
    assert_is(opened(tmp_path / "w.pt", "VAE(16)"), wide)
    assert_is(opened(tmp_path / "w.pt", "VAE(latent=16)"), wide)
    with pytest.raises(UserError, match=r"mu.weight is \(16, 32\) in the file and \(2, 32\) in the network.*as in VAE\(16\)"):
        opened(tmp_path / "w.pt")


def test_that_an_importable_network_opens(tmp_path: Path) -> None:
    weights = torch.nn.Linear(2, 16).state_dict()
    torch.save(weights, tmp_path / "w.pt")
    file = open_model_file(tmp_path / "w.pt", How("torch.nn:Linear(2, 16)"))
    assert file.card.spec.image_shape == (4, 4, 1)


def test_that_a_missing_tensor_is_named(network: Any, tmp_path: Path) -> None:
    torch.save({key: value for key, value in network.state_dict().items() if key != "mu.bias"}, tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"w.pt lacks mu.bias of the network VAE$"):
        opened(tmp_path / "w.pt")


def test_that_the_network_must_be_named(network: Any, tmp_path: Path) -> None:
    torch.save(network.state_dict(), tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"encoder.1.weight \(32, 64\).*--network my_vae.py:VAE"):
        open_model_file(tmp_path / "w.pt")


class Harmful:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("how", [How(), How("my_vae.py:VAE")], ids=["plain", "network"])
@pytest.mark.parametrize("protocol", [2, 4])
def test_that_a_file_that_would_run_code_is_refused(how: How, protocol: int, code: Path, tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(2), "x": Harmful(tmp_path / "made")}, tmp_path / "zip.pt", pickle_protocol=protocol)
    (tmp_path / "bare.pt").write_bytes(pickle.dumps(Harmful(tmp_path / "made"), protocol=protocol))
    for name in ("zip.pt", "bare.pt"):
        with pytest.raises(UserError, match=r"would run code|is damaged") as refusal:
            open_model_file(tmp_path / name, how)
        assert "\n" not in str(refusal.value)
    assert not (tmp_path / "made").exists()


def test_that_a_whole_module_is_refused_with_what_to_do(network: Any, tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 3), tmp_path / "w.pt")
    with pytest.raises(UserError, match=r"would run code, torch.nn.*torch.save\(model.state_dict\(\), 'model.pt'\)"):
        opened(tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        ("my_vae.py", "names no network; write --network my_vae.py:VAE"),
        ("other.py:VAE", "there is no file other.py"),
        ("my_vae.py:Vae", "has no Vae"),
        ("my_vae.py:VAE(open('x'))", "no plain values"),
        ("my_vae.py:VAE(**{})", "no plain values"),
        ("my_vae.py:VAE(1, 2, 3)", "cannot be made: TypeError"),
        ("my_vae.py:Broken", "cannot be made: OSError: no weights"),
        ("my_vae.py:helper", "is a int and no torch module"),
        ("no_such_package:VAE", "cannot be made: ModuleNotFoundError"),
    ],
)
def test_that_a_network_that_cannot_be_made_is_refused(network: str, reason: str, code: Path, tmp_path: Path) -> None:
    torch.save({"w": torch.zeros(2)}, tmp_path / "w.pt")
    with pytest.raises(UserError, match=reason.replace("(", r"\(").replace("*", r"\*")):
        open_model_file(tmp_path / "w.pt", How(network))


def test_that_an_archive_that_unpacks_to_more_than_a_file_may_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", b"\0" * 5_000_000)
    assert (tmp_path / "bomb.pt").stat().st_size < 10_000
    monkeypatch.setitem(limits.LIMITS, "file", type(limits.LIMITS["file"])("size of the file", 1_000_000, "bytes", ""))
    with pytest.raises(UserError, match="unpacked size of the file: 5,000,000 bytes, at most 1,000,000"):
        open_model_file(tmp_path / "bomb.pt")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no archive", b"\x80\x02 no pickle", b"words"])
def test_that_damaged_files_are_refused_in_one_line(content: bytes, tmp_path: Path) -> None:
    for suffix in (".pt", ".ckpt", ".pth", ".bin"):
        path = tmp_path / f"w{suffix}"
        path.write_bytes(content)
        with pytest.raises(UserError) as refusal:
            open_model_file(path)
        assert str(path) in str(refusal.value)
        assert "\n" not in str(refusal.value)
