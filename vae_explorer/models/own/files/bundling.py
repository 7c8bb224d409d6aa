"""Turns an own model in this process into one that a file can hold: its functions become programs of torch.export."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from vae_explorer.errors import UserError
from vae_explorer.models.model_file import ModelFile
from vae_explorer.models.own.arrays import arranged, from_unit
from vae_explorer.models.own.callers import Caller, is_distribution, module_of, moments, read
from vae_explorer.models.own.decoders import probes
from vae_explorer.models.own.files.programs import DECODE, ENCODE, Programs
from vae_explorer.models.own.files.pt2 import Pt2Program
from vae_explorer.models.own.network import OwnNetwork

_EXPORTED, _TRIED = 2, (1, 5)  # rows of the export, and of the comparison with the function
_NEAR = 1e-4


def bundled(file: ModelFile) -> ModelFile:
    """Return a model that can be saved. Raises `UserError` if a function cannot be exported."""
    if file.make is None or file.weights:
        return file
    network = file.make()
    assert isinstance(network, OwnNetwork)
    made, programs = network.contract.decoding, dict[str, Any]()
    points = probes(made.latents, max(_TRIED)).reshape(max(_TRIED), made.latents, *[1] * made.ones)
    programs |= _exported(DECODE, network.decoder, points)
    if network.encoder is not None and network.contract.encoding is not None:
        unit = torch.rand(max(_TRIED), int(np.prod(made.image_shape)), generator=torch.Generator().manual_seed(0))
        images = from_unit(arranged(unit, made.image_shape, network.contract.encoding.layout), network.contract.encoding.pixels)
        programs |= _exported(ENCODE, network.encoder, images)
    return replace(file, weights=programs, make=None)


class _Called(nn.Module):
    """A function as a module, with the weights of the module that it belongs to."""

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._call, self.owner = caller.function, module_of(caller.function)

    def forward(self, values: Tensor) -> Any:
        given = self._call(values)
        return moments(given) if is_distribution(given) else given


def _exported(role: str, caller: Caller, example: Tensor) -> Programs:
    """Return the program of a function. The program gives what the function gives, for other numbers of rows too."""
    values = caller.kind.of(example) if caller.kind.is_tensor else example  # what takes arrays may take tensors, too
    try:
        with warnings.catch_warnings(), torch.no_grad(), _unchecked_distributions():
            warnings.simplefilter("ignore")
            shapes = ({0: torch.export.Dim.AUTO},)
            program = torch.export.export(_Called(caller).eval(), (values[:_EXPORTED],), dynamic_shapes=shapes, strict=False)
            buffer = io.BytesIO()
            torch.export.save(program, buffer)
    except Exception as error:  # torch.export raises errors of many kinds
        words = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        advice = "" if caller.kind.is_tensor else "; write the function with torch tensors"
        raise UserError(f"{role} cannot be exported by torch.export: {words}{advice}") from error
    data = buffer.getvalue()
    _compare(role, caller, Pt2Program(data), example)
    return {f"{role}.pt2": np.frombuffer(data, np.uint8)}


@contextlib.contextmanager
def _unchecked_distributions() -> Iterator[None]:
    """Let distributions take any parameters: their checks depend on values, which no export may."""
    before = Distribution._validate_args
    Distribution.set_default_validate_args(False)
    try:
        yield
    finally:
        Distribution.set_default_validate_args(before)


@torch.inference_mode()
def _compare(role: str, caller: Caller, program: Pt2Program, example: Tensor) -> None:
    for rows in _TRIED:
        wanted, found = caller(example[:rows]).arrays, read(program(example[:rows])).arrays
        if len(wanted) != len(found) or not all(map(_are_near, wanted, found)):
            raise UserError(
                f"the exported {role} gives other numbers than the function; it must not draw, nor depend on the rows"
            )


def _are_near(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and bool(torch.allclose(one, other, atol=_NEAR, rtol=_NEAR))
