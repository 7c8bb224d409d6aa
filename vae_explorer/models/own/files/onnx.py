"""Runs an ONNX file with onnxruntime, the extra `onnx`."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from vae_explorer.errors import UserError
from vae_explorer.models.own.callers import Takes

_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16}
_ONLY_ERRORS = 4  # level of onnxruntime's log


class OnnxProgram:
    """A program of one tensor (n, …)."""

    def __init__(self, data: bytes) -> None:
        """Read the bytes of a file. Raises `UserError` without a file's name, and without onnxruntime."""
        try:
            import onnxruntime
        except ImportError as error:
            raise UserError("it is an ONNX file, which needs onnxruntime: pip install 'vae-explorer[onnx]'") from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ONLY_ERRORS
        try:
            self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
            inputs = self._session.get_inputs()
        except Exception as error:  # onnxruntime raises errors of its own
            words = " ".join(f"{type(error).__name__}: {error}".split())[:160]
            raise UserError(f"it is no ONNX file that can be read ({words}); export it again") from error
        if len(inputs) != 1 or inputs[0].type not in _TYPES:
            types = ", ".join(each.type for each in inputs)
            raise UserError(f"it takes {len(inputs)} inputs ({types}), and a decoder or an encoder takes one array of floats")
        self._name, self._type, self._sides = inputs[0].name, _TYPES[inputs[0].type], inputs[0].shape

    @property
    def takes(self) -> Takes:
        sides = [side if isinstance(side, int) else None for side in self._sides or ()]
        return Takes(sides[0] if sides else None, sides[1] if len(sides) > 1 else None)

    def __call__(self, values: Tensor) -> tuple[Tensor, ...]:
        given = values.numpy().astype(self._type)
        return tuple(torch.from_numpy(np.asarray(each)) for each in self._session.run(None, {self._name: given}))
