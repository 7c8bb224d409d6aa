"""q(z) and the ELBO surgery against closed forms and against samples."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

from vae_explorer.errors import UserError
from vae_explorer.latent.aggregate import RATIO_SPAN, log_ratio, reach_of, surgery
from vae_explorer.latent.mixture import draw_parts


def some_codes(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.normal(size=(n, 2)).astype(np.float32), random.uniform(0.05, 0.4, (n, 2)).astype(np.float32)


def log_mixture(z: np.ndarray, mean: np.ndarray, std: np.ndarray) -> np.ndarray:
    each = -0.5 * np.square((z[:, None] - mean) / std).sum(axis=2) - np.log(std).sum(axis=1) - math.log(2 * math.pi)
    return logsumexp(each, axis=1) - math.log(len(mean))


def test_that_codes_in_one_place_say_nothing_of_the_image() -> None:
    found = surgery(np.tile([[1.0, 0.0]], (5, 1)), np.tile([[0.5, 0.5]], (5, 1)))
    wanted = 0.5 * (1 + 2 * 0.25 - 2 - 2 * math.log(0.25))
    assert (found.mean_kl, found.information, found.marginal_kl) == pytest.approx((wanted, 0, wanted), abs=1e-6)


def test_that_codes_far_apart_say_which_image_it_was() -> None:
    mean = np.array([[-2.0, -2], [2, -2], [-2, 2], [2, 2]])
    found = surgery(mean, np.full((4, 2), 0.1))
    assert found.information == pytest.approx(math.log(4), abs=1e-6)
    assert found.mean_kl == pytest.approx(found.information + found.marginal_kl)


def test_that_the_two_parts_are_those_of_samples() -> None:
    mean, std = some_codes()
    found = surgery(mean, std)
    random = np.random.default_rng(1)
    chosen = random.integers(0, len(mean), 40_000)
    z = mean[chosen] + std[chosen] * random.normal(size=(40_000, 2))
    terms = np.concatenate([log_mixture(part, mean, std) for part in np.split(z, 40)]) - multivariate_normal([0, 0]).logpdf(z)
    assert found.marginal_kl == pytest.approx(terms.mean(), abs=4 * terms.std() / 200)
    closed = 0.5 * (mean**2 + std**2 - 1 - 2 * np.log(std)).sum(axis=1).mean()
    assert found.mean_kl == pytest.approx(closed, rel=1e-5)
    assert found.difference < 1e-3


@pytest.mark.parametrize("d", [1, 3, 20])
def test_that_codes_in_one_place_say_nothing_in_any_dimension(d: int) -> None:
    found = surgery(np.full((50, d), 0.5), np.full((50, d), 0.7))
    wanted = d * 0.5 * (0.25 + 0.49 - 1 - 2 * math.log(0.7))
    assert found.mean_kl == pytest.approx(wanted)
    assert found.information == pytest.approx(0, abs=1e-9)
    assert found.marginal_kl_se is not None
    assert abs(found.marginal_kl - wanted) <= 4 * found.marginal_kl_se


@pytest.mark.parametrize("d", [1, 5])
def test_that_codes_far_apart_say_which_image_it_was_in_any_dimension(d: int) -> None:
    corners = np.array([[-3.0] * d, [3.0] * d, [-9.0] * d])
    found = surgery(np.repeat(corners, 100, axis=0), np.full((300, d), 0.1))
    assert found.information == pytest.approx(math.log(3), abs=1e-6)
    assert abs(found.residual) <= 4 * (found.marginal_kl_se or 0)


def test_that_draws_agree_with_the_quadrature() -> None:
    mean, std = (each.astype(np.float64) for each in some_codes())
    exact, drawn = surgery(mean, std), draw_parts(mean, std, lambda: None)
    for wanted, values in ((exact.information, drawn.information), (exact.marginal_kl, drawn.marginal)):
        assert abs(values.mean() - wanted) <= 4 * values.std(ddof=1) / math.sqrt(len(values))


def test_that_three_latents_have_the_parts_of_samples() -> None:
    random = np.random.default_rng(3)
    mean, std = random.normal(size=(200, 3)), random.uniform(0.1, 0.5, (200, 3))
    found = surgery(mean, std)
    chosen = random.integers(0, 200, 20_000)
    z = mean[chosen] + std[chosen] * random.normal(size=(20_000, 3))
    mixed = np.concatenate([log_mixture(part, mean, std) for part in np.split(z, 40)]) - 0.5 * math.log(2 * math.pi)
    terms = mixed - multivariate_normal(np.zeros(3)).logpdf(z)
    assert found.marginal_kl_se is not None
    assert abs(found.marginal_kl - terms.mean()) <= 4 * math.hypot(terms.std() / math.sqrt(20_000), found.marginal_kl_se)
    assert found.information <= math.log(200)


def test_that_the_work_ends_wherever_it_is_told_to() -> None:
    mean, std = some_codes()
    edges = np.linspace(-2, 2, 9)
    for work in (
        lambda check: surgery(mean, std, check),
        lambda check: log_ratio(mean, std, edges, edges, check=check),
    ):
        calls: list[int] = []
        work(lambda calls=calls: calls.append(1))
        for last in (0, len(calls) // 2, len(calls) - 1):
            left = iter(range(last))
            with pytest.raises(StopIteration):
                work(lambda left=left: next(left))


def test_that_the_ratio_is_that_of_the_masses_of_a_cell() -> None:
    mean, std = some_codes()
    edges = np.linspace(-2, 2, 81)
    found = log_ratio(mean, std, edges, edges)
    assert found.shape == (80, 80)
    centre = (edges[1:] + edges[:-1]) / 2
    z = np.stack([part.ravel() for part in np.meshgrid(centre, centre)], axis=1)
    wanted = (log_mixture(z, mean, std) - multivariate_normal([0, 0]).logpdf(z)).reshape(80, 80)
    full = wanted > -3
    assert found[full] == pytest.approx(wanted[full], abs=0.1)


@pytest.mark.parametrize("radius", [2.5, 3.5, 3.8, 4.5])
def test_that_a_hole_at_the_rim_is_as_deep_as_it_is(radius: float) -> None:
    """Codes so narrow that little of them reaches the rim: log q/p of two Gaussians is known."""
    std = 0.9
    edges = np.linspace(-6, 6, 601)
    found = log_ratio(np.zeros((1, 2)), np.full((1, 2), std), edges, edges)
    column = int(np.searchsorted(edges, radius)) - 1
    x = edges[column : column + 2].mean()
    wanted = 0.5 * x**2 * (1 - 1 / std**2) - 2 * math.log(std)
    assert found[300, column] == pytest.approx(wanted, abs=0.05)


def test_that_an_empty_rim_is_shown_as_a_hole() -> None:
    edges = np.linspace(-6, 6, 601)
    found = log_ratio(np.zeros((1, 2)), np.full((1, 2), 0.2), edges, edges)
    at = np.searchsorted(edges, [3.5, 3.8, 4.5]) - 1
    assert (found[300, at] < -RATIO_SPAN).all()
    assert abs(found[300, -1]) < 1  # nothing is drawn there either


def test_that_codes_as_the_prior_leave_no_trace() -> None:
    found = log_ratio(np.zeros((1, 2)), np.ones((1, 2)), np.linspace(-3, 3, 13), np.linspace(-2, 2, 9))
    assert found.shape == (8, 12)
    assert found == pytest.approx(0, abs=1e-5)


def test_that_points_have_no_surgery() -> None:
    with pytest.raises(ValueError, match="codes that are points have no density"):
        surgery(np.zeros((3, 2)), np.zeros((3, 2)))


def test_that_the_three_quadratures_agree() -> None:
    found = surgery(*some_codes())
    assert found.residual == pytest.approx(0, abs=1e-3)
    assert found.residual != 0  # each has its own error


def test_that_a_code_that_is_no_number_counts_for_nothing() -> None:
    mean, std = some_codes()
    with_hole = np.concatenate([mean, [[np.nan, 0]]]), np.concatenate([std, [[1.0, 1]]])
    assert surgery(*with_hole) == surgery(mean, std)
    assert reach_of(*with_hole) == reach_of(mean, std)


def test_that_a_picture_holds_the_prior_and_nearly_all_codes() -> None:
    mean, std = some_codes(3000)
    assert reach_of(0.5 * mean, std) == 4
    wide = np.concatenate([5 * mean, [[1000.0, 0]]]), np.concatenate([std, [[0.1, 0.1]]])
    assert (np.abs(5 * mean) <= reach_of(*wide)).all()
    assert reach_of(*wide) < 100


def test_that_codes_beyond_the_map_are_refused_in_one_line() -> None:
    far = np.full((5, 2), 1e18)
    with pytest.raises(UserError, match="the KL term cannot be split"):
        surgery(far, np.ones((5, 2)))
