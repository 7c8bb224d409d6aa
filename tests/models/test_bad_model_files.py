"""Every way in which a file can be bad gives one line that names the file, and nothing but `ModelFileError`."""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import pickle
import re
import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from tests.unchecked import write_unchecked
from vae_explorer.errors import UserError
from vae_explorer.image_reading import read_image
from vae_explorer.inference.trained import TrainedModel, load_model
from vae_explorer.models.card import FORMAT
from vae_explorer.models.model_file import ModelFile, ModelFileError, read_card, read_model_file, write_model_file
from vae_explorer.models.spec import ModelSpec

Tensors = dict[str, np.ndarray]
MakeModelFile = Callable[..., ModelFile]
needs_posix = pytest.mark.skipif(os.name != "posix", reason="Windows has no such files")
any_example = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(path: Path) -> str:
    """The one line with which `path` is refused."""
    with pytest.raises(ModelFileError) as caught:
        load_model(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def checksum(tensors: Tensors) -> str:
    """As the format has it: names in order, each with type and shape, then the bytes."""
    digest = hashlib.sha256()
    for name, array in sorted(tensors.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode() + array.tobytes())
    return digest.hexdigest()


def rewrite(path: Path, change: Callable[[Tensors], object] = lambda _: None, card: str | None = None) -> None:
    """Change the tensors or the card of a file and give it the right checksum again."""
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    change(tensors)
    text = card or metadata["vae_explorer"]
    checksums = {"sha256": checksum(tensors), "card_sha256": hashlib.sha256(text.encode()).hexdigest()}
    save_file(tensors, path, {"vae_explorer": text} | checksums)


def with_header(path: Path, change: Callable[[dict[str, str]], object]) -> None:
    """Change the entries of a file's header, and nothing else."""
    with safe_open(path, framework="numpy") as file:
        metadata = file.metadata()
    tensors = load_file(path)
    change(metadata)
    save_file(tensors, path, metadata)


def with_card(path: Path, **changes: Any) -> None:
    with safe_open(path, framework="numpy") as file:
        card = json.loads(file.metadata()["vae_explorer"])
    card |= changes
    rewrite(path, card=json.dumps(card))


def tensors_begin(data: bytes) -> int:
    return 8 + int.from_bytes(data[:8], "little")


def test_that_a_file_with_a_right_checksum_of_our_own_is_opened(good: Path) -> None:
    before = read_model_file(good)
    rewrite(good)
    assert read_model_file(good).weights["head.bias"].tobytes() == before.weights["head.bias"].tobytes()


def test_that_a_missing_file_points_to_the_list_of_models(tmp_path: Path) -> None:
    assert "there is no file" in refusal(tmp_path / "nothing.safetensors")
    assert "list models" in refusal(tmp_path / "nothing.safetensors")


def test_that_an_empty_file_is_called_empty(good: Path) -> None:
    good.write_bytes(b"")
    assert "is empty" in refusal(good)


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_that_a_cut_file_is_refused(good: Path, share: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: max(1, int(share * len(data)))])
    assert "not a whole .safetensors file" in refusal(good)


@pytest.mark.parametrize("keep", [1, 7, 8, 9])
def test_that_a_file_cut_at_its_first_bytes_is_refused(good: Path, keep: int) -> None:
    good.write_bytes(good.read_bytes()[:keep])
    assert "not a whole .safetensors file" in refusal(good)


def test_that_a_file_with_something_behind_its_end_is_refused(good: Path) -> None:
    good.write_bytes(good.read_bytes() + b"more")
    refusal(good)


@any_example
@given(data=st.binary(min_size=1, max_size=200))
def test_that_garbage_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "garbage.safetensors"
    path.write_bytes(data)
    refusal(path)
    with pytest.raises(ModelFileError):
        read_card(path)


@any_example
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_that_one_flipped_bit_in_the_tensors_is_noticed(good: Path, place: float, bit: int) -> None:
    whole = good.read_bytes()
    data = bytearray(whole)
    start = tensors_begin(whole)
    data[start + int(place * (len(data) - start))] ^= 1 << bit
    bad = good.with_name("bad.safetensors")
    bad.write_bytes(data)
    assert "is damaged: its checksum differs" in refusal(bad)


