from __future__ import annotations

from pathlib import Path

import numpy as np

from vae_explorer.mapped import is_mapped, release


def test_that_mapped_arrays_their_parts_and_shapes_are_known(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", np.arange(60, dtype=np.uint8))
    mapped = np.load(tmp_path / "numbers.npy", mmap_mode="r")
    assert is_mapped(mapped)
    assert is_mapped(mapped[3:40].reshape(-1, 1))
    assert is_mapped(np.asarray(mapped))
    assert not is_mapped(mapped.copy())
    assert not is_mapped(np.arange(60))


def test_that_what_was_given_back_is_read_again(tmp_path: Path) -> None:
    np.save(tmp_path / "numbers.npy", np.arange(100_000, dtype=np.int32))
    mapped = np.load(tmp_path / "numbers.npy", mmap_mode="r")
    part = mapped[5:]
    assert part.sum() == sum(range(5, 100_000))
    release(part)
    assert part.sum() == sum(range(5, 100_000))


def test_that_an_array_in_memory_is_left_alone() -> None:
    numbers = np.arange(100_000)
    release(numbers)
    assert numbers.sum() == sum(range(100_000))
