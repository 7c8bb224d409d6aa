"""How figures are written."""

from __future__ import annotations

import pytest

from vae_explorer.models.terms import headline, number, said


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
    assert headline("vae", {"elbo": -129.88}, {"elbo": 0.53}) == "ELBO −129.9 ± 0.5 nats an image"
    assert headline("vae", {"elbo": -129.88}) == "ELBO −129.88 nats an image"