@any_example
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_that_a_changed_byte_in_the_header_never_changes_the_model(good: Path, place: float, byte: int) -> None:
    whole, wanted = good.read_bytes(), read_model_file(good)
    data = bytearray(whole)
    data[int(place * tensors_begin(whole))] = byte
    bad = good.with_name("bad.safetensors")
    bad.write_bytes(data)
    try:
        file = read_model_file(bad)
    except ModelFileError:
        refusal(bad)
    else:
        assert file.card == wanted.card
        assert all(np.array_equal(file.weights[name], array) for name, array in wanted.weights.items())
        assert all(np.array_equal(file.codes.arrays()[name], array) for name, array in wanted.codes.arrays().items())


@pytest.mark.parametrize(("text", "other"), [("elbo", "glbo"), ("digits", "digitq"), ("small", "smalm")])
def test_that_one_flipped_bit_in_the_text_of_the_card_is_noticed(good: Path, text: str, other: str) -> None:
    data = good.read_bytes()
    assert text.encode() in data
    good.write_bytes(data.replace(text.encode(), other.encode(), 1))
    assert "is damaged: the checksum of its model card differs" in refusal(good)
    with pytest.raises(ModelFileError, match="is damaged: the checksum of its model card differs"):
        read_card(good)


def test_that_a_file_without_a_checksum_is_told_that_it_has_none(good: Path) -> None:
    with_header(good, lambda header: header.pop("sha256"))
    assert "is damaged: it has no checksum" in refusal(good)


def test_that_a_card_of_today_without_a_checksum_is_refused(good: Path) -> None:
    with_header(good, lambda header: header.pop("card_sha256"))
    assert "is damaged: its model card has no checksum" in refusal(good)


def test_that_a_file_of_the_first_format_needs_no_checksum_of_its_card(good: Path) -> None:
    with_card(good, format=1)
    with_header(good, lambda header: header.pop("card_sha256"))
    old = read_model_file(good)
    assert old.card.format == 1
    write_model_file(good, old)
    assert read_model_file(good).card == replace(old.card, format=FORMAT)


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        ("a folder", os.mkdir),
        pytest.param("a named pipe", lambda path: os.mkfifo(path), marks=needs_posix),
        pytest.param("a socket", lambda path: bind(path), marks=needs_posix),
    ],
)
def test_that_a_path_that_is_no_plain_file_is_named_by_its_kind(
    kind: str, make: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has at most 107 characters
    path = Path("m.safetensors")
    make(path)
    assert f"{path} is {kind} and no model; name a .safetensors file" in refusal(path)
    with pytest.raises(UserError, match=f"cannot be read as an image: it is {kind}; give an image file"):
        read_image(path, (8, 8, 1))


def test_that_a_safetensors_file_of_another_program_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "theirs.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path)
    assert "holds no model card" in refusal(path)


@pytest.mark.parametrize("name", ["mean", "std", "label", "split"])
def test_that_missing_codes_are_named(good: Path, name: str) -> None:
    rewrite(good, lambda tensors: tensors.pop(f"codes/{name}"))
    assert f"lacks its codes/{name}" in refusal(good)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("mean", np.zeros((6, 3), np.float32)),
        ("mean", np.zeros((6, 2), np.float64)),
        ("std", np.ones((5, 2), np.float32)),
        ("label", np.zeros((6, 1), np.uint8)),
        ("label", np.zeros((), np.uint8)),
        ("label", np.zeros(6, np.int64)),
        ("split", np.zeros(7, np.uint8)),
    ],
)
def test_that_codes_that_do_not_belong_together_are_refused(good: Path, name: str, array: np.ndarray) -> None:
    rewrite(good, lambda tensors: tensors.update({f"codes/{name}": array}))
    assert "shapes or types that do not belong together" in refusal(good)


