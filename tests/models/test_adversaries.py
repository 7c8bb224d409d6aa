"""Log losses, slopes and distances against torch.distributions, finite differences, loops and scipy."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import stats
from torch.distributions import Bernoulli

from tests.models.slopes import generator
from vae_explorer.models.adversaries import (
    ImageDiscriminator,
    PointDiscriminator,
    distance_to_prior,
    energy_distance,
    gradient_penalty,
    log_loss,
)
from vae_explorer.models.spec import ModelSpec


def draws(*shape: int, seed: int = 5) -> torch.Tensor:
    return torch.randn(*shape, generator=generator(seed), dtype=torch.float64)


@pytest.mark.parametrize("real", [True, False])
def test_that_the_log_loss_is_minus_the_log_probability_of_the_answer(real: bool) -> None:
    logits = 4 * draws(50)
    wanted = -Bernoulli(logits=logits).log_prob(torch.full_like(logits, float(real)))
    assert torch.allclose(log_loss(logits, real), wanted, rtol=1e-12)


def test_that_the_log_loss_of_a_sure_mistake_is_finite() -> None:
    assert log_loss(torch.tensor([-1e4]), real=True).item() == pytest.approx(1e4)


def test_that_the_gradient_penalty_is_that_of_finite_differences() -> None:
    torch.manual_seed(1)
    discriminator = ImageDiscriminator(ModelSpec("gan", "mlp", (3, 2, 1), (5, 4))).double()
    images = torch.rand(4, 6, generator=generator(), dtype=torch.float64)
    step, squares = 1e-6, torch.zeros(4, dtype=torch.float64)
    for pixel in range(6):
        move = torch.zeros(6, dtype=torch.float64)
        move[pixel] = step
        squares += ((discriminator(images + move) - discriminator(images - move)).detach() / (2 * step)).square()
    penalty = gradient_penalty(discriminator, images)
    assert penalty.tolist() == pytest.approx((0.5 * squares).tolist(), rel=1e-5)
    slopes = torch.autograd.grad(penalty.sum(), list(discriminator.parameters()), allow_unused=True)
    assert any(slope is not None and slope.abs().max() > 0 for slope in slopes), "it cannot be learned from"


def energy_by_loops(points: torch.Tensor, others: torch.Tensor) -> float:
    n = len(points)
    across = sum(math.dist(a, b) for a in points.tolist() for b in others.tolist()) / n**2
    within = [
        sum(math.dist(a, b) for i, a in enumerate(rows) for j, b in enumerate(rows) if i != j) / (n * (n - 1))
        for rows in (points.tolist(), others.tolist())
    ]
    return 2 * across - sum(within)


def test_that_the_energy_distance_is_that_of_loops_over_all_pairs() -> None:
    points, others = draws(30, 3), draws(30, 3, seed=6) + 0.7
    assert energy_distance(points, others).mean().item() == pytest.approx(energy_by_loops(points, others), rel=1e-9)


def test_that_the_energy_distance_of_one_dimension_is_that_of_scipy() -> None:
    points, others = draws(1500, 1), draws(1500, 1, seed=6) * 1.5 + 1
    wanted = stats.energy_distance(points[:, 0].numpy(), others[:, 0].numpy()) ** 2
    assert energy_distance(points, others).mean().item() == pytest.approx(wanted, abs=1e-2)


def test_that_the_distance_to_the_prior_is_that_of_the_rice_distribution_and_loops() -> None:
    points = 1.5 * draws(20, 2) + 0.5
    n, rows = len(points), points.tolist()
    within = sum(math.dist(a, b) for a in rows for b in rows) / (n * (n - 1))
    across = sum(float(stats.rice.mean(math.hypot(*row))) for row in rows) / n
    assert distance_to_prior(points).mean().item() == pytest.approx(2 * across - within - math.sqrt(math.pi), rel=1e-8)


def test_that_the_distance_to_the_prior_is_that_to_many_draws_of_it() -> None:
    points = draws(1500, 2) * torch.tensor([0.5, 1.5]) + 0.3
    wanted = energy_distance(points, draws(1500, 2, seed=6)).mean().item()
    assert distance_to_prior(points).mean().item() == pytest.approx(wanted, abs=0.02)
    assert wanted > 0.05


def test_that_the_prior_has_no_distance_to_itself() -> None:
    assert abs(distance_to_prior(draws(1500, 2)).mean().item()) < 3e-3


def test_that_one_point_has_a_finite_distance() -> None:
    assert math.isfinite(distance_to_prior(torch.zeros(1, 2)).item())
    assert math.isfinite(energy_distance(torch.zeros(1, 4), torch.ones(1, 4)).item())


def test_that_the_discriminator_of_points_has_no_rectified_units_that_could_die() -> None:
    spec = ModelSpec("aae", "mlp", (8, 8, 1), (4,), activation="relu")
    assert not any(isinstance(layer, torch.nn.ReLU) for layer in PointDiscriminator(spec).modules())
