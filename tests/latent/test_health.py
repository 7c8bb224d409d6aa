from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_explorer.kinds import CodesKind
from vae_explorer.latent.aggregate import surgery
from vae_explorer.latent.health import Verdict, health
from vae_explorer.latent.prior_distance import prior_distance

RANDOM = np.random.default_rng(0)


def codes(spread: tuple[float, float], std: float, centre: float = 0.0, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    mean = (RANDOM.normal(size=(n, 2)) * spread + centre).astype(np.float32)
    return mean, np.full((n, 2), std, np.float32)


def test_that_kl_by_dimension_is_that_of_torch_distributions() -> None:
    mean = RANDOM.normal(size=(500, 2)).astype(np.float32)
    std = RANDOM.uniform(0.01, 2, (500, 2)).astype(np.float32)
    wanted = kl_divergence(Normal(torch.tensor(mean).double(), torch.tensor(std).double()), Normal(0.0, 1.0)).mean(dim=0)
    assert health(mean, std).kl == pytest.approx(wanted.tolist(), rel=1e-9)


def test_that_the_aggregate_is_that_of_draws_from_all_posteriors() -> None:
    mean, std = codes((1.2, 0.4), 0.5, centre=0.3, n=200_000)
    draws = mean + std * RANDOM.normal(size=mean.shape)
    found = health(mean, std)
    assert found.mean == pytest.approx(draws.mean(axis=0), abs=0.01)
    assert found.std == pytest.approx(draws.std(axis=0), abs=0.01)


@pytest.mark.parametrize(
    ("spread", "std", "centre", "active", "verdict"),
    [
        ((1.0, 1.0), 0.05, 0.0, (True, True), Verdict.IN_USE),
        ((1.0, 0.05), 0.99, 0.0, (True, False), Verdict.HALF_COLLAPSED),
        ((0.05, 0.05), 0.99, 0.0, (False, False), Verdict.COLLAPSED),
        ((3.0, 1.0), 0.05, 0.0, (True, True), Verdict.WIDE),
        ((0.3, 0.9), 0.05, 0.0, (True, True), Verdict.NARROW),
        ((1.0, 1.0), 0.05, 1.0, (True, True), Verdict.SHIFTED),
        ((1.0, 0.05), 0.05, 0.0, (True, False), Verdict.IN_PLACE),
        ((9.0, 9.0), 0.0, 4.0, (True, True), Verdict.POINTS_OFF),
        ((1.0, 1.0), 0.0, 0.0, (True, True), Verdict.POINTS),
        ((1.0, 0.0), 0.0, 0.0, (True, False), Verdict.ONE_LINE),
        ((0.0, 0.0), 0.0, 3.0, (False, False), Verdict.ONE_POINT),
    ],
)
def test_that_the_verdict_follows_the_numbers(
    spread: tuple[float, float], std: float, centre: float, active: tuple[bool, bool], verdict: Verdict
) -> None:
    found = health(*codes(spread, std, centre))
    assert (found.active, found.verdict) == (active, verdict)
    assert (found.kl is None) == (std == 0)


def test_that_posteriors_that_bend_have_no_kl_by_dimension() -> None:
    flat, bent = health(*codes((1.0, 1.0), 0.05)), health(*codes((1.0, 1.0), 0.05), kind=CodesKind.FLOW)
    assert flat.kl is not None
    assert bent.kl is None
    assert bent.verdict is flat.verdict is Verdict.IN_USE


def test_that_codes_of_which_some_are_points_are_refused() -> None:
    mean, std = codes((1.0, 1.0), 0.05)
    std[7, 1] = 0
    with pytest.raises(ValueError, match="some codes have a width and others have none"):
        health(mean, std)


def test_that_no_codes_have_no_health() -> None:
    nothing = np.zeros((0, 2), np.float32)
    assert health(nothing, nothing).verdict is Verdict.NO_CODES


def ring(n: int = 4000) -> np.ndarray:
    """Points on a circle whose mean and std are the prior's."""
    angle = RANDOM.uniform(0, 2 * np.pi, n)
    return (np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)).astype(np.float32)


def six_clusters(n: int = 4000) -> np.ndarray:
    """Means in six tight clusters, whose mean and std together are the prior's."""
    angle = np.pi / 3 * RANDOM.integers(0, 6, n)
    middle = np.sqrt(2) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return (middle + 0.02 * RANDOM.normal(size=(n, 2))).astype(np.float32)


def test_that_six_tight_clusters_leave_holes_although_mean_and_std_are_the_priors() -> None:
    mean = six_clusters()
    std = np.full(mean.shape, 0.05, np.float32)
    found = health(mean, std)
    assert found.verdict is Verdict.IN_USE
    assert found.with_marginal(surgery(mean, std).marginal_kl).verdict is Verdict.HOLES


def test_that_codes_fill_the_prior_where_their_mixture_is_nearly_the_prior() -> None:
    mean, std = codes((0.98, 0.98), 0.2, n=20_000)
    assert health(mean, std).with_marginal(surgery(mean, std).marginal_kl).verdict is Verdict.WELL


def test_that_holes_do_not_hide_a_collapse() -> None:
    found = health(*codes((0.05, 0.05), 0.99))
    assert found.with_marginal(5.0).verdict is Verdict.COLLAPSED


@pytest.mark.parametrize(
    ("kind", "matching", "off"),
    [
        (CodesKind.POINT, Verdict.POINTS, Verdict.POINTS_OFF),
        (CodesKind.GAME, Verdict.GAME, Verdict.GAME_OFF),
        (CodesKind.SEARCHED, Verdict.SEARCHED, Verdict.SEARCHED_OFF),
    ],
)
def test_that_points_lie_as_the_prior_does_only_where_their_shape_is_the_priors(
    kind: CodesKind, matching: Verdict, off: Verdict
) -> None:
    gaussian, flat = RANDOM.normal(size=(4000, 2)).astype(np.float32), np.zeros((4000, 2), np.float32)
    assert health(gaussian, flat, kind).verdict is matching
    for other in (ring(), six_clusters(), 3 * gaussian, gaussian + 1):
        assert health(other, flat, kind).verdict is off


@pytest.mark.parametrize("scale", [1e-6, 0.02, 1.0, 1e6])
def test_that_a_rescaled_autoencoder_is_no_collapse(scale: float) -> None:
    """The decoder's first layer may undo any factor on the codes, so that the function stays the same."""
    found = health((scale * RANDOM.normal(size=(2000, 2))).astype(np.float32), np.zeros((2000, 2), np.float32), CodesKind.POINT)
    assert found.active == (True, True)
    assert found.verdict in (Verdict.POINTS, Verdict.POINTS_OFF)


def test_that_the_distance_to_the_prior_is_that_of_draws() -> None:
    points, draws = ring(1000).astype(np.float64), RANDOM.normal(size=(4000, 2))
    across = np.linalg.norm(points[:, None] - draws, axis=2).mean()
    own = [np.linalg.norm(each[:, None] - each, axis=2).sum() / (len(each) * (len(each) - 1)) for each in (points, draws)]
    assert prior_distance(points) == pytest.approx(2 * across - sum(own), abs=0.02)
    assert prior_distance(RANDOM.normal(size=(5000, 2))) == pytest.approx(0, abs=3e-3)
