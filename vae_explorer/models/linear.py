"""A fully connected layer that takes the faster of the two matrix libraries that come with torch.

On a CPU torch gives float32 products to MKL, which uses half the width of AMD's vector units; oneDNN, in the same wheel, uses all
of it (Zen 5: 2.2 times as fast; on Intel they are alike). torch has no switch for that, only an operator that its compiler uses.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_MIN_PRODUCT = 1_000_000  # multiplications; below, oneDNN's setting up takes longer than it saves


class Linear(nn.Linear):
    """`torch.nn.Linear`: (n, in) -> (n, out), the same to within rounding."""

    def forward(self, input: Tensor) -> Tensor:
        if _suits(input, self.weight) and self.bias is not None:
            result: Tensor = _Product.apply(input, self.weight, self.bias)
            return result
        return functional.linear(input, self.weight, self.bias)


class _Product(torch.autograd.Function):
    """x Wᵀ + b and its gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return _one_dnn(x, weight, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        for_x, for_weight, for_bias = ctx.needs_input_grad
        return (
            faster_product(gradient, weight) if for_x else None,
            faster_product(gradient.t(), x) if for_weight else None,
            gradient.sum(0) if for_bias else None,
        )


def faster_product(a: Tensor, b: Tensor) -> Tensor:
    """a b for float32 matrices on the CPU. Where the gradient's own gradient is wanted, by torch's way, which has one."""
    small = a.shape[0] * a.shape[1] * b.shape[1] < _MIN_PRODUCT
    return torch.mm(a, b) if small or not _HAS_ONE_DNN or torch.is_grad_enabled() else _one_dnn(a, b.t(), None)


def _one_dnn(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    result: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return result


def _suits(x: Tensor, weight: Tensor) -> bool:
    return (
        _HAS_ONE_DNN
        and x.is_cpu
        and x.dim() == 2
        and x.dtype == weight.dtype == torch.float32
        and x.shape[0] * weight.numel() >= _MIN_PRODUCT
        and not torch._C._are_functorch_transforms_active()
    )


def _has_one_dnn() -> bool:
    """Whether this build of torch has the operator, with the arguments and the result that are known here."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    x, weight, bias = (
        torch.arange(6.0, device="cpu").view(2, 3),
        torch.arange(12.0, device="cpu").view(4, 3),
        torch.ones(4, device="cpu"),
    )
    try:
        return torch.equal(_one_dnn(x, weight, bias), functional.linear(x, weight, bias))
    except (AttributeError, RuntimeError, NotImplementedError):
        return False


_HAS_ONE_DNN = _has_one_dnn()
