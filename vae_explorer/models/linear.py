"""A fully connected layer that takes the faster of the two matrix libraries that come with torch, and in training short numbers.

On a CPU torch gives float32 products to MKL, which uses half the width of AMD's vector units; oneDNN, in the same wheel, uses all
of it (Zen 5: 2.2 times as fast; on Intel they are alike). torch has no switch for that, only an operator that its compiler uses.

Where the processor multiplies bfloat16 (8 bits of significand) and adds up in float32, a product of such numbers takes half the time.
A step of training may use that, as its gradient is a sample anyway: `short_products`. `torch.autocast` would round all other layers
as well, and the loss. Codes and posteriors stay as they are: layers that are narrow at one end are not rounded on the way forward.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

_MIN_PRODUCT = 1_000_000  # multiplications; below, oneDNN's setting up takes longer than it saves
_NARROW = 64  # inputs or outputs; below, a layer takes or gives latents, and its rounded product is not faster either
_ROWS = 128  # about as many are multiplied by weights that have been laid out
_SHORT: ContextVar[bool] = ContextVar("short products", default=False)


@contextmanager
def short_products(wanted: bool = True) -> Iterator[None]:
    """Within it, on this thread, large products of `Linear` and of its gradient are of bfloat16 where the processor has it.

    Both factors and the product are rounded: it is within 3 · 2⁻⁸ of Σ |x_i w_i|. All else stays float32, the weights too. Where they
    are not `wanted`, those within are of float32 again.
    """
    token = _SHORT.set(wanted and _HAS_BFLOAT16)
    try:
        yield
    finally:
        _SHORT.reset(token)


def lay_out(network: nn.Module) -> None:
    """Hold the large weights of a network in the order in which oneDNN reads them, too, as long as they stay as they are.

    Else each product does that anew, which for a block of few rows is a third of the work.
    """
    for layer in network.modules():
        if isinstance(layer, Linear):
            layer.lay_out()


class Linear(nn.Linear):
    """`torch.nn.Linear`: (n, in) -> (n, out), the same to within rounding."""

    _laid_out: tuple[Tensor, int, int] | None = None  # the weight for oneDNN, and which one it was made from

    def lay_out(self) -> None:
        if _CAN_LAY_OUT and self.weight.is_cpu and self.weight.dtype == torch.float32 and min(self.weight.shape) >= _NARROW:
            with torch.no_grad():
                laid_out = torch.ops.mkldnn._reorder_linear_weight(self.weight, _ROWS)
            self._laid_out = (laid_out, *self._which)

    @property
    def _which(self) -> tuple[int, int]:
        """What changes where the weight does."""
        return self.weight.data_ptr(), self.weight._version

    def __getstate__(self) -> dict[str, Any]:
        """Without what oneDNN alone can read: it cannot be copied or stored."""
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
            return _short(x, weight.t()).add_(bias)
        return _one_dnn(x, weight if laid_out is None else laid_out, bias)

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
    """a b for float32 matrices on the CPU. Where the gradient's own gradient is wanted, by torch's way, which has one."""
    if a.shape[0] * a.shape[1] * b.shape[1] < _MIN_PRODUCT or torch.is_grad_enabled():
        return torch.mm(a, b)
    if _SHORT.get():
        return _short(a, b)
    return _one_dnn(a, b.t(), None) if _HAS_ONE_DNN else torch.mm(a, b)


def _short(a: Tensor, b: Tensor) -> Tensor:
    """a b of both rounded to bfloat16."""
    return torch.mm(a.bfloat16(), b.bfloat16()).float()


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


def _can_lay_out() -> bool:
    """Whether it has the one that lays weights out, too."""
    x, weight, bias = torch.ones(2, _NARROW), torch.arange(_NARROW * 64.0).view(64, _NARROW) / 1024, torch.ones(64)
    try:
        laid_out = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)
        return torch.allclose(_one_dnn(x, laid_out, bias), functional.linear(x, weight, bias))
    except (AttributeError, RuntimeError, NotImplementedError):
        return False


_CAN_LAY_OUT = _HAS_ONE_DNN and _can_lay_out()


def _has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16, as far as this version of torch can tell."""
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return _HAS_ONE_DNN and known is not None and bool(known())


_HAS_BFLOAT16 = _has_bfloat16()


def has_short_products() -> bool:
    """Whether bfloat16 is multiplied by the processor, and not by what takes longer than float32."""
    return _HAS_BFLOAT16


def product_type() -> str:
    """The numbers that `short_products` multiplies on this machine."""
    return "bfloat16" if has_short_products() else "float32"
