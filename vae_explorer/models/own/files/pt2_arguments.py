"""Reads the arguments of a .pt2 file's operations."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

import torch

from vae_explorer.errors import UserError

TYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}  # torch._export.serde.schema.ScalarType, without complex and 8-bit floats
_FORMATS = {1: torch.contiguous_format, 2: torch.channels_last, 3: torch.channels_last_3d, 4: torch.preserve_format}
_STRIDED = 7
_ON_NUMBERS: dict[str, Callable[..., Any]] = {
    f"_operator.{name}": getattr(operator, name)
    for name in ("add", "sub", "mul", "floordiv", "mod", "neg", "truediv", "eq", "ne", "lt", "le", "gt", "ge", "getitem")
}
_ATEN = re.compile(r"torch\.ops\.aten\.([a-z0-9_]+)\.([A-Za-z0-9_]+)")
_OF_FILES = {"from_file", "save", "load"}
_CHECKS = ("_assert", "sym_constrain_range")  # operations that compute nothing
_SAME = ("as_int", "as_ints", "as_float", "as_floats", "as_string", "as_bool", "as_bools", "as_int_lists", "as_float_lists")

Values = Mapping[str, Any]  # by name


def operation(target: str) -> Callable[..., Any] | None:
    """Return the operation of a name; None for a check. Raises `UserError` on what is no plain computation."""
    if target in _ON_NUMBERS:
        return _ON_NUMBERS[target]
    match = _ATEN.fullmatch(target)
    if match is None or match[1] in _OF_FILES:
        raise UserError(
            f"it uses {target[:100]}, which is no plain computation; export the model with operations of torch alone"
        )
    if match[1].startswith(_CHECKS):
        return None
    packet = getattr(torch.ops.aten, match[1], None)
    found: Callable[..., Any] | None = getattr(packet, match[2], None)
    if found is None:
        raise UserError(f"this version of torch has no operation {target[:100]}; export the model with this version")
    return found


def argument(given: Mapping[str, Any], values: Values, device: str) -> Any:
    """Return the value of an argument. Raises `UserError` on a kind that no decoder needs."""
    ((kind, value),) = given.items()
    if kind in _SAME:
        return value
    if kind == "as_none":
        return None
    if kind in ("as_tensor", "as_optional_tensor", "as_sym_int", "as_sym_float", "as_sym_bool"):
        return _named(value, values)
    if kind in ("as_tensors", "as_optional_tensors", "as_sym_ints", "as_sym_floats", "as_sym_bools"):
        return [_named(each, values) for each in value]
    if kind == "as_scalar_type":
        return TYPES[value]
    if kind == "as_memory_format":
        return _FORMATS[value]
    if kind == "as_layout" and value == _STRIDED:
        return torch.strided
    if kind == "as_device":
        return torch.device(device)
    raise UserError(f"it has an argument {kind}, which is not read")


def _named(value: Mapping[str, Any], values: Values) -> Any:
    """Return a value by its name, or a plain number."""
    if "name" in value:
        return values[value["name"]]
    ((kind, inner),) = value.items()
    if kind == "as_none":
        return None
    return values[inner] if kind == "as_name" else _named(inner, values) if kind == "as_tensor" else inner
