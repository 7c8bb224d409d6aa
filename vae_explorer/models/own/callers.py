"""Calls a person's functions with numpy arrays or torch tensors, one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from vae_explorer.errors import UserError

Function = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class ArrayKind:
    """The kind of array that a function takes."""

    is_tensor: bool
    dtype: torch.dtype
    device: str = "cpu"

    def of(self, values: Tensor) -> Any:
        made = values.to(self.device, self.dtype)
        return made if self.is_tensor else made.numpy()


TENSOR = ArrayKind(True, torch.float32)


@dataclass(frozen=True, slots=True)
class Takes:
    """What a program says of its input: the only number of rows that it takes, and the length of its second axis; None: any."""

    rows: int | None = None
    width: int | None = None


class Program(Protocol):
    """A program from a file, which takes and gives float32 tensors."""

    @property
    def takes(self) -> Takes: ...

    def __call__(self, values: Tensor) -> Any: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function has given."""

    arrays: tuple[Tensor, ...]
    is_distribution: bool = False  # the arrays are mean and std


class Caller:
    """A function with the kind of its arrays. `lock` keeps threads from calling a model at the same time."""

    def __init__(self, function: Function, kind: ArrayKind, lock: threading.RLock) -> None:
        self.function, self.kind, self._lock = function, kind, lock
        self._rows = takes_of(function).rows

    def __call__(self, values: Tensor) -> Answer:
        """Call the function with `values` (n, …). Raises what the function raises, and `UserError` on no arrays."""
        with self._lock:
            if self._rows is None or self._rows == len(values):
                return read(self.function(self.kind.of(values)))
            return _joined([self._padded(part, self._rows) for part in torch.split(values, self._rows)], len(values))

    def _padded(self, part: Tensor, rows: int) -> Answer:
        full = torch.cat([part, part[-1:].expand(rows - len(part), *part.shape[1:])])
        return read(self.function(self.kind.of(full)))


def takes_of(function: Function) -> Takes:
    """Return what a program from a file says of its input."""
    takes = getattr(function, "takes", None)
    return takes if isinstance(takes, Takes) else Takes()


def module_of(function: Function) -> nn.Module | None:
    """Return the torch module behind a function: itself, or the object whose method it is."""
    for each in (function, getattr(function, "__self__", None)):
        if isinstance(each, nn.Module):
            return each
    return None


def kinds_for(function: Function) -> Sequence[ArrayKind]:
    """Return the kinds of arrays that a function may take, the likeliest first."""
    if isinstance(getattr(function, "takes", None), Takes):
        return (TENSOR,)
    module = module_of(function)
    if module is not None:
        weight = next(iter([*module.parameters(), *module.buffers()]), torch.zeros(()))
        dtype = weight.dtype if weight.dtype.is_floating_point else torch.float32
        return (ArrayKind(True, dtype, str(weight.device)),)
    kinds = [ArrayKind(is_tensor, dtype) for dtype in (torch.float32, torch.float64) for is_tensor in (False, True)]
    if torch.cuda.is_available():
        kinds.append(ArrayKind(True, torch.float32, "cuda"))
    return kinds


def read(given: object) -> Answer:
    """Return what a function gave as tensors on the CPU. Raises `UserError` if it gave no arrays."""
    if isinstance(given, dict):
        given = tuple(given.values())
    if isinstance(given, tuple | list):
        if len(given) == 1:
            return read(given[0])
        return Answer(tuple(_tensor(each) for each in given if each is not None))
    if is_distribution(given):
        mean, std = moments(given)
        return Answer((_tensor(mean), _tensor(std)), is_distribution=True)
    return Answer((_tensor(given),))


def is_distribution(given: object) -> bool:
    """Whether a function gave an object with mean and stddev, such as one of torch.distributions."""
    return not isinstance(given, Tensor | np.ndarray) and hasattr(given, "mean") and hasattr(given, "stddev")


def moments(given: object) -> tuple[object, object]:
    """Return mean and std of a distribution."""
    return _value(given, "mean"), _value(given, "stddev")


def _value(given: object, name: str) -> object:
    value = getattr(given, name)
    return value() if callable(value) and not isinstance(value, Tensor) else value


def _tensor(value: object) -> Tensor:
    if isinstance(value, Tensor):
        return value.detach().to("cpu", torch.float32)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError(array.dtype)
        return torch.from_numpy(np.array(array, np.float32))
    except (TypeError, ValueError, RuntimeError):
        raise UserError(f"it gives a {type(value).__name__}, and no array of numbers") from None


def _joined(parts: list[Answer], n: int) -> Answer:
    arrays = tuple(torch.cat(each)[:n] for each in zip(*(part.arrays for part in parts), strict=True))
    return Answer(arrays, parts[0].is_distribution)
