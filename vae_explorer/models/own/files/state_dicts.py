"""Reads state dicts without running code, and fits them to a network by the names of their tensors."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from vae_explorer.errors import UserError
from vae_explorer.limits import LIMITS
from vae_explorer.models.own.files.limits import check_file

_WITHIN = ("state_dict", "model_state_dict", "model", "net", "network", "weights")  # keys of a checkpoint
_PREFIXES = ("module.", "_orig_mod.", "model.", "vae.", "net.", "network.")
_MOST_NAMED = 5
_GLOBAL = re.compile(r"GLOBAL (\S+)")
_ADVICE = "save its state dict instead: torch.save(model.state_dict(), 'model.pt')"

State = Mapping[str, Tensor]


def read_state_dict(path: Path) -> State:
    """Return the tensors of a file by name. Raises `UserError` on a file that would run code, and on any other content."""
    check_file(path)
    state = _within(_safe(path) if path.suffix == ".safetensors" else _loaded(path))
    if not state:
        raise UserError(f"{path} holds no state dict; {_ADVICE}")
    LIMITS["tensors"].check(len(state), f"{path} cannot be opened:")
    LIMITS["weights"].check(sum(each.numel() for each in state.values()), f"{path} cannot be opened:")
    return state


def fit(network: nn.Module, state: State, path: Path, name: str) -> list[str]:
    """Load a state dict into a network. Return the names of tensors that the network lacks.

    Prefixes such as `module.` are taken off. Raises `UserError` that names missing tensors, and tensors of another shape.
    """
    wanted = network.state_dict()
    fitting: dict[str, Tensor] = {}
    surplus = []
    for key, value in state.items():
        found = next((each for each in _without_prefixes(key) if each in wanted), None)
        if found is None:
            surplus.append(key)
        else:
            fitting[found] = value
    missing = [key for key in wanted if key not in fitting]
    if missing:
        beside = f"; the file has {_named(surplus)} besides" if surplus else ""
        raise UserError(f"{path} lacks {_named(missing)} of the network {name}{beside}")
    shapes = [
        f"{key} is {tuple(value.shape)} in the file and {tuple(wanted[key].shape)} in the network"
        for key, value in fitting.items()
        if value.shape != wanted[key].shape
    ]
    if shapes:
        raise UserError(
            f"{path} does not fit the network {name}: {_named(shapes)}; give the network's arguments, as in {name}(16)"
        )
    network.load_state_dict(fitting)
    return surplus


def _named(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _without_prefixes(key: str) -> Iterator[str]:
    """Yield a tensor's name, then the name without one prefix after another."""
    yield key
    for prefix in _PREFIXES:
        if key.startswith(prefix):
            yield from _without_prefixes(key[len(prefix) :])


def _safe(path: Path) -> object:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise UserError(f"{path} is not a whole .safetensors file ({error}); fetch or save it again") from error


def _loaded(path: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles of other protocols
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = _GLOBAL.search(str(error))
        if found is None:
            raise UserError(f"{path} is damaged, or no file of torch; fetch or save it again") from error
        raise UserError(f"opening {path} would run code, {found[1]}, so it is not opened; {_ADVICE}") from error
    except Exception as error:  # torch raises errors of many kinds on damaged files
        words = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise UserError(f"{path} cannot be read ({words}); fetch or save it again") from error


def _within(value: object) -> dict[str, Tensor]:
    """Return the tensors of a state dict, which may lie within a checkpoint."""
    if not isinstance(value, Mapping):
        return {}
    for key in _WITHIN:
        inner: Any = value.get(key)
        if isinstance(inner, Mapping) and (found := _tensors(inner)):
            return found
    return _tensors(value)


def _tensors(value: Mapping[Any, Any]) -> dict[str, Tensor]:
    return {key: each for key, each in value.items() if isinstance(key, str) and isinstance(each, Tensor)}