@pytest.mark.parametrize(("name", "value"), [("mean", np.nan), ("std", np.inf), ("std", -1.0), ("std", 0.0), ("split", 2)])
def test_that_codes_that_no_model_gives_are_refused(good: Path, name: str, value: float) -> None:
    rewrite(good, lambda tensors: tensors[f"codes/{name}"].flat.__setitem__(3, value))
    assert "values that no model gives" in refusal(good)


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_that_codes_of_more_classes_than_the_card_names_are_refused(good: Path, kind: type) -> None:
    rewrite(good, lambda tensors: tensors.update({"codes/label": np.full(6, 10, kind)}))
    assert "its codes are of 11 classes, but it names 10; name each class" in refusal(good)


def test_that_points_with_a_width_are_refused(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    path, file = tmp_path / "ae.safetensors", make_model_file(ModelSpec("ae", "mlp", (8, 8, 1), (4,)))
    write_model_file(path, file)
    assert not load_model(path).codes.std.any()
    rewrite(path, lambda tensors: tensors["codes/std"].fill(0.1))
    assert "values that no model gives" in refusal(path)


def test_that_test_images_before_train_images_are_refused(good: Path) -> None:
    rewrite(good, lambda tensors: tensors["codes/split"].__setitem__(slice(None), [1, 0, 0, 0, 0, 1]))
    assert "values that no model gives" in refusal(good)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_that_weights_that_are_not_finite_are_refused(good: Path, value: float) -> None:
    rewrite(good, lambda tensors: tensors["weights/head.bias"].__setitem__(0, value))
    assert "weights that are not finite" in refusal(good)


def test_that_a_file_without_weights_is_refused(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    path = tmp_path / "empty-headed.safetensors"
    write_unchecked(path, replace(make_model_file(), weights={}))
    assert "holds no weights" in refusal(path)


def rename_all(tensors: Tensors) -> None:
    for name in [name for name in tensors if name.startswith("weights/")]:
        tensors[name.replace("encoder", "body")] = tensors.pop(name)


@pytest.mark.parametrize(
    "change",
    [
        rename_all,
        lambda tensors: tensors.pop("weights/head.bias"),
        lambda tensors: tensors.update({"weights/one.more": np.zeros(1, np.float32)}),
        lambda tensors: tensors.update({"weights/head.bias": np.zeros(5, np.float32)}),
    ],
    ids=["renamed", "one missing", "one too many", "another shape"],
)
def test_that_weights_that_do_not_fit_the_card_are_refused(good: Path, change: Callable[[Tensors], object]) -> None:
    rewrite(good, change)
    assert "do not fit its model card" in refusal(good)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (ModelSpec("vae", "mlp", (9, 8, 1), (4,)), "do not fit its model card"),
        (ModelSpec("vae", "mlp", (8, 8, 1), (5,)), "do not fit its model card"),
        (ModelSpec("vae", "mlp", (8, 8, 1), (-4,)), "do not fit its model card"),
        (ModelSpec("vae", "conv", (8, 8, 1), (4,)), "do not fit its model card"),
        (ModelSpec("dragon", "mlp", (8, 8, 1), (4,)), "unknown model family 'dragon'; known: "),
        (ModelSpec("vae", "mlp", (8, 8, 1), (4,), "poisson"), "unknown likelihood 'poisson'; known: "),
    ],
)
def test_that_a_card_of_another_network_is_refused_when_the_model_is_built(
    make_model_file: MakeModelFile, spec: ModelSpec, message: str
) -> None:
    file = make_model_file()
    with pytest.raises(ModelFileError, match=f"the file.*{message}"):
        TrainedModel(replace(file, card=replace(file.card, spec=spec)), "the file")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"family": "dragon"}, "unknown model family 'dragon'; known: "),
        ({"body": "trunk"}, "unknown body 'trunk'; known: "),
        ({"body": "gru"}, "family 'vae' has no body 'gru'; choose mlp or conv"),
        ({"likelihood": "poisson"}, "unknown likelihood 'poisson'; known: "),
        ({"activation": "sign"}, "unknown activation 'sign'; known: "),
        ({"image_shape": [-8, -8]}, "its images are -8×-8 pixels"),
        ({"hidden": [-4]}, "hidden width -4 is out of range"),
        ({"hidden": [10**12]}, "hidden width 1e\\+12 is out of range"),
        ({"parameters": {"warm_up": 3.0}}, "warm_up 3 is out of range; choose a value from 0 to 1"),
        ({"parameters": {"warm_up": math.nan}}, "warm_up nan is out of range"),
        ({"parameters": {"beta": math.inf}}, "its parameter beta is inf"),
        ({"family": "iaf-vae", "parameters": {"steps": math.inf}}, "steps inf is out of range"),
        ({"family": "iaf-vae", "parameters": {"steps": 1e9}}, "steps 1e\\+09 is out of range"),
        ({"family": "iaf-vae", "parameters": {"steps": 1.5}}, "steps 1.5 is no whole number; choose 1 or 2"),
        ({"family": "iwae", "parameters": {"draws": math.inf}}, "draws inf is out of range"),
        ({"likelihood": "gaussian", "parameters": {"sigma": 0.0}}, "sigma 0 is out of range; choose a value from 0.01 to 2"),
        ({"family": "cvae", "classes": 0}, "family 'cvae' of images of 10 classes is given 10 of them, not 0"),
        ({"family": "cvae", "classes": 9}, "family 'cvae' of images of 10 classes is given 10 of them, not 9"),
        ({"classes": 10}, "family 'vae' of images of 10 classes is given 0 of them, not 10"),
    ],
    ids=str,
)
def test_that_a_card_that_no_model_can_have_is_refused_before_its_weights_are_read(
    good: Path, changes: dict[str, Any], message: str
) -> None:
    with_card(good, spec=read_card(good).spec.to_json() | changes)
    line = refusal(good)
    assert re.search(f"cannot be opened: {message}", line)
    with pytest.raises(ModelFileError, match="cannot be opened"):
        read_card(good)


