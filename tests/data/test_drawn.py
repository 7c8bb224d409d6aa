"""Images that are drawn once and kept in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_explorer.data.drawn import drawn_once

SHAPE = (3, 4, 5, 3)


class Drawing:
    """Counts how often the images are drawn."""

    def __init__(self) -> None:
        self.images = np.random.default_rng(0).integers(0, 256, SHAPE, dtype=np.uint8)
        self.times = 0

    def __call__(self) -> NDArray[np.uint8]:
        self.times += 1
        return self.images


def drawn(root: Path, draw: Drawing) -> NDArray[np.uint8]:
    return drawn_once(root, "stars", "facts", SHAPE, draw)


def test_that_images_are_drawn_once(tmp_path: Path) -> None:
    draw = Drawing()
    for _ in range(3):
        np.testing.assert_array_equal(drawn(tmp_path, draw), draw.images)
    assert draw.times == 1


OTHERS = {
    "fewer images": np.zeros((2, 4, 5, 3), np.uint8),
    "another side": np.zeros((3, 5, 4, 3), np.uint8),
    "other numbers": np.zeros(SHAPE, np.float32),
    "objects": np.array([None]),
    "nothing": np.zeros((), np.uint8),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_that_a_kept_file_with_another_array_is_drawn_again(tmp_path: Path, kind: str) -> None:
    draw = Drawing()
    drawn(tmp_path, draw)
    (kept,) = (tmp_path / "stars").iterdir()
    np.save(kept, OTHERS[kind])
    for _ in range(2):
        np.testing.assert_array_equal(drawn(tmp_path, draw), draw.images)
    assert draw.times == 2
    np.testing.assert_array_equal(np.load(kept), draw.images)


def test_that_a_kept_file_that_is_cut_off_is_drawn_again(tmp_path: Path) -> None:
    draw = Drawing()
    drawn(tmp_path, draw)
    (kept,) = (tmp_path / "stars").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    np.testing.assert_array_equal(drawn(tmp_path, draw), draw.images)
    assert draw.times == 2
