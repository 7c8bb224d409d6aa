from __future__ import annotations

import numpy as np
import pytest

from vae_explorer.codes import Codes, Split


@pytest.fixture
def codes() -> Codes:
    mean = np.arange(10, dtype=np.float32).reshape(5, 2)
    return Codes(
        mean,
        mean + 1,
        np.array([3, 1, 4, 1, 5], np.uint8),
        np.repeat(np.array([Split.TRAIN, Split.TEST], np.uint8), [3, 2]),
    )


def test_that_a_split_holds_its_own_codes_in_order(codes: Codes) -> None:
    test = codes.of_split(Split.TEST)
    assert test.mean.tolist() == [[6, 7], [8, 9]]
    assert test.std.tolist() == [[7, 8], [9, 10]]
    assert test.label.tolist() == [1, 5]
    assert len(codes.of_split(Split.TRAIN)) == 3


@pytest.mark.parametrize(
    ("index", "place"), [(0, (Split.TRAIN, 0)), (2, (Split.TRAIN, 2)), (3, (Split.TEST, 0)), (4, (Split.TEST, 1))]
)
def test_that_a_code_knows_its_image_in_its_split(codes: Codes, index: int, place: tuple[int, int]) -> None:
    assert codes.place_in_split(index) == place


def test_that_no_codes_are_codes_too() -> None:
    assert len(Codes.empty()) == 0
    assert Codes.empty().mean.shape == (0, 2)


def test_that_the_arrays_have_the_names_of_the_fields(codes: Codes) -> None:
    assert Codes(**codes.arrays()) == codes
