"""A fully connected layer on oneDNN, with bfloat16 products in training.

`runtime.one_dnn` says what oneDNN saves. `short_products` lets training multiply in bfloat16 and sum in float32, as a
gradient is a sample anyway. `torch.autocast` would round other layers and the loss too. Narrow layers, which give codes and
posteriors, stay float32 on the way forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from vae_explorer.runtime import one_dnn

_MIN_PRODUCT = 1_000_000  # multiplications; below, oneDNN's setup costs more than it saves
_NARROW = 64  # inputs or outputs; narrower layers touch latents, and rounding saves nothing there
HAS_ONE_DNN, HAS_BFLOAT16 = one_dnn.HAS_PRODUCT, one_dnn.HAS_BFLOAT16
_SHORT: ContextVar[bool] = ContextVar("short products", default=False)


@contextmanager
def short_products(wanted: bool = True) -> Iterator[None]:
    """Let this thread multiply large matrices of `Linear` in bfloat16.

    Factors and product are rounded: the error is at most 3 · 2⁻⁸ of Σ |x_i w_i|. Weights and other numbers stay float32.
    Without bfloat16 in the processor, or with `wanted` false, nothing changes.
    """
    token = _SHORT.set(wanted and HAS_BFLOAT16)
    try:
        yield
    finally:
        _SHORT.reset(token)


def lay_out(network: nn.Module) -> None:
    """Keep each large weight of `network` in oneDNN's order while the weight is unchanged.

    Reordering takes a third of the product's time for few rows.
    """
    for layer in network.modules():
        if isinstance(layer, Linear):
            layer.lay_out()


class Linear(nn.Linear):
    """`torch.nn.Linear`, (n, in) -> (n, out), equal to within rounding."""

    _laid_out: tuple[Tensor, int, int] | None = None  # oneDNN's copy, and pointer and version of the weight

    def lay_out(self) -> None:
        if (
            one_dnn.CAN_LAY_OUT
            and self.weight.is_cpu
            and self.weight.dtype == torch.float32
            and min(self.weight.shape) >= _NARROW
        ):
            with torch.no_grad():
                laid_out = one_dnn.laid_out(self.weight)
            self._laid_out = (laid_out, *self._which)

    @property
    def is_laid_out(self) -> bool:
        """Whether the layer keeps a copy of its weight in oneDNN's order."""
        return self._laid_out is not None

    @property
    def _which(self) -> tuple[int, int]:
        return self.weight.data_ptr(), self.weight._version

    def __getstate__(self) -> dict[str, Any]:
        """Leave out oneDNN's copy of the weight, which can be neither copied nor stored."""
        return {name: value for name, value in self.__dict__.items() if name != "_laid_out"}

    def forward(self, input: Tensor) -> Tensor:
        if _suits(input, self.weight) and self.bias is not None:
            laid_out = self._laid_out[0] if self._laid_out is not None and self._laid_out[1:] == self._which else None
            result: Tensor = _Product.apply(input, self.weight, self.bias, laid_out)
            return result
        return functional.linear(input, self.weight, self.bias)


class _Product(torch.autograd.Function):
    """x Wᵀ + b and its gradients."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, laid_out: Tensor | None) -> Tensor:
        ctx.save_for_backward(x, weight)
        if min(weight.shape) >= _NARROW and _SHORT.get():
            return short_product(x, weight.t()).add_(bias)
        return one_dnn.product(x, weight if laid_out is None else laid_out, bias)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        for_x, for_weight, for_bias, _ = ctx.needs_input_grad
        return (
            faster_product(gradient, weight) if for_x else None,
            faster_product(gradient.t(), x) if for_weight else None,
            gradient.sum(0) if for_bias else None,
            None,
        )


def faster_product(a: Tensor, b: Tensor) -> Tensor:
    """Return a b for float32 matrices on the CPU.

    If the gradient of the gradient is wanted, torch's own product is used, which has one.
    """
    if a.shape[0] * a.shape[1] * b.shape[1] < _MIN_PRODUCT or torch.is_grad_enabled():
        return torch.mm(a, b)
    if _SHORT.get():
        return short_product(a, b)
    return one_dnn.product(a, b.t(), None) if HAS_ONE_DNN else torch.mm(a, b)


def short_product(a: Tensor, b: Tensor) -> Tensor:
    return torch.mm(a.bfloat16(), b.bfloat16()).float()


def _suits(x: Tensor, weight: Tensor) -> bool:
    return (
        HAS_ONE_DNN
        and x.is_cpu
        and x.dim() == 2
        and x.dtype == weight.dtype == torch.float32
        and x.shape[0] * weight.numel() >= _MIN_PRODUCT
        and not one_dnn.are_transforms_active()
    )


def has_short_products() -> bool:
    """Tell whether the processor multiplies bfloat16; an emulation is slower than float32."""
    return HAS_BFLOAT16


def product_type() -> str:
    """Return the number type that `short_products` multiplies on this machine."""
    return "bfloat16" if has_short_products() else "float32"
