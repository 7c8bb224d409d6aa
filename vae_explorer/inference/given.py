"""Turns arrays that people give into numpy arrays of real numbers, or refuses them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from vae_explorer.errors import UserError


def numbers(values: ArrayLike | torch.Tensor, what: str) -> NDArray[Any]:
    """Return a list, array or tensor as an array of whole numbers, floats or booleans.

    A tensor is detached and moved to the CPU. Raises `UserError` beginning with `what` on complex numbers, masked values, text,
    objects and ragged lists.
    """
    if np.ma.isMaskedArray(values) and np.ma.getmaskarray(values).any():
        raise UserError(f"{what} must be an array of numbers, and some are masked; fill them first, as with .filled(0)")
    try:
        array = _of_tensor(values) if isinstance(values, torch.Tensor) else np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{what} must be an array of numbers; stack a list of arrays, and take tensors to the CPU") from error
    if array.dtype.kind == "c":
        raise UserError(f"{what} must be an array of numbers that are real, not {array.dtype}; take .real or abs()")
    if array.dtype.kind not in "biuf":
        raise UserError(f"{what} must be an array of numbers, not of {array.dtype}; convert them with .astype(float)")
    return array


def floats(values: ArrayLike | torch.Tensor, what: str) -> NDArray[np.float32]:
    """Return `numbers` for torch: float32, contiguous and writable, copied if necessary."""
    with np.errstate(over="ignore"):
        return np.require(np.asarray(numbers(values, what), np.float32), requirements=["C", "W"])


def points(z: ArrayLike | torch.Tensor, latents: int) -> NDArray[np.float32]:
    """Return latent points (n, latents) from (n, latents) or (latents,).

    Raises `UserError` on other shapes and infinite or NaN values.
    """
    array = np.atleast_2d(floats(z, "latent points"))
    if array.ndim != 2 or array.shape[1] != latents:
        raise UserError(f"latent points have shape (n, {latents}), not {array.shape}")
    if not np.isfinite(array).all():
        raise UserError("latent points must be finite numbers")
    return array


def _of_tensor(tensor: torch.Tensor) -> NDArray[Any]:
    host = tensor.detach().to("cpu").to_dense().resolve_conj().resolve_neg()
    return np.asarray((host.float() if host.dtype in (torch.float16, torch.bfloat16) else host).numpy())
