"""Programs of torch.export, TorchScript and ONNX open as decoders and encoders, and give the pixels of their networks."""

from __future__ import annotations

import json
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from vae_explorer.errors import UserError
from vae_explorer.inference.trained import TrainedModel
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.opening import open_model_file
from vae_explorer.models.own.contract import contract_of
from vae_explorer.models.own.files.pt2 import Pt2Program
from vae_explorer.models.own.given import Given
from vae_explorer.models.own.how import How

from .conftest import APART, HERE

Save = Callable[[nn.Module, Path], None]


def decoder_of(latents: int = 2, last: nn.Module | None = None) -> nn.Sequential:
    torch.manual_seed(8)
    return nn.Sequential(nn.Linear(latents, 32), nn.Tanh(), nn.Linear(32, 64), last or nn.Sigmoid()).eval()


class Encoder(nn.Module):
    """Mean and log-variance of images (n, 64)."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Linear(64, 16)
        self.mu, self.logvar = nn.Linear(16, 2), nn.Linear(16, 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        hidden = torch.relu(self.body(images))
        return self.mu(hidden), self.logvar(hidden)


def width_of(module: nn.Module) -> int:
    first = next(each for each in module.modules() if isinstance(each, nn.Linear))
    return first.in_features


def save_pt2(module: nn.Module, path: Path) -> None:
    example = (torch.zeros(2, width_of(module)),)
    torch.export.save(torch.export.export(module, example, dynamic_shapes=({0: torch.export.Dim("n")},)), path)


def save_torchscript(module: nn.Module, path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is deprecated
        trace: Any = torch.jit.trace
        trace(module, torch.zeros(2, width_of(module))).save(str(path))


def save_onnx(module: nn.Module, path: Path) -> None:
    """Write the layers of a sequence by hand, so that the file owes nothing to torch."""
    pytest.importorskip("onnxruntime", reason="the extra onnx is not installed")
    onnx = pytest.importorskip("onnx", reason="onnx writes the file of this test, and is not installed")
    make, nodes, weights, last = onnx.helper, [], [], "z"
    for place, layer in enumerate(module.children()):
        name = f"h{place}"
        if isinstance(layer, nn.Linear):
            for kind, value in (("w", layer.weight), ("b", layer.bias)):
                weights.append(onnx.numpy_helper.from_array(value.detach().numpy(), f"{kind}{place}"))
            nodes.append(make.make_node("Gemm", [last, f"w{place}", f"b{place}"], [name], transB=1))
        else:
            nodes.append(make.make_node(type(layer).__name__, [last], [name]))
        last = name
    kind = onnx.TensorProto.FLOAT
    inputs = [make.make_tensor_value_info("z", kind, ["n", width_of(module)])]
    graph = make.make_graph(nodes, "decoder", inputs, [make.make_tensor_value_info(last, kind, ["n", 64])], weights)
    path.write_bytes(make.make_model(graph, opset_imports=[make.make_opsetid("", 17)], ir_version=10).SerializeToString())


KINDS: dict[str, Save] = {"d.pt2": save_pt2, "d.torchscript.pt": save_torchscript, "d.onnx": save_onnx}


def pixels(file: ModelFile, z: Tensor) -> Any:
    return np.rint(255 * TrainedModel(file).decode(z)).reshape(len(z), 64)


@pytest.mark.parametrize(("tried", "latents"), [(APART, 2), (HERE, 20)], indirect=["tried"])
@pytest.mark.parametrize("name", KINDS)
def test_that_a_decoder_opens_with_the_pixels_of_its_network(name: str, latents: int, tried: str, tmp_path: Path) -> None:
    decoder = decoder_of(latents)
    KINDS[name](decoder, tmp_path / name)
    file = open_model_file(tmp_path / name)
    said = f"decode takes (n, {latents}) and gives (n, 64), pixels in [0, 1], read as 8×8; there is no encoder"
    assert contract_of(file.card).said == said
    z = torch.randn(7, latents)
    with torch.no_grad():
        wanted = np.rint(255 * decoder(z).numpy())
    assert np.abs(pixels(file, z) - wanted).max() <= (1 if name.endswith("onnx") else 0)
    np.testing.assert_array_equal(pixels(file, z[:1]), pixels(file, z)[:1])


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize(("last", "range_"), [(nn.Identity(), "logits"), (nn.Tanh(), "signed")], ids=["logits", "tanh"])
def test_that_the_pixel_range_is_said_and_can_be_overruled(last: nn.Module, range_: str, tmp_path: Path) -> None:
    save_torchscript(decoder_of(last=last), tmp_path / "d.pt")
    contract = contract_of(open_model_file(tmp_path / "d.pt").card)
    assert contract.decoding.pixels == range_
    assert "pixels=… says otherwise" in contract.said
    given = How(given=Given.of(pixels="unit", image_shape=(4, 16)))
    overruled = contract_of(open_model_file(tmp_path / "d.pt", given).card).decoding
    assert (overruled.pixels, overruled.image_shape) == ("unit", (4, 16, 1))


@pytest.mark.usefixtures("tried")
@pytest.mark.parametrize("save", [save_pt2, save_torchscript])
def test_that_an_encoder_can_be_named(save: Save, tmp_path: Path) -> None:
    encoder = Encoder().eval()
    save(decoder_of(), tmp_path / "d.pt2")
    save(encoder, tmp_path / "e.pt2")
    for path in tmp_path.iterdir():  # the ending tells nothing of TorchScript
        path.rename(path.with_suffix(".pt2" if save is save_pt2 else ".pt"))
    suffix = ".pt2" if save is save_pt2 else ".pt"
    file = open_model_file(tmp_path / f"d{suffix}", How(encoder=tmp_path / f"e{suffix}"))
    images = torch.rand(3, 8, 8)
    found = TrainedModel(file).encode(images)
    with torch.no_grad():
        mean, log_variance = encoder(images.reshape(3, 64))
    np.testing.assert_allclose(found.mean, mean.numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.std, np.exp(0.5 * log_variance.numpy()), rtol=1e-5)


class Convolutional(nn.Module):
    """Views, chunks, buffers, constants, interpolation and batch normalisation."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.up = nn.Linear(4, 128), nn.ConvTranspose2d(8, 4, 4, 2, 1)
        self.norm, self.out = nn.BatchNorm2d(4), nn.Conv2d(4, 3, 3, padding=1)
        self.register_buffer("tint", torch.rand(3, 1, 1), persistent=False)
        self.half = torch.tensor(0.5)

    def forward(self, z: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.dense(z).view(z.shape[0], 8, 4, 4)
        hidden = torch.relu(self.norm(self.up(hidden)))
        hidden = nn.functional.interpolate(hidden, scale_factor=2, mode="bilinear")
        first, second = hidden.chunk(2, dim=1)
        images = torch.sigmoid(self.out(torch.cat([second, first], dim=1)) * self.tint + self.half)
        return images, hidden.mean(dim=(2, 3)) + z.new_zeros(z.shape[0], 4)


def test_that_the_reader_of_pt2_computes_what_torch_computes(tmp_path: Path) -> None:
    network = Convolutional()
    network.norm(torch.randn(20, 4, 8, 8))  # running means that are not 0
    save_pt2(network.eval(), tmp_path / "c.pt2")
    program = Pt2Program((tmp_path / "c.pt2").read_bytes())
    for rows in (1, 2, 5):
        z = torch.randn(rows, 4)
        with torch.no_grad():
            for found, wanted in zip(program(z), network(z), strict=True):
                torch.testing.assert_close(found, wanted, rtol=0, atol=0)


@pytest.mark.usefixtures("tried")
def test_that_a_program_of_a_fixed_number_of_rows_decodes_any_number(tmp_path: Path) -> None:
    decoder = decoder_of()
    torch.export.save(torch.export.export(decoder, (torch.zeros(2, 2),)), tmp_path / "d.pt2")
    z = torch.randn(5, 2)
    with torch.no_grad():
        np.testing.assert_array_equal(pixels(open_model_file(tmp_path / "d.pt2"), z), np.rint(255 * decoder(z).numpy()))


def changed(good: Path, bad: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Write an archive whose entries are changed."""
    with zipfile.ZipFile(good) as old, zipfile.ZipFile(bad, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return bad


def test_that_no_pickle_of_a_pt2_file_is_run(tmp_path: Path) -> None:
    save_pt2(decoder_of(), tmp_path / "d.pt2")
    harm = b"cos\nmkdir\n(S'" + str(tmp_path / "made").encode() + b"'\ntR."
    bad = changed(tmp_path / "d.pt2", tmp_path / "bad.pt2", lambda name, data: harm if "sample_inputs" in name else data)
    open_model_file(bad)
    assert not (tmp_path / "made").exists()

    def pickled(name: str, data: bytes) -> bytes:
        if name.endswith("weights_config.json"):
            return data.replace(b'"use_pickle": false', b'"use_pickle": true')
        return harm if "/weight_" in name else data

    with pytest.raises(UserError, match=r"would run code|cannot be opened"):
        open_model_file(changed(tmp_path / "d.pt2", tmp_path / "worse.pt2", pickled))
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "target",
    ["torch.os.system", "torch.ops.aten.from_file.default", "builtins.eval", "torch.ops.prim.device.default", "os.system", "x"],
)
def test_that_an_operation_that_computes_nothing_is_refused(target: str, tmp_path: Path) -> None:
    save_pt2(decoder_of(), tmp_path / "d.pt2")

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"torch.ops.aten.tanh.default", target.encode()) if name.endswith("model.json") else data

    with pytest.raises(UserError, match=f"it uses {target}, which is no plain computation"):
        open_model_file(changed(tmp_path / "d.pt2", tmp_path / "bad.pt2", change))


def test_that_results_that_no_memory_holds_are_refused_before_they_are_computed(tmp_path: Path) -> None:
    class Wide(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            return z[:, :1].expand(-1, 100_000).reshape(-1, 100_000, 1) * torch.ones(1, 1, 4)

    save = torch.export.export(Wide(), (torch.zeros(2, 2),), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.export.save(save, tmp_path / "d.pt2")

    def change(name: str, data: bytes) -> bytes:
        return data.replace(b"100000", b"100000000000") if name.endswith("model.json") else data

    with pytest.raises(UserError, match="its results have more than"):
        open_model_file(changed(tmp_path / "d.pt2", tmp_path / "bad.pt2", change))


@pytest.mark.parametrize("name", ["d.pt2", "d.torchscript.pt", "d.onnx"])
@pytest.mark.parametrize(("tried", "cut"), [(APART, 0.3), (HERE, 0.9)], indirect=["tried"])
def test_that_a_cut_file_is_refused_in_one_line(name: str, cut: float, tried: str, tmp_path: Path) -> None:
    KINDS[name](decoder_of(), tmp_path / name)
    data = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(data[: int(cut * len(data))])
    with pytest.raises(UserError) as refusal:
        open_model_file(tmp_path / name)
    assert name in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_that_weights_that_do_not_fit_their_bytes_are_refused(tmp_path: Path) -> None:
    save_pt2(decoder_of(), tmp_path / "d.pt2")

    def change(name: str, data: bytes) -> bytes:
        if not name.endswith("weights_config.json"):
            return data
        value = json.loads(data)
        value["config"]["0.weight"]["tensor_meta"]["sizes"] = [{"as_int": 1 << 20}, {"as_int": 2}]
        return json.dumps(value).encode()

    with pytest.raises(UserError, match="a tensor does not fit its bytes"):
        open_model_file(changed(tmp_path / "d.pt2", tmp_path / "bad.pt2", change))


def test_that_torchscript_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from vae_explorer.models.own.files import trial

    class Endless(nn.Module):
        def forward(self, z: Tensor) -> Tensor:
            while bool(z.sum() < 1e9):
                z = z * 1.0
            return z

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        script: Any = torch.jit.script
        script(Endless()).save(str(tmp_path / "d.pt"))
    seconds = type(trial.LIMITS["seconds"])("time", 3, "seconds", "")
    monkeypatch.setattr(trial, "LIMITS", {**trial.LIMITS, "seconds": seconds})
    with pytest.raises(UserError, match="not done after 3 seconds, and was ended"):
        open_model_file(tmp_path / "d.pt")
