"""Finds codes without an encoder: the point of the plane with the nearest image."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_REACH, _SIDE = 3.0, 64  # of the search grid
_STEP = 2 * _REACH / (_SIDE - 1)


class CodeSearch:
    """Images G(z) on a grid over the prior, with a parabola through errors between its points."""

    def __init__(self, generate: Callable[[Tensor], Tensor], like: Tensor) -> None:
        """`generate` is G: (n, 2) -> (n, D). The grid takes type and device of `like`."""
        side = torch.linspace(-_REACH, _REACH, _SIDE, dtype=like.dtype, device=like.device)
        self._grid = torch.cartesian_prod(side, side)
        self._images = generate(self._grid)
        self._squares = self._images.square().sum(dim=1)

    def nearest(self, images: Tensor) -> Tensor:
        """Return the z (n, 2) with the least ‖x − G(z)‖² for images x (n, D)."""
        errors = torch.addmm(self._squares, images, self._images.t(), alpha=-2)  # without ‖x‖²
        best = errors.argmin(dim=1)
        return self._grid[best] + _STEP * _to_vertex(errors, best)


def _to_vertex(errors: Tensor, best: Tensor) -> Tensor:
    """Return the vertex of the parabola through a grid's best point and its eight neighbours.

    errors (n, side²), best (n,) -> offset (n, 2) in grid steps within [−1, 1]; 0 along an axis at its border.
    """
    row, column = best // _SIDE, best % _SIDE

    def at(down: int, right: int) -> Tensor:
        index = (row + down).clamp(0, _SIDE - 1) * _SIDE + (column + right).clamp(0, _SIDE - 1)
        return errors.gather(1, index[:, None])[:, 0]

    here = at(0, 0)
    slope = 0.5 * torch.stack([at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1)], dim=1)
    bend = torch.stack([at(1, 0) + at(-1, 0) - 2 * here, at(0, 1) + at(0, -1) - 2 * here], dim=1)
    twist = 0.25 * (at(1, 1) + at(-1, -1) - at(1, -1) - at(-1, 1))
    inside = torch.stack([(row > 0) & (row < _SIDE - 1), (column > 0) & (column < _SIDE - 1)], dim=1)
    twist = torch.where(inside.all(dim=1) & (twist.square() < 0.9 * bend.prod(dim=1)), twist, 0.0)
    solved = bend.flip(1) * slope - twist[:, None] * slope.flip(1)
    step = -solved / (bend.prod(dim=1) - twist.square()).clamp_min(torch.finfo(errors.dtype).tiny)[:, None]
    return torch.where(inside, step.clamp(-1, 1), 0.0)
