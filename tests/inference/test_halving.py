"""What half the step would move a sum by, as it is estimated from one lattice, against the exact integral of known densities."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.inference.evidence_models import small_model
from vae_explorer.inference.evidence.cover import POINTS, log_prior, points_of, step_of, tiles_over
from vae_explorer.inference.evidence.cover import everywhere as all_tiles
from vae_explorer.inference.evidence.halving import bends
from vae_explorer.inference.evidence.halving import summed as sum_over
from vae_explorer.inference.evidence.integral import TOLERANCE
from vae_explorer.inference.evidence.lattice import DecodedLattice
from vae_explorer.models.base import build_model

LEVEL = 5
STEP = step_of(LEVEL)
ROUNDING = 1e-9


def summed(log_density, reach: float, smooth: bool = True) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """log of the sum over the lattice, and what half the step is said to move it by at most."""
    keys = tiles_over(LEVEL, np.full(2, -reach), np.full(2, reach))
    joint = log_density(points_of(LEVEL, keys)).reshape(-1, POINTS)
    total, moved = sum_over(joint, bends(joint), all_tiles(1, keys), LEVEL, smooth)
    return float(total[0]), float(moved[0])


def gaussian(covariance: NDArray[np.float64], mean: NDArray[np.float64]):  # type: ignore[no-untyped-def]
    root = np.linalg.inv(np.linalg.cholesky(covariance))
    return lambda z: log_prior((z - mean) @ root.T) + math.log(np.linalg.det(root))


@pytest.mark.parametrize("std", [0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.6, 2.5])
@pytest.mark.parametrize("long", [1.0, 4.0])
@pytest.mark.parametrize("turn", [0.0, math.pi / 8, math.pi / 4])
def test_that_a_gaussian_is_off_by_no_more_than_half_the_step_is_said_to_move_it(std: float, long: float, turn: float) -> None:
    """`std` is that of the narrow axis in steps. Half-way between the points twice the step moves it by nothing at all."""
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    covariance = turned @ np.diag(np.square([std * STEP, long * std * STEP])) @ turned.T
    for place in ([0.0, 0.0], [0.5, 0.0], [0.5, 0.5], [0.31, 0.73]):
        total, moved = summed(gaussian(covariance, np.array(place) * STEP), 12 * long * std * STEP)
        assert abs(math.expm1(-total)) <= 1.1 * moved + ROUNDING


def test_that_a_step_of_one_std_is_fine_enough_and_two_are_not_wherever_the_points_lie() -> None:
    for std, enough in ((1.0, True), (0.5, False)):
        for place in np.random.default_rng(0).uniform(size=(20, 2)):
            _, moved = summed(gaussian(np.diag(np.square([std * STEP, 4 * std * STEP])), place * STEP), 50 * std * STEP)
            assert (moved <= 1e-3) == enough


@pytest.mark.parametrize("share", [0.5, 0.03, 0.003])
def test_that_a_narrow_peak_beside_a_wide_one_is_seen(share: float) -> None:
    wide, narrow = np.eye(2) * np.square(3 * STEP), np.eye(2) * np.square(0.45 * STEP)
    for place in ([0.0, 0.0], [0.25, 0.4]):
        peak = gaussian(narrow, (np.array(place) + 12) * STEP)
        total, moved = summed(
            lambda z, peak=peak: np.logaddexp(math.log(1 - share) + gaussian(wide, np.zeros(2))(z), math.log(share) + peak(z)),
            40 * STEP,
        )
        assert abs(math.expm1(-total)) <= 1.1 * moved + ROUNDING


SHAPES = {
    "hyperbolic secant": lambda u: -np.logaddexp(u, -u),
    "softened kink": lambda u: -np.sqrt(1 + u * u),
    "sharper softened kink": lambda u: -3 * np.sqrt(1 + u * u),
    "logistic": lambda u: -2 * np.logaddexp(u / 2, -u / 2),
    "lopsided": lambda u: u - 4 * np.logaddexp(0, u),
}


@pytest.mark.parametrize("shape", list(SHAPES))
def test_that_what_is_found_fine_enough_is_exact_for_other_shapes_too(shape: str) -> None:
    """Across, at any width and place; along, a Gaussian. The exact integral is a fine sum in one dimension."""
    across, random = SHAPES[shape], np.random.default_rng(0)
    u = np.linspace(-60, 60, 120_001)
    area = math.log(float(np.exp(across(u)).sum()) * (u[1] - u[0]) * 3 * STEP * math.sqrt(2 * math.pi))
    accepted = 0
    for width in np.geomspace(0.3, 3, 60):
        place = 0.5 if random.uniform() < 0.3 else random.uniform()  # half-way between points twice the step is blind
        total, moved = summed(
            lambda z, s=width * STEP, at=place * STEP: across((z[..., 0] - at) / s) - 0.5 * np.square(z[..., 1] / (3 * STEP)),
            max(40 * width, 24) * STEP,
        )
        if moved <= TOLERANCE:
            accepted += 1
            assert abs(total - area - math.log(width * STEP)) <= 1e-3
    assert 10 < accepted < 50  # some widths are too narrow for the step, some are not


def test_that_kinks_are_not_said_to_be_smoothed_out_by_half_the_step() -> None:
    """exp(−|x|) across, as rectified units may make it, with a Gaussian along: an even sum converges slowly."""
    for scale in (0.5, 1.0, 2.0, 4.0, 8.0):
        total, moved = summed(
            lambda z, scale=scale: -np.abs(z[..., 0] - 0.3 * STEP) / (scale * STEP) - 0.5 * np.square(z[..., 1] / (3 * STEP)),
            120 * STEP,
            smooth=False,
        )
        exact = 2 * scale * STEP * 3 * STEP * math.sqrt(2 * math.pi)
        assert abs(math.expm1(total - math.log(exact))) <= moved + 1e-6


@pytest.mark.parametrize(("activation", "smooth"), [("gelu", True), ("relu", False)])
def test_that_rectified_units_make_kinks(activation: str, smooth: bool) -> None:
    network = build_model(replace(small_model().card.spec, activation=activation))
    assert DecodedLattice(network).is_smooth == smooth
