"""Reads the tensors of a .pt2 file, without running pickles."""

from __future__ import annotations

import io
import json
import math
import pickle
import zipfile
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.own.files.pt2_arguments import TYPES

_MOST_JSON = 1 << 26  # bytes


def json_in(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the JSON value of an entry. Raises `UserError` beyond a limit."""
    if archive.getinfo(name).file_size > _MOST_JSON:
        raise UserError(f"its {name} has {archive.getinfo(name).file_size:,} bytes, at most {_MOST_JSON:,}")
    return json.loads(archive.read(name))


def tensors_in(archive: zipfile.ZipFile, folder: str, config: str) -> dict[str, Tensor]:
    """Return the tensors of a folder by name. `config` is the entry that describes them."""
    if config not in archive.namelist():
        return {}
    found: dict[str, Tensor] = {}
    for name, entry in json_in(archive, config)["config"].items():
        path = entry["path_name"]
        if not path.startswith(("weight_", "tensor_")):
            raise UserError(f"it holds an object {name!r} that is no tensor; export the model without the object")
        data = archive.read(f"{folder}/{path}")
        found[name] = pickled(data) if entry["use_pickle"] else _raw(data, entry["tensor_meta"])
    LIMITS["weights"].check(sum(each.untyped_storage().nbytes() // each.element_size() for each in found.values()), "its")
    return found


def pickled(data: bytes) -> Any:
    """Return what torch has saved in `data`. Raises `UserError` on a pickle that would run code."""
    try:
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise UserError("it holds a pickle that would run code; export the model again with torch.export.save") from error


def _raw(data: bytes, meta: Mapping[str, Any]) -> Tensor:
    dtype = TYPES[meta["dtype"]]
    sizes, strides = ([side["as_int"] for side in meta[name]] for name in ("sizes", "strides"))
    offset = meta["storage_offset"]["as_int"]
    if min([offset, *sizes, *strides], default=0) < 0 or math.prod(sizes) > LIMITS["weights"].most:
        raise UserError("a tensor does not fit its bytes")
    if 0 in sizes:
        return torch.zeros(sizes, dtype=dtype)
    storage = torch.frombuffer(bytearray(data), dtype=dtype)
    last = offset + sum((side - 1) * stride for side, stride in zip(sizes, strides, strict=True))
    if last >= len(storage):
        raise UserError("a tensor does not fit its bytes")
    return storage.as_strided(sizes, strides, offset)
