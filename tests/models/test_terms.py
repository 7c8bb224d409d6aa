"""How figures are written."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from vae_explorer.models.bits import figures_in_bits
from vae_explorer.models.likelihoods import LIKELIHOODS
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.terms import headline, number, said

VAE = ModelSpec("vae", "mlp", (28, 28, 1), (4,))
LOGISTIC = ModelSpec("vae", "mlp", (4, 4, 3), (4,), "discretised-logistic")


@pytest.mark.parametrize(
    ("value", "error", "written"),
    [
        (-129.8812, 0.5312, "−129.9 ± 0.5"),
        (-1.0234, 0.0512, "−1.02 ± 0.05"),
        (7.5263, 0.0148, "7.526 ± 0.015"),
        (-129.8812, 0.96, "−129.9 ± 1.0"),
        (-23.05, 1.6, "−23.1 ± 1.6"),
        (-1234.5, 32.0, "−1234 ± 32"),
        (0.0016, 0.00012, "0.00160 ± 0.00012"),
        (-129.8812, None, "−129.88"),
        (-129.8812, 0.0, "−129.88"),
        (-129.8812, float("nan"), "−129.88"),
    ],
)
def test_that_a_number_has_the_decimals_that_its_error_allows(value: float, error: float | None, written: str) -> None:
    assert number(value, 2, error) == written


@pytest.mark.parametrize("value", [-0.0, -0.001, -0.0049])
def test_that_a_zero_has_no_minus(value: float) -> None:
    assert number(value, 2) == "0.00"
    assert number(value, 2, sign="+") == "+0.00"
    assert number(value, 2, 0.4) == "0.0 ± 0.4"


def test_that_a_term_is_said_with_its_error_where_that_is_known() -> None:
    assert said("elbo", -129.88, 0.53) == "ELBO −129.9 ± 0.5 nats an image"
    assert headline(VAE, {"elbo": -129.88}, {"elbo": 0.53}) == "ELBO −129.9 ± 0.5 nats an image"
    assert headline(VAE, {"elbo": -129.88}) == "ELBO −129.88 nats an image"


def test_that_a_code_length_of_8_bit_pixels_is_said_in_bits_too() -> None:
    nats = -4.5 * 48 * math.log(2)  # 4.5 bits for each of 48 numbers
    assert said("elbo", nats, None, LOGISTIC) == "ELBO −149.72 nats an image (4.500 bits/dim)"
    assert said("elbo", nats, 0.05 * 48 * math.log(2), LOGISTIC) == "ELBO −149.7 ± 1.7 nats an image (4.50 ± 0.05 bits/dim)"
    assert headline(LOGISTIC, {"elbo": nats}).endswith("(4.500 bits/dim)")


@pytest.mark.parametrize("name", ["reconstruction", "kl", "discriminator"])
def test_that_a_part_of_a_code_length_is_said_in_nats_alone(name: str) -> None:
    assert "bits" not in said(name, -149.72, None, LOGISTIC)


@pytest.mark.parametrize("likelihood", [name for name in LIKELIHOODS if name != "discretised-logistic"])
def test_that_a_density_and_binary_pixels_have_no_bits_of_8_bit_pixels(likelihood: str) -> None:
    spec = replace(LOGISTIC, likelihood=likelihood)
    assert "bits" not in said("elbo", -149.72, None, spec)
    assert figures_in_bits({"elbo": -149.72}, spec) == {}


def test_that_figures_in_bits_have_their_errors_beside_them() -> None:
    found = figures_in_bits({"elbo": -48 * math.log(2), "elbo_se": 4.8 * math.log(2), "kl": 3.0}, LOGISTIC)
    assert found == pytest.approx({"elbo_bits_per_dim": 1.0, "elbo_bits_per_dim_se": 0.1})
