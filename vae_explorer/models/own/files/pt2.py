"""Runs a .pt2 file of torch.export: operation by operation, from its JSON.

`torch.export.load` runs pickles and builds Python code of the file's names. This reader does neither. It knows the operations of
aten alone, and computes the size of every result before the first call, on torch's meta device.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.callers import Takes
from vae_explorer.models.own.files.pt2_arguments import TYPES, argument, operation
from vae_explorer.models.own.files.pt2_tensors import json_in, pickled, tensors_in

_MOST_OPERATIONS = 20_000
_MOST_NUMBERS = 1 << 28  # of all results together, for one row
_MOST_WHOLE = 1 << 62
_OLD_PROGRAM = "serialized_exported_program.json"


@dataclass(frozen=True, slots=True)
class _Step:
    call: Callable[..., Any]
    target: str
    inputs: Sequence[tuple[str, Mapping[str, Any]]]  # (name of a keyword, "" for a place; argument)
    outputs: Sequence[Sequence[str]]  # names; several for a list of tensors
    done: Sequence[str]  # names that no later step needs


class Pt2Program:
    """A program of one tensor (n, …), which may be called from several threads."""

    def __init__(self, data: bytes) -> None:
        """Read the bytes of a file. Raises `UserError` without a file's name."""
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                program, tensors = _parts(archive)
            graph = program["graph_module"]["graph"]
            signature = program["graph_module"]["signature"]
            self._values, self._input = _inputs(signature["input_specs"], tensors)
            self._outputs = [_user_output(spec) for spec in signature["output_specs"]]
            self._steps = _steps(graph["nodes"], {*self._outputs, *self._values})
            about = graph["tensor_values"][self._input]
            self._sides, self._type = about["sizes"], TYPES[about["dtype"]]
        except UserError:
            raise
        except Exception as error:
            words = " ".join(f"{type(error).__name__}: {error}".split())[:120]
            raise UserError(f"it is no .pt2 file that can be read ({words}); save it with torch.export.save") from error
        self._check_sizes()

    @property
    def takes(self) -> Takes:
        sides = [side.get("as_int") for side in self._sides]
        return Takes(sides[0] if sides else None, sides[1] if len(sides) > 1 else None)

    def __call__(self, values: Tensor) -> tuple[Tensor, ...]:
        return self._run(values.to(self._type), self._values, "cpu")

    def _run(self, given: Tensor, tensors: Mapping[str, Any], device: str, most: int | None = None) -> tuple[Tensor, ...]:
        known, total = {**tensors, self._input: given}, 0
        for step in self._steps:
            places = [argument(each, known, device) for name, each in step.inputs if not name]
            named = {name: argument(each, known, device) for name, each in step.inputs if name}
            result = step.call(*places, **named)
            for names, value in zip(step.outputs, result if len(step.outputs) > 1 else (result,), strict=True):
                known.update(zip(names, value if len(names) > 1 or isinstance(value, list | tuple) else (value,), strict=True))
            if most is not None:
                total += sum(_size(known[name]) for names in step.outputs for name in names)
                if total > most:
                    raise UserError(f"its results have more than {most:,} numbers, at {step.target}")
            for name in step.done:
                del known[name]
        return tuple(known[name] for name in self._outputs)

    def _check_sizes(self) -> None:
        """Compute all sizes for one row, without memory. Raises `UserError` beyond the limit."""
        hints = [side.get("as_int") or side["as_expr"]["hint"]["as_int"] for side in self._sides]
        meta = {name: value.to("meta") for name, value in self._values.items()}
        rows = hints[0] if hints else 1
        try:
            self._run(torch.empty(hints, dtype=self._type, device="meta"), meta, "meta", _MOST_NUMBERS * max(rows, 1))
        except UserError:
            raise
        except Exception as error:
            words = " ".join(f"{type(error).__name__}: {error}".split())[:160]
            raise UserError(
                f"the sizes of its results cannot be told ({words}); export it without operations on values"
            ) from error


