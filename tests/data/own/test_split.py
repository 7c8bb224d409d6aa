"""The split into training and test images: stratified, seeded, and never empty."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_explorer.codes import Split
from vae_explorer.data.own.sources.splits import splits_of
from vae_explorer.data.own.split import given_splits, split_images
from vae_explorer.errors import UserError


def test_images_of(splits: np.ndarray, classes: np.ndarray) -> list[int]:
    return np.bincount(classes[splits == Split.TEST], minlength=classes.max() + 1).tolist()  # type: ignore[no-any-return]


test_images_of.__test__ = False  # type: ignore[attr-defined]


def test_that_each_class_has_its_share() -> None:
    classes = np.repeat([0, 1, 2], [100, 50, 10]).astype(np.int32)
    assert test_images_of(split_images(classes, 160, 0.2, 0), classes) == [20, 10, 2]


def test_that_the_seed_decides() -> None:
    first, again, other = (split_images(None, 50, None, seed) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_that_a_large_set_has_10_000_test_images() -> None:
    assert int(split_images(None, 200_000, None, 0).sum()) == 10_000
    assert int(split_images(None, 200_000, 0.5, 0).sum()) == 100_000


@given(st.lists(st.integers(-1, 6), min_size=2, max_size=60), st.floats(0.001, 0.9), st.integers(0, 5))
def test_that_the_share_holds_and_classes_keep_training_images(numbers: list[int], share: float, seed: int) -> None:
    classes = np.array(numbers, np.int32)
    splits = split_images(classes, len(classes), share, seed)
    wanted = min(max(round(share * len(classes)), 1), len(classes) - 1)
    assert int((splits == Split.TEST).sum()) == wanted
    without = [number for number in set(numbers) if not ((classes == number) & (splits == Split.TRAIN)).any()]
    assert not without or wanted > len(classes) - len(set(numbers))


@pytest.mark.parametrize("images", [0, 1])
def test_that_fewer_than_two_images_are_refused(images: int) -> None:
    with pytest.raises(UserError, match="needs 2: one to train with and one to test with"):
        split_images(None, images, None, 0)


def test_that_a_given_split_needs_both_parts() -> None:
    assert given_splits([Split.TEST, Split.TRAIN]).tolist() == [1, 0]
    with pytest.raises(UserError, match="no test images"):
        given_splits([Split.TRAIN, Split.TRAIN])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["train", "test"], {"train": Split.TRAIN, "test": Split.TEST}),
        (["Train ", "VAL"], {"Train ": Split.TRAIN, "VAL": Split.TEST}),
        (["train", "val", "test"], {"train": Split.TRAIN, "val": Split.TRAIN, "test": Split.TEST}),
        (["train", "cat"], {}),
        (["train"], {}),
        ([], {}),
    ],
)
def test_that_words_name_splits(words: list[str], expected: dict[str, Split]) -> None:
    assert splits_of(words) == expected
