from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vae_explorer.latent.neighbours import NearestCode

coordinates = st.floats(-10, 10, width=32)


@settings(deadline=None)
@given(
    codes=st.integers(1, 40).flatmap(lambda n: arrays(np.float32, (n, 2), elements=coordinates)),
    z=st.tuples(coordinates, coordinates),
)
def test_that_the_nearest_code_is_the_one_that_brute_force_finds(codes: np.ndarray, z: tuple[float, float]) -> None:
    found = NearestCode(codes)(z)
    distances = np.hypot(codes[:, 0].astype(float) - z[0], codes[:, 1].astype(float) - z[1])
    assert found is not None
    assert found[1] == pytest.approx(distances.min(), rel=1e-12, abs=1e-12)
    assert distances[found[0]] == pytest.approx(distances.min(), rel=1e-12, abs=1e-12)


def test_that_a_code_is_nearest_to_itself() -> None:
    codes = np.random.default_rng(0).normal(size=(2000, 2)).astype(np.float32)
    nearest = NearestCode(codes)
    assert all(nearest(codes[i]) == (i, 0.0) for i in range(0, 2000, 37))


def test_that_among_no_codes_none_is_nearest() -> None:
    assert NearestCode(np.zeros((0, 2), np.float32))((0, 0)) is None