def test_that_more_classes_on_the_card_than_the_network_has_are_refused(make_model_file: MakeModelFile, tmp_path: Path) -> None:
    path = tmp_path / "cvae.safetensors"
    write_model_file(path, make_model_file(ModelSpec("cvae", "mlp", (8, 8, 1), (4,), classes=10)))
    assert load_model(path).card.spec.classes == 10
    with_card(path, classes=list("0123456789a"))
    assert "family 'cvae' of images of 11 classes is given 11 of them, not 10" in refusal(path)


@pytest.mark.parametrize("kind", [np.float64, np.int32])
def test_that_weights_of_another_type_are_refused(good: Path, kind: type) -> None:
    rewrite(good, lambda tensors: tensors.update({"weights/head.bias": tensors["weights/head.bias"].astype(kind)}))
    assert "do not fit its model card" in refusal(good)


def test_that_codes_of_another_number_of_latents_are_refused(good: Path) -> None:
    spec = ModelSpec("vae", "mlp", (8, 8, 1), (4,), latent_dim=3)
    with_card(good, spec=spec.to_json())
    assert "its codes have shapes or types that do not belong together" in refusal(good)


@pytest.mark.parametrize(("family", "latents"), [("vae", 0), ("vae", 513), ("iaf-vae", 3), ("gan", 1)])
def test_that_a_number_of_latents_that_the_family_lacks_is_refused(good: Path, family: str, latents: int) -> None:
    with_card(good, spec=ModelSpec(family, "mlp", (8, 8, 1), (4,), latent_dim=latents).to_json())
    assert "latents" in refusal(good)


def test_that_a_newer_format_asks_for_an_update(good: Path) -> None:
    with_card(good, format=99, spec="of a kind that nobody knows yet")
    assert f"has format 99, newer than this program's {FORMAT}; update VAE Explorer" in refusal(good)


