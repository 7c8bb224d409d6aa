"""Which tiles are decoded beforehand."""

from __future__ import annotations

import numpy as np
import pytest

import vae_explorer as vx
from vae_explorer.inference.evidence.cover import FARTHEST, SIDE, busiest, step_of, strips_to
from vae_explorer.inference.evidence.engine import EvidenceEngine

FEW = 1e-12


def score(codes: np.ndarray, level: int, tile: tuple[int, int]) -> float:
    """Codes in the tile and the eight around it, those of each level half as much as those of the level above: one by one."""
    side = SIDE * step_of(level)
    near = [
        all(tile[axis] - 1 <= np.floor(code[axis] / side) <= tile[axis] + 1 for axis in range(2)) for code in codes.tolist()
    ]
    return sum(near) * 0.5**level


def test_that_the_busiest_tiles_are_those_around_which_the_most_codes_are() -> None:
    codes = np.random.default_rng(3).normal(size=(60, 2)) * (0.3, 0.8) + (1.0, -0.5)
    chosen = {(level, *key) for level, keys in busiest(codes, 150) for key in keys.tolist()}
    assert len(chosen) == 150
    least = min(score(codes, level, (column, row)) for level, column, row in chosen)
    others = [(1, column, row) for column in range(-4, 6) for row in range(-6, 6)]
    others += [(3, column, row) for column in range(16) for row in range(-12, 6)]
    assert least > 0
    assert all(score(codes, level, (column, row)) <= least + FEW for level, column, row in set(others) - chosen)


@pytest.mark.parametrize("codes", [np.zeros((0, 2)), np.full((5, 2), 40.0)])
def test_that_no_tile_is_busy_where_no_code_is(codes: np.ndarray) -> None:
    assert sum(len(keys) for _, keys in busiest(codes, 1000)) == 0


def test_that_what_was_decoded_beforehand_is_there_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = EvidenceEngine(vx.load("digits-vae"), budget=2_500_000)
    engine.build(finer=False)
    coarse = engine.lattice.held_bytes
    engine.build()
    assert engine.lattice.held_bytes > 1.2 * coarse
    monkeypatch.setattr(engine.lattice, "decode", lambda *_: pytest.fail("decoded anew"))
    engine.build()


def test_that_codes_far_out_cost_no_more_than_codes_near_the_edge() -> None:
    far = np.random.default_rng(0).normal(size=(4_000, 2)) * 100
    assert len(strips_to(far * 1e16, 7.0)) == 0
    near_enough = far[(np.abs(far) <= FARTHEST).all(axis=1)]
    assert len(strips_to(far, 7.0)) <= (2 * FARTHEST + 10) ** 2
    assert len(strips_to(near_enough[:50], 7.0)) > 0


@pytest.mark.filterwarnings("error")
def test_that_codes_far_out_are_counted_in_no_tile() -> None:
    near, far = np.full((50, 2), 0.1), np.array([[1e30, -1e30], [3e38, 0.0]])
    found, alone = busiest(np.concatenate([near, far]), 5), busiest(near, 5)
    assert [(level, keys.tolist()) for level, keys in found] == [(level, keys.tolist()) for level, keys in alone]
    assert not sum(len(keys) for _, keys in busiest(far, 5))
