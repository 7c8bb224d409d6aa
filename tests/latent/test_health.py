from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_explorer.latent.health import Verdict, health

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
        ((1.0, 1.0), 0.05, 0.0, (True, True), Verdict.WELL),
        ((1.0, 0.05), 0.99, 0.0, (True, False), Verdict.HALF_COLLAPSED),
        ((0.05, 0.05), 0.99, 0.0, (False, False), Verdict.COLLAPSED),
        ((3.0, 1.0), 0.05, 0.0, (True, True), Verdict.WIDE),
        ((0.3, 0.9), 0.05, 0.0, (True, True), Verdict.NARROW),
        ((1.0, 1.0), 0.05, 1.0, (True, True), Verdict.SHIFTED),
        ((9.0, 9.0), 0.0, 4.0, (True, True), Verdict.POINTS_WIDE),
        ((1.0, 1.0), 0.0, 0.0, (True, True), Verdict.POINTS),
    ],
)
def test_that_the_verdict_follows_the_numbers(
    spread: tuple[float, float], std: float, centre: float, active: tuple[bool, bool], verdict: Verdict
) -> None:
    found = health(*codes(spread, std, centre))
    assert (found.active, found.verdict) == (active, verdict)
    assert (found.kl is None) == (std == 0)


def test_that_posteriors_that_bend_have_no_kl_by_dimension() -> None:
    flat, bent = health(*codes((1.0, 1.0), 0.05)), health(*codes((1.0, 1.0), 0.05), bends=True)
    assert flat.kl is not None
    assert bent.kl is None
    assert bent.verdict is flat.verdict is Verdict.WELL


def test_that_codes_of_which_some_are_points_are_refused() -> None:
    mean, std = codes((1.0, 1.0), 0.05)
    std[7, 1] = 0
    with pytest.raises(ValueError, match="some codes have a width and others have none"):
        health(mean, std)


def test_that_no_codes_have_no_health() -> None:
    nothing = np.zeros((0, 2), np.float32)
    assert health(nothing, nothing).verdict is Verdict.NO_CODES
