"""Runs a TorchScript file: the language of torch.jit, which knows no operation of the system."""

from __future__ import annotations

import io
import warnings
from typing import Any

import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.callers import Takes

_REFUSED = ("aten::from_file", "aten::save", "prim::PythonOp", "prim::rpc_async", "prim::rpc_sync")


class TorchScriptProgram:
    """A program of one tensor (n, …)."""

    def __init__(self, data: bytes) -> None:
        """Read the bytes of a file. Raises `UserError` without a file's name."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch.jit is deprecated, and people have its files
                load: Any = torch.jit.load
                self._module: Any = load(io.BytesIO(data), map_location="cpu").eval()
            kinds = _kinds(self._module.inlined_graph)
        except Exception as error:  # torch raises errors of many kinds
            words = " ".join(f"{type(error).__name__}: {error}".split())[:120]
            raise UserError(f"it is no TorchScript file that can be read ({words}); save it with torch.export.save") from error
        for kind in _REFUSED:
            if kind in kinds:
                raise UserError(f"it uses {kind}, which is no plain computation; save it with torch.export.save")

    @property
    def takes(self) -> Takes:
        return Takes()

    def __call__(self, values: Tensor) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._module(values)


def _kinds(graph: Any) -> set[str]:
    """Return the kinds of all nodes of a graph, blocks included."""
    found: set[str] = set()
    waiting = list(graph.nodes())
    while waiting:
        node = waiting.pop()
        found.add(node.kind())
        for block in node.blocks():
            waiting.extend(block.nodes())
    return found
