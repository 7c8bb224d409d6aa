from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from vae_explorer.latent.ticks import even_ticks, tick_step, ticks_at_probabilities


@given(least=st.floats(1e-6, 1e6))
def test_that_a_step_is_the_smallest_round_one_that_is_large_enough(least: float) -> None:
    rounds = [digit * 10.0**power for power in range(-7, 8) for digit in (1, 2, 5)]
    assert tick_step(least) == pytest.approx(min(step for step in rounds if step >= least * (1 - 1e-9)))


def test_that_even_ticks_are_the_multiples_in_range() -> None:
    assert [(tick.at, tick.text) for tick in even_ticks(-1.2, 1.6, 0.4)] == [
        (-1.0, "−1.0"),
        (-0.5, "−0.5"),
        (0.0, "0.0"),
        (0.5, "0.5"),
        (1.0, "1.0"),
        (1.5, "1.5"),
    ]


def test_that_the_whole_square_shows_whole_numbers_and_halves_in_the_middle() -> None:
    ticks = ticks_at_probabilities(0.0, 1.0, gap=0.14, least_gap=0.03)
    assert [tick.text for tick in ticks if tick.text] == ["−2", "−1", "−0.5", "0", "0.5", "1", "2"]
    assert {0.9986501, 0.0013499} <= {round(tick.at, 7) for tick in ticks if not tick.text}


@settings(deadline=None)
@given(
    middle=st.floats(-6, 6),
    width=st.sampled_from([1e-4, 3e-3, 0.2, 1.0]),
    room=st.integers(2, 20),
)
def test_that_every_number_stands_at_its_probability_and_none_on_another(middle: float, width: float, room: int) -> None:
    low, high = norm.cdf(middle) - width / 2, norm.cdf(middle) + width / 2
    gap = width / room
    ticks = ticks_at_probabilities(low, high, gap, gap / 3)
    shown = [tick for tick in ticks if tick.text]
    assert all(low <= tick.at <= high for tick in ticks)
    assert [norm.cdf(float(tick.text.replace("−", "-"))) for tick in shown] == pytest.approx(
        [tick.at for tick in shown], abs=1e-12
    )
    assert (np.diff([tick.at for tick in shown]) >= gap / 3 * (1 - 1e-9)).all()


def test_that_a_narrow_view_in_the_middle_still_has_numbers() -> None:
    shown = [tick.text for tick in ticks_at_probabilities(0.61, 0.6101, 1e-5, 3e-6) if tick.text]
    assert len(shown) >= 2
    assert all(0.27 < float(text) < 0.29 for text in shown)
