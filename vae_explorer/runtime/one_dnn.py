"""Matrix products by oneDNN and in bfloat16, through private operators of torch.

Symptom: torch gives float32 products on a CPU to MKL, which uses half the width of AMD's vector units.
Cost: oneDNN, in the same wheel, is 2.2 times as fast on Zen 5; on Intel both are alike. Laying a weight out once saves a third of a
product with few rows. A product in bfloat16 takes half the time of float32.
Version: torch 2.14. torch's own compiler calls these operators; each is tried once on import, and left out if it fails.
Remove when: torch has a switch between both libraries, and a public test for bfloat16 on the CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_ROWS = 128  # rows of the products that a laid-out weight is made for, about
_TRIAL_SIDE = 64  # inputs and outputs of the weight in the trial


def product(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Return x Wᵀ + b for float32 x (n, in), weight (out, in) and bias (out,).

    `weight` may be the copy that `laid_out` returns.
    """
    result: Tensor = torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")
    return result


def laid_out(weight: Tensor) -> Tensor:
    """Return a weight (out, in) in the order that oneDNN reads.

    Nothing else can read, copy or store the result.
    """
    result: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight, _ROWS)
    return result


def are_transforms_active() -> bool:
    """Tell whether `torch.func` transforms run on this thread.

    The operators have no rule for transforms.
    """
    return bool(torch._C._are_functorch_transforms_active())


def _has_product() -> bool:
    """Tell whether this build of torch has the operator, with the known arguments and result."""
    if not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return False
    x, weight, bias = (
        torch.arange(6.0, device="cpu").view(2, 3),
        torch.arange(12.0, device="cpu").view(4, 3),
        torch.ones(4, device="cpu"),
    )
    try:
        return torch.equal(product(x, weight, bias), functional.linear(x, weight, bias))
    except (AttributeError, RuntimeError, NotImplementedError):
        return False


def _can_lay_out() -> bool:
    """Tell whether this build of torch has the operator that lays weights out."""
    x, weight, bias = torch.ones(2, _TRIAL_SIDE), torch.arange(_TRIAL_SIDE * 64.0).view(64, _TRIAL_SIDE) / 1024, torch.ones(64)
    try:
        return torch.allclose(product(x, laid_out(weight), bias), functional.linear(x, weight, bias))
    except (AttributeError, RuntimeError, NotImplementedError):
        return False


def _has_bfloat16() -> bool:
    """Tell whether this processor multiplies bfloat16, as far as this version of torch knows."""
    known = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return known is not None and bool(known())


HAS_PRODUCT = _has_product()
CAN_LAY_OUT = HAS_PRODUCT and _can_lay_out()
HAS_BFLOAT16 = HAS_PRODUCT and _has_bfloat16()