@pytest.mark.parametrize(
    "changes",
    [
        {"format": None},
        {"format": "one"},
        {"format": float("inf")},
        {"format": float("nan")},
        {"seed": float("inf")},
        {"spec": None},
        {"spec": {}},
        {"classes": 3},
        {"metrics": ["elbo"]},
        {"metrics": {"elbo": "high"}},
        {"training": 5},
        {"training": [["epochs", 3]]},
        {"name": 3},
        {"dataset": None},
        {"classes": "0123456789"},
        {"classes": [*range(10)]},
        {"binarised": True},
        {"seed": "7"},
        {"seed": 7.0},
        {"seed": True},
        {"command": ["vae-explorer"]},
        {"metrics": {"elbo": "-0.3"}},
        {"metrics": {"elbo": None}},
        {"errors": {"elbo": "0.1"}},
        {"validation": [["elbo", 0.1]]},
        {"versions": {"torch": 2}},
        {"created": 2026},
        {"format": "2"},
        {"format": True},
        {"extra": [["a", 1]]},
    ],
    ids=str,
)
def test_that_a_card_with_nonsense_in_it_is_refused(good: Path, changes: dict[str, Any]) -> None:
    with_card(good, **changes)
    assert "its model card cannot be read" in refusal(good)


@pytest.mark.parametrize(
    "changes",
    [
        {"image_shape": [8, "8"]},
        {"image_shape": [8.0, 8]},
        {"image_shape": "88"},
        {"image_shape": [8]},
        {"image_shape": [8, 8, 1, 1]},
        {"hidden": ["4"]},
        {"hidden": "4"},
        {"hidden": [True]},
        {"latent_dim": "2"},
        {"latent_dim": 2.0},
        {"family": ["vae"]},
        {"body": 1},
        {"likelihood": None},
        {"activation": 0},
        {"classes": "0"},
        {"classes": False},
        {"parameters": {"beta": "2"}},
        {"parameters": {"beta": True}},
        {"parameters": [["beta", 2.0]]},
    ],
    ids=str,
)
def test_that_a_spec_with_a_field_of_another_type_is_refused(good: Path, changes: dict[str, Any]) -> None:
    with_card(good, spec=read_card(good).spec.to_json() | changes)
    assert "its model card cannot be read" in refusal(good)


@pytest.mark.parametrize("card", ["no JSON", "[]", "3", '"text"', "null", "{", "[" * 100_000], ids=lambda text: text[:8])
def test_that_a_card_that_is_no_card_is_refused(good: Path, card: str) -> None:
    rewrite(good, card=card)
    assert "cannot be read" in refusal(good)
    with pytest.raises(ModelFileError):
        read_card(good)


@pytest.mark.parametrize(
    "field", ["name", "spec", "dataset", "classes", "binarised", "training", "seed", "command", "metrics", "extra"]
)
def test_that_a_card_that_lacks_a_field_is_refused(good: Path, field: str) -> None:
    with safe_open(good, framework="numpy") as file:
        card = json.loads(file.metadata()["vae_explorer"])
    del card[field]
    rewrite(good, card=json.dumps(card))
    assert field in refusal(good)


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> Any:
        return open, (str(self._path), "w")


def as_torch_zip(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer)
    return buffer.getvalue()


def as_old_torch(value: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(value, buffer, _use_new_zipfile_serialization=False)
    return buffer.getvalue()


@pytest.mark.parametrize("disguise", [as_torch_zip, as_old_torch, pickle.dumps], ids=["torch zip", "old torch", "pickle"])
def test_that_a_pickle_in_disguise_is_refused_and_not_run(tmp_path: Path, disguise: Callable[[object], bytes]) -> None:
    path, trace = tmp_path / "model.safetensors", tmp_path / "trace"
    path.write_bytes(disguise(Trap(trace)))
    assert "is a pickle, which could run code, and is not opened" in refusal(path)
    assert not trace.exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_that_a_pickle_of_any_protocol_is_refused(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(pickle.dumps({"{{{{{{": list(range(1000))}, protocol=protocol))
    refusal(path)


def test_that_a_file_that_may_not_be_read_says_so(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(*_: object) -> None:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "open", forbid)
    assert "cannot read" in refusal(good)
