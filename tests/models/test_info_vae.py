"""The maximum mean discrepancy against double loops, quadrature and draws; the objective against its parts."""

from __future__ import annotations

import math

import pytest
import torch
from scipy.integrate import quad
from torch import Tensor

from tests.models.slopes import check_gradients, generator
from vae_explorer.models.base import Batch, LatentModel, build_model
from vae_explorer.models.info_vae import mmd_shares
from vae_explorer.models.spec import ModelSpec

WIDTHS = (0.5, 1.0, 2.0, 4.0)


def points(n: int, scale: float = 1.0, seed: int = 1) -> Tensor:
    return scale * torch.randn(n, 2, generator=generator(seed), dtype=torch.float64)


def kernel(a: list[float], b: list[float]) -> float:
    distance = sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    return sum(math.exp(-distance / (2 * width**2)) for width in WIDTHS) / 4


def to_prior(a: list[float]) -> float:
    """E k(a, y), y ~ N(0, I), by an integral for each axis."""

    def axis(x: float, width: float) -> float:
        return quad(lambda y: math.exp(-((x - y) ** 2) / (2 * width**2) - y * y / 2) / math.sqrt(2 * math.pi), -12, 12)[0]

    return sum(math.prod(axis(x, width) for x in a) for width in WIDTHS) / 4


def within_prior() -> float:
    """E k(y, y'): y − y' ~ N(0, 2 I)."""

    def axis(width: float) -> float:
        return quad(lambda d: math.exp(-d * d / (2 * width**2) - d * d / 4) / math.sqrt(4 * math.pi), -20, 20)[0]

    return sum(axis(width) ** 2 for width in WIDTHS) / 4


def test_that_shares_are_those_of_loops_and_integrals() -> None:
    z = points(7, 1.7)
    rows = z.tolist()
    wanted = []
    for i, a in enumerate(rows):
        others = [kernel(a, b) for j, b in enumerate(rows) if j != i]
        wanted.append(sum(others) / 6 - 2 * to_prior(a) + within_prior())
    assert mmd_shares(z).tolist() == pytest.approx(wanted, rel=1e-7)


def test_that_the_mean_share_is_what_lies_between_the_points_and_a_cloud_of_the_prior() -> None:
    z, y = points(200, 0.5) + torch.tensor([1.0, 0.0]), points(20_000, seed=2)

    def sum_of_kernels(other: Tensor) -> float:
        distance = torch.cdist(z, other).square()
        return sum(torch.exp(-distance / (2 * width**2)).sum().item() for width in WIDTHS) / 4

    wanted = (sum_of_kernels(z) - 200) / (200 * 199) - 2 * sum_of_kernels(y) / (200 * 20_000) + within_prior()
    assert wanted > 0.1
    assert mmd_shares(z).mean().item() == pytest.approx(wanted, rel=0.06)


def test_that_the_estimate_has_no_bias() -> None:
    """Batches of a few points of the prior itself: their mean is 0, and not that of the distance of a point to itself."""
    found = torch.stack([mmd_shares(batch).mean() for batch in points(10_000).split(10)])
    error = found.std().item() / math.sqrt(len(found))
    assert error < 0.003
    assert found.mean().item() == pytest.approx(0, abs=4 * error)


def test_that_a_point_alone_has_no_share() -> None:
    z = points(1).requires_grad_()
    mmd_shares(z).sum().backward()
    assert mmd_shares(z).tolist() == [0]
    assert z.grad is not None
    assert z.grad.tolist() == [[0, 0]]


def test_that_codes_far_away_are_pulled_back() -> None:
    z = (points(50) + torch.tensor([8.0, -6.0])).requires_grad_()
    mmd_shares(z).mean().backward()
    assert z.grad is not None
    assert z.grad.sum(dim=0) @ torch.tensor([0.8, -0.6], dtype=torch.float64) > 0.01


def a_model(alpha: float, weight: float, body: str = "mlp", family: str = "info-vae") -> LatentModel:
    torch.manual_seed(2)
    return build_model(ModelSpec(family, body, (3, 2, 1), (5, 4), parameters={"alpha": alpha, "mmd_weight": weight})).double()


def a_batch(n: int = 6) -> Batch:
    return Batch(torch.rand(n, 6, generator=generator(1), dtype=torch.float64), torch.zeros(n, dtype=torch.int64))


@pytest.mark.parametrize("body", ["mlp", "conv"])
@pytest.mark.parametrize(("alpha", "weight"), [(0.0, 1.0), (0.3, 7.0), (1.0, 20.0)])
def test_that_the_loss_is_the_sum_of_its_parts(alpha: float, weight: float, body: str) -> None:
    batch = a_batch()
    plain = a_model(alpha, weight, body, "vae")  # the same weights, as the seed is the same
    parts = plain.image_terms(batch, generator())
    mmd = mmd_shares(plain.encode(batch.images).sample(generator())).mean().item()
    loss = a_model(alpha, weight, body).loss(batch, generator())
    wanted = -parts["reconstruction"].mean().item() + (1 - alpha) * parts["kl"].mean().item() + (alpha + weight - 1) * mmd
    assert loss.total.item() == pytest.approx(wanted, rel=1e-12)
    assert loss.terms["mmd"].item() == pytest.approx(mmd, rel=1e-12)
    assert loss.terms["elbo"].item() == pytest.approx(parts["elbo"].mean().item(), rel=1e-12)


def test_that_figures_are_means_over_draws() -> None:
    model, batch, noise = a_model(0.5, 10.0), a_batch(), generator()
    draws = [model.encode(batch.images).sample(noise) for _ in range(3)]
    found = model.image_terms(batch, generator(), samples=3)
    for i in range(len(batch)):
        assert found["mmd"][i].item() == pytest.approx(sum(mmd_shares(z)[i].item() for z in draws) / 3, rel=1e-10)
    logits = [model.decode(z) for z in draws]
    likelihood = sum((batch.images * a - torch.log1p(a.exp())).sum(dim=1) for a in logits) / 3
    assert torch.allclose(found["reconstruction"], likelihood, rtol=1e-10)
    assert torch.allclose(found["elbo"], likelihood - model.encode(batch.images).kl_to_prior(), rtol=1e-10)


def test_that_the_gradient_of_the_loss_is_that_of_finite_differences() -> None:
    model, batch = a_model(0.3, 70.0), a_batch()
    check_gradients(model, lambda: model.loss(batch, generator()).total)
