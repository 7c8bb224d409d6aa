"""Codes by search against the least squares of linear images and a general minimiser."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from tests.models.slopes import generator
from vae_explorer.models.search import CodeSearch


def curved(z: torch.Tensor) -> torch.Tensor:
    """Images of nine pixels that bend with z and never come back to the same one."""
    a, b = z[:, 0], z[:, 1]
    return torch.stack([a, b, (0.5 * a).sin(), (0.4 * b).cos(), 0.1 * a * b, (0.3 * (a + b)).tanh(), a, b, 0 * a], dim=1)


def test_that_the_code_of_a_linear_image_is_that_of_least_squares() -> None:
    matrix = torch.randn(2, 6, generator=generator(), dtype=torch.float64)
    z = torch.empty(40, 2, dtype=torch.float64).uniform_(-2.5, 2.5, generator=generator())
    images = z @ matrix + 0.1 * torch.randn(40, 6, generator=generator(), dtype=torch.float64)
    wanted = torch.linalg.lstsq(matrix.T, images.T).solution.T
    assert torch.allclose(CodeSearch(lambda points: points @ matrix, z).nearest(images), wanted, atol=1e-9)


def test_that_the_code_of_a_curved_image_is_that_of_a_general_minimiser() -> None:
    z = torch.empty(10, 2, dtype=torch.float64).uniform_(-2.5, 2.5, generator=generator())
    images = curved(z) + 0.05 * torch.randn(10, 9, generator=generator(), dtype=torch.float64)
    found = CodeSearch(curved, z).nearest(images)
    for image, start, code in zip(images.numpy(), z.numpy(), found.numpy(), strict=True):

        def error(point: np.ndarray, image: np.ndarray = image) -> float:
            return float(np.square(image - curved(torch.from_numpy(point)[None])[0].numpy()).sum())

        wanted = minimize(error, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12}).x
        assert code == pytest.approx(wanted, abs=2e-3)


def test_that_codes_stay_in_the_square_of_the_prior() -> None:
    codes = CodeSearch(lambda points: points, torch.zeros(1)).nearest(torch.tensor([[50.0, 0.5], [-50.0, 50.0]]))
    assert codes[0].tolist() == pytest.approx([3, 0.5], abs=1e-4)
    assert codes[1].tolist() == pytest.approx([-3, 3], abs=1e-6)


def test_that_a_generator_of_a_single_image_gives_finite_codes() -> None:
    codes = CodeSearch(lambda points: torch.ones(len(points), 4), torch.zeros(1)).nearest(torch.rand(5, 4))
    assert torch.isfinite(codes).all()
    assert codes.abs().max() <= 3


def test_that_a_code_does_not_hang_on_its_neighbours_in_the_batch() -> None:
    images = curved(torch.randn(64, 2, generator=generator()))
    search = CodeSearch(curved, images)
    alone = torch.cat([search.nearest(image[None]) for image in images])
    assert torch.allclose(search.nearest(images), alone, atol=1e-3)