def _parts(archive: zipfile.ZipFile) -> tuple[Mapping[str, Any], dict[str, Tensor]]:
    """Return the program, and its tensors by name."""
    names = archive.namelist()
    if _OLD_PROGRAM in names:  # before torch 2.8
        tensors = pickled(archive.read("serialized_state_dict.pt")) | pickled(archive.read("serialized_constants.pt"))
        return json_in(archive, _OLD_PROGRAM), {name: each for name, each in tensors.items() if isinstance(each, Tensor)}
    models = [name for name in names if name.endswith(".json") and "/models/" in f"/{name}"]
    if len(models) != 1:
        raise UserError(f"it holds {len(models)} models; save one model in one file with torch.export.save")
    base, _, name = models[0].rpartition("models/")
    stem = name.removesuffix(".json")
    tensors = {}
    for kind in ("weights", "constants"):
        folder = f"{base}data/{kind}"
        tensors |= tensors_in(archive, folder, f"{folder}/{stem}_{kind}_config.json")
    return json_in(archive, models[0]), tensors


def _inputs(specs: Sequence[Mapping[str, Any]], tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], str]:
    """Return the program's tensors by the names that its steps use, and the name of the person's input."""
    values, given = {}, []
    for spec in specs:
        ((kind, value),) = spec.items()
        if kind == "user_input":
            given.append(value["arg"]["as_tensor"]["name"])
        else:
            key = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}[kind]
            values[value["arg"]["name"]] = tensors[value[key]]
    if len(given) != 1:
        raise UserError(f"it takes {len(given)} tensors, and a decoder or an encoder takes one")
    return values, given[0]


def _user_output(spec: Mapping[str, Any]) -> str:
    if "user_output" not in spec:
        raise UserError(f"it gives a {next(iter(spec), 'nothing')}; export the model in evaluation mode, with .eval()")
    name: str = spec["user_output"]["arg"]["as_tensor"]["name"]
    return name


def _steps(nodes: Sequence[Mapping[str, Any]], kept: set[str]) -> list[_Step]:
    if len(nodes) > _MOST_OPERATIONS:
        raise UserError(f"it has {len(nodes):,} operations, at most {_MOST_OPERATIONS:,}")
    steps: list[_Step] = []
    needed = set(kept)
    for node in reversed(nodes):  # from the end, so that a value is let go after its last use
        call = operation(node["target"])
        if call is None:
            continue
        inputs = [(each["name"] if each.get("kind") == 2 else "", each["arg"]) for each in node["inputs"]]
        outputs = [_names(each) for each in node["outputs"]]
        made = [name for names in outputs for name in names]
        done = [name for name in dict.fromkeys([*_uses(inputs), *made]) if name not in needed]
        needed.update(done)
        steps.append(_Step(_bounded(call), node["target"], inputs, outputs, done))
    return steps[::-1]


def _uses(inputs: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
    """Return the names of values that arguments use."""
    records = _records([value for _, value in inputs])
    return [each["name"] if "name" in each else each["as_name"] for each in records]


def _records(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, dict):
        own = [value] if "name" in value or "as_name" in value else []
        return own + [each for inner in value.values() for each in _records(inner)]
    return [each for inner in value for each in _records(inner)] if isinstance(value, list) else []


def _names(output: Mapping[str, Any]) -> list[str]:
    ((kind, value),) = output.items()
    if kind in ("as_tensor", "as_optional_tensor"):
        return [value["name"]]
    if kind == "as_tensors":
        return [each["name"] for each in value]
    if kind == "as_none":
        return [""]
    return [value["as_name"]]


def _bounded(call: Callable[..., Any]) -> Callable[..., Any]:
    """Keep whole numbers below 2⁶², since products of a file's numbers grow without end."""
    if isinstance(call, torch._ops.OpOverload):
        return call

    def bounded(*places: Any) -> Any:
        result = call(*places)
        if isinstance(result, int | float) and abs(result) >= _MOST_WHOLE:
            raise UserError("a number of the program is too large")
        return result

    return bounded


def _size(value: Any) -> int:
    return value.numel() if isinstance(value, Tensor) else 0
