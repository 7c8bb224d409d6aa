"""Programs that decode or encode, as bytes of a file. A model file holds them in place of weights."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_explorer.errors import UserError
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.callers import TENSOR, Caller, Program
from vae_explorer.models.own.contract import contract_of
from vae_explorer.models.own.files.limits import check_file, is_archive
from vae_explorer.models.own.files.onnx import OnnxProgram
from vae_explorer.models.own.files.pt2 import Pt2Program
from vae_explorer.models.own.files.torchscript import TorchScriptProgram
from vae_explorer.models.own.files.trial import try_apart
from vae_explorer.models.own.making import family_of
from vae_explorer.models.own.network import OwnNetwork

DECODE, ENCODE = "decode", "encode"
_PT2, _TORCHSCRIPT, _ONNX = "pt2", "torchscript", "onnx"
_READERS: dict[str, Callable[[bytes], Program]] = {_PT2: Pt2Program, _TORCHSCRIPT: TorchScriptProgram, _ONNX: OnnxProgram}
_APART = (_TORCHSCRIPT, _ONNX)  # run by native code, whose time and memory nobody knows before

Programs = Mapping[str, NDArray[Any]]  # "decode.pt2" -> the bytes of the file


def kind_of_program(path: Path) -> str:
    """Return the kind of program in a file; empty for a state dict, or none. The file was checked."""
    if path.suffix.lower() == ".onnx":
        return _ONNX
    if not is_archive(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    if (
        any(name.endswith(("/models/model.json", "serialized_exported_program.json")) for name in names)
        or path.suffix == ".pt2"
    ):
        return _PT2
    return _TORCHSCRIPT if any("/code/" in name or name.endswith("/constants.pkl") for name in names) else ""


def read_program(path: Path, role: str) -> Programs:
    """Return the program of a file as `role`. Raises `UserError` on other files."""
    check_file(path)
    kind = kind_of_program(path)
    if not kind:
        raise UserError(f"{path} holds no program; give a .pt2, TorchScript or .onnx file")
    return {f"{role}.{kind}": np.frombuffer(path.read_bytes(), np.uint8)}


def functions_of(programs: Programs) -> dict[str, Program]:
    """Return the functions of programs by their role.

    Programs that native code runs are tried in a process of their own first. Raises `UserError` without a file's name.
    """
    parts = {name: array.tobytes() for name, array in programs.items()}
    roles, kinds = ([name.partition(".")[place] for name in parts] for place in (0, 2))
    if not set(kinds) <= set(_READERS) or sorted(roles) not in ([DECODE], [DECODE, ENCODE]):
        raise UserError("its programs are none of a decoder and an encoder; save the model again")
    if set(kinds) & set(_APART):
        try_apart(parts)
    return load(parts)


def load(parts: Mapping[str, bytes]) -> dict[str, Program]:
    """Return the functions of programs, such as "decode.pt2", by their role. Raises `UserError`."""
    return {name.partition(".")[0]: _READERS[name.partition(".")[2]](data) for name, data in parts.items()}


def network_of(file: ModelFile) -> OwnNetwork:
    """Build the network of a model file that holds programs. Raises `UserError`."""
    contract, programs, lock = contract_of(file.card), functions_of(file.weights), threading.RLock()
    callers = {role: Caller(program, TENSOR, lock) for role, program in programs.items()}
    made, spec = contract.decoding, file.card.spec
    agrees = (made.latents, made.image_shape) == (spec.latent_dim, spec.image_shape) and family_of(contract) == spec.family
    if not agrees or (contract.encoding is None) is not (ENCODE not in callers):
        raise UserError("its card and its programs do not belong together; save the model again")
    return OwnNetwork(spec, contract, callers[DECODE], callers.get(ENCODE)).eval()
